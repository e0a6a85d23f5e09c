package gen

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// DriftKind is how a file differs from the generated one.
type DriftKind string

// The kinds of drift.
const (
	// Changed is a file with other bytes.
	Changed DriftKind = "changed"
	// Missing is a file that is not there.
	Missing DriftKind = "missing"
	// Extra is a file that the generator does not write.
	Extra DriftKind = "extra"
)

// Drift is one file that differs.
type Drift struct {
	// File is the file's name.
	File string
	// Kind is how it differs.
	Kind DriftKind
	// Line is the first line that differs, from 1; 0 unless the file is changed.
	Line int
	// Vector is the ID of the vector that the generator has at that line; empty outside of the vectors.
	Vector string
	// Want and Have are that line as generated and as found, without its line end; empty where one file is shorter.
	Want, Have string
}

// String describes the difference, on three lines for a changed file.
func (d Drift) String() string {
	switch d.Kind {
	case Missing:
		return d.File + ": missing"
	case Extra:
		return d.File + ": not a generated file"
	}
	where := fmt.Sprintf("%s:%d", d.File, d.Line)
	if d.Vector != "" {
		where += fmt.Sprintf(": vector %q", d.Vector)
	}
	want, have := clip(d.Want, d.Have), clip(d.Have, d.Want)
	return fmt.Sprintf("%s\n    generated: %s\n    found:     %s", where, want, have)
}

// DriftError says that files are not as generated.
type DriftError struct {
	// Files are the differences, by name; at least one.
	Files []Drift
}

// Error lists every difference and says what to do.
func (e *DriftError) Error() string {
	var b strings.Builder
	b.WriteString("vectors are not as generated:")
	for _, d := range e.Files {
		b.WriteString("\n  " + d.String())
	}
	b.WriteString("\nvectors are never edited by hand: change vectors/gen, then run `oizys vectors generate`")
	return b.String()
}

var idLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^      "id": "([^"]*)",$`) })

// compare finds the first line in which two texts differ.
func compare(name string, want, have []byte) Drift {
	d := Drift{File: name, Kind: Changed}
	w, h := bytes.Split(want, []byte("\n")), bytes.Split(have, []byte("\n"))
	i := 0
	for i < len(w) && i < len(h) && bytes.Equal(w[i], h[i]) {
		i++
	}
	d.Line = i + 1
	if i < len(w) {
		d.Want = string(w[i])
	}
	if i < len(h) {
		d.Have = string(h[i])
	}
	before := bytes.Join(w[:min(i+1, len(w))], []byte("\n"))
	if ids := idLine().FindAllSubmatch(before, -1); len(ids) > 0 {
		d.Vector = string(ids[len(ids)-1][1])
	}
	return d
}

// clip quotes the stretch of a line around the place where it first differs from the other.
func clip(line, other string) string {
	const before, after = 30, 50
	i := 0
	for i < len(line) && i < len(other) && line[i] == other[i] {
		i++
	}
	from, to := max(0, i-before), min(len(line), i+after)
	text := fmt.Sprintf("%q", strings.TrimLeft(line[from:to], " "))
	if from > 0 {
		text = "… " + text
	}
	if to < len(line) {
		text += " …"
	}
	return text
}
