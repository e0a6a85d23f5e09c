package live

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/scenario"
)

// corpus is a folder of acts that reached something, and of how far runs have come.
type corpus struct {
	o        *Options
	dir      string
	acts     []Act
	names    map[string]bool
	skipped  []string
	progress progress
	failed   error // the first time that something could not be written
}

// progress is how far runs of one seed and shard have come.
type progress struct {
	Seed  uint64 `json:"seed"`
	Shard string `json:"shard"`
	Next  uint64 `json:"next"`
}

const (
	corpusEnd    = ".acts"
	progressFile = "progress.json"
	maxCorpus    = 1 << 20 // bytes of a file; longer ones are none of ours
)

// openCorpus reads the folder, which is made if it is missing. Files that are no acts are named and left alone.
func openCorpus(o *Options) (*corpus, error) {
	c := &corpus{o: o, dir: o.Corpus, names: map[string]bool{}}
	if err := os.MkdirAll(c.dir, 0o777); err != nil {
		return nil, fmt.Errorf("%w: the corpus: %w", ErrUsage, err)
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return nil, fmt.Errorf("%w: the corpus: %w", ErrUsage, err)
	}
	here := progress{Seed: o.Seed, Shard: fmt.Sprintf("%d/%d", o.Shard.Index, o.Shard.Count)}
	c.progress = here
	for _, e := range entries {
		switch acts, why := c.read(e); {
		case e.Name() == progressFile:
			if err := c.resume(here); err != nil {
				c.skip(e.Name(), err.Error())
			}
		case why != "":
			c.skip(e.Name(), why)
		default:
			c.names[e.Name()] = true
			c.acts = append(c.acts, acts...)
		}
	}
	return c, nil
}

func (c *corpus) skip(name, why string) {
	c.skipped = append(c.skipped, fmt.Sprintf("%s: %s", name, why))
	c.o.Progress.Note("left alone in the corpus: %s: %s", name, why)
}

func (c *corpus) read(e fs.DirEntry) (acts []Act, why string) {
	info, err := e.Info()
	switch {
	case err != nil:
		return nil, err.Error()
	case !info.Mode().IsRegular():
		return nil, "no file"
	case !strings.HasSuffix(e.Name(), corpusEnd):
		return nil, "its name does not end in " + corpusEnd
	case info.Size() > maxCorpus:
		return nil, fmt.Sprintf("%d bytes; acts are shorter", info.Size())
	}
	text, err := os.ReadFile(filepath.Join(c.dir, e.Name()))
	if err != nil {
		return nil, err.Error()
	}
	if acts, err = ParseActs(string(text)); err != nil {
		return nil, err.Error()
	}
	return acts, ""
}

// resume takes over how far the runs before have come, if they were of this seed and shard.
func (c *corpus) resume(here progress) error {
	text, err := os.ReadFile(filepath.Join(c.dir, progressFile))
	if err != nil {
		return err
	}
	var p progress
	if err := json.Unmarshal(text, &p); err != nil {
		return fmt.Errorf("no progress: %w", err)
	}
	if p.Seed == here.Seed && p.Shard == here.Shard {
		c.progress.Next = p.Next
	}
	return nil
}

const (
	maxKept     = 2000
	maxKeptSize = 4 << 10 // bytes of an act's text
)

// keep adds acts that reached something new. A folder that cannot be written to is said once, and the run goes on.
func (c *corpus) keep(acts []Act) {
	for i := range acts {
		text := acts[i].String()
		sum := sha256.Sum256([]byte(text))
		name := hex.EncodeToString(sum[:8]) + corpusEnd
		if c.names[name] || c.failed != nil || len(c.names) >= maxKept || len(text) > maxKeptSize {
			continue
		}
		if c.failed = writeFile(filepath.Join(c.dir, name), []byte(text)); c.failed != nil {
			c.o.Progress.Note("the corpus cannot be written: %v; the run goes on without", c.failed)
			return
		}
		c.names[name] = true
	}
}

// close writes down how far the run came.
func (c *corpus) close(next uint64) error {
	c.progress.Next = next
	text, err := json.Marshal(c.progress)
	if err == nil && c.failed == nil {
		err = writeFile(filepath.Join(c.dir, progressFile), append(text, '\n'))
	}
	if err = errors.Join(c.failed, err); err != nil {
		return fmt.Errorf("%w: the corpus is not complete: %w", ErrNotJudged, err)
	}
	return nil
}

// writeFile writes a file whole or not at all.
func writeFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".unfinished-")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err == nil {
		if err = os.Rename(f.Name(), path); err == nil {
			return nil
		}
	}
	_ = os.Remove(f.Name()) // what is in the way is told by err
	return err
}

// corpusActs plays what the corpus holds, before the plan.
func (h *hunter) corpusActs(ctx context.Context) error {
	if h.corpus == nil {
		return nil
	}
	h.sums.Skipped = h.corpus.skipped
	if len(h.corpus.acts) == 0 {
		return nil
	}
	p, err := h.player(h.patience)
	if err != nil {
		return err
	}
	for i := range h.corpus.acts {
		a := &h.corpus.acts[i]
		if h.over() || ctx.Err() != nil {
			return nil
		}
		if a.Mode == Together && !h.together {
			continue
		}
		out := h.play(p, a)
		h.done.Acts++
		h.done.played(a, out)
		h.states[state(a.Mode, &a.List[out.which], out.result)] = struct{}{}
		if out.result.Breach == scenario.None || ctx.Err() != nil {
			h.recalled(a)
			continue
		}
		if err := h.settle(ctx, []*suspect{{act: *a, index: -1, obs: observe(a, out), out: out, at: h.begin}}); err != nil {
			return err
		}
		if p, err = h.player(h.patience); err != nil {
			return err
		}
	}
	return nil
}
