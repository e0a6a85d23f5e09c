package live

import (
	"bytes"
	"context"
	"fmt"
	"hash/maphash"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// goCover reads what a Go peer, built with -cover, writes into GOCOVERDIR when it ends in an orderly way.
type goCover struct {
	dir  string
	seed maphash.Seed
}

func newGoCover(dir string) (g *goCover, env string, err error) {
	g = &goCover{dir: filepath.Join(dir, "gocover"), seed: maphash.MakeSeed()}
	return g, "GOCOVERDIR=" + g.dir, os.Mkdir(g.dir, 0o700)
}

// files returns what was written with such a name's beginning.
func (g *goCover) files(begin string) []string {
	names, _ := filepath.Glob(filepath.Join(g.dir, begin+"*")) // a pattern without faults
	return names
}

// reset forgets what has run.
func (g *goCover) reset() {
	for _, name := range g.files("covcounters.") {
		_ = os.Remove(name) // what stays is counted once more
	}
}

// ran returns the blocks of statements that have run since the last reset, by peers that have ended.
func (g *goCover) ran(ctx context.Context) ([]place, error) {
	if len(g.files("covcounters.")) == 0 {
		return nil, nil
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "tool", "covdata", "textfmt", "-i", g.dir, "-o", "/dev/stdout")
	cmd.Stderr = &said
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: reading the peer's coverage with `go tool covdata`: %w %s", ErrNotJudged, err, strings.TrimSpace(said.String()))
	}
	var places []place
	for line := range strings.Lines(string(text)) {
		// file:line.column,line.column statements count
		block, count, ok := cutLast(strings.TrimSpace(line), " ")
		if ok && count != "0" && !strings.HasPrefix(line, "mode:") {
			places = append(places, place(maphash.String(g.seed, block)))
		}
	}
	return places, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
