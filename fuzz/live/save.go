package live

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/oizys-protocol/oizys/vectors"
	"github.com/oizys-protocol/oizys/vectors/gen"
)

// The files of a finding's folder.
const (
	actsFile   = "acts.txt"    // what shows it, for --replay
	detailFile = "finding.txt" // for people, with annotated bytes
	dataFile   = "finding.json"
	vectorFile = "vector.json" // a file of golden vectors, when one says it
	outputFile = "peer-output.txt"
)

// save writes a finding into a folder of its own: whole or not at all. What cannot be written is said, and the finding
// is in the summary all the same.
func (h *hunter) save(f *Finding) {
	saveFinding(&h.o, h.sums, f)
}

func saveFinding(o *Options, sums *Summary, f *Finding) {
	f.Replay = o.replayCommand(f, "")
	if o.Out == "" {
		return
	}
	sum := sha256.Sum256([]byte(f.Key + "\n" + f.Acts))
	folder := filepath.Join(o.Out, slug(f.Key)+"-"+hex.EncodeToString(sum[:4]))
	if f.Acts != "" {
		f.Replay = o.replayCommand(f, folder)
	}
	f.Saved = folder
	if err := f.write(o.Out, folder); err != nil {
		f.Saved = ""
		f.Replay = o.replayCommand(f, "")
		sums.Unsaved = append(sums.Unsaved, fmt.Sprintf("%s: %v", f.Key, err))
		o.Progress.Note("the finding %q could not be saved: %v; it is in the summary", f.Key, err)
	}
}

func (f *Finding) write(out, folder string) (err error) {
	if _, err := os.Stat(folder); err == nil {
		return nil // the same finding, from an earlier run
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(out, ".unfinished-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(temporary) // what is in the way is told by err
		}
	}()
	if err := os.Chmod(temporary, 0o755); err != nil { // MkdirTemp makes it for the user alone
		return err
	}
	for name, content := range f.files() {
		if err := os.WriteFile(filepath.Join(temporary, name), content, 0o666); err != nil {
			return err
		}
	}
	return os.Rename(temporary, folder)
}

func (f *Finding) files() map[string][]byte {
	files := map[string][]byte{}
	if f.Acts != "" {
		files[actsFile] = []byte("# " + f.Key + "\n" + f.Acts)
	}
	var text strings.Builder
	f.text(&text)
	files[detailFile] = []byte(text.String())
	if data, err := inJSON(f); err == nil { // it has no values that JSON lacks
		files[dataFile] = data
	}
	if f.PeerOutput != "" {
		files[outputFile] = []byte(f.PeerOutput)
	}
	if s := f.vectorOf(); s != nil {
		sum := sha256.Sum256([]byte(f.Acts))
		if v, err := s.Vector("found-"+hex.EncodeToString(sum[:4]), "Found by fuzzing: "+f.Key+"."); err == nil {
			files[vectorFile] = gen.Format(vectors.File{
				Name: vectorFile, Area: "vector", Description: "Found by fuzzing.", Vectors: []*vectors.Vector{v},
			})
		}
	}
	return files
}

// slug makes a key a name that every file system takes.
func slug(key string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(key) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String()[:min(b.Len(), 80)], "-")
}
