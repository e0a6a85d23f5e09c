package live

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// DefaultOut is the folder in which findings are saved unless the user says otherwise.
const DefaultOut = "oizys-findings"

// asked says what can be replayed, for errors.
const asked = "a replay is of the index of an act, of a finding's folder or the " + actsFile + " in it, or of a folder of findings, by default " + DefaultOut

// mostSaved is the longest file of acts, in bytes, against slips.
const mostSaved = 1 << 28

// ReadReplays reads what is to be replayed: a file of acts, a saved finding's folder, or a folder of such, each of which is
// a replay of its own. The error says what is wanted.
func ReadReplays(path string) ([]Replay, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w; %s", err, asked)
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is neither a file nor a folder; %s", path, asked)
	case !info.IsDir():
		acts, err := readActs(path)
		return []Replay{{path, acts}}, err
	}
	saved := []string{filepath.Join(path, actsFile)}
	if _, err := os.Stat(saved[0]); err != nil {
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		saved = nil
		for _, entry := range entries {
			file := filepath.Join(path, entry.Name(), actsFile)
			if _, err := os.Stat(file); err == nil {
				saved = append(saved, file)
			}
		}
	}
	if len(saved) == 0 {
		return nil, fmt.Errorf("the folder %s has no %s, and no folder in it has one; %s", path, actsFile, asked)
	}
	slices.Sort(saved)
	var replays []Replay
	for _, file := range saved {
		acts, err := readActs(file)
		if err != nil {
			return nil, err
		}
		replays = append(replays, Replay{filepath.Dir(file), acts})
	}
	return replays, nil
}

// readActs reads a file of acts.
func readActs(path string) ([]Act, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostSaved+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > mostSaved:
		return nil, fmt.Errorf("%s has more than %d MiB: it is no file of acts; %s", path, mostSaved>>20, asked)
	}
	if what := foreign(text); what != "" {
		return nil, fmt.Errorf("%s is %s; %s", path, what, asked)
	}
	acts, err := ParseActs(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s is no file of acts: %w; %s", path, err, asked)
	}
	return acts, nil
}

// foreign says what a file in JSON is, which holds no acts; it is empty for others.
func foreign(text []byte) string {
	if !json.Valid(text) {
		return ""
	}
	var file map[string]json.RawMessage
	_ = json.Unmarshal(text, &file) // one that is no object has no members
	var vectors []json.RawMessage
	switch {
	case json.Unmarshal(file["vectors"], &vectors) == nil && len(vectors) > 0:
		return fmt.Sprintf("a file of golden vectors (%d), which `oizys certify --case ID` plays", len(vectors))
	case file["key"] != nil && file["acts"] != nil:
		return "a finding's data: give the folder in which it lies"
	default:
		return "JSON, and no file of acts"
	}
}
