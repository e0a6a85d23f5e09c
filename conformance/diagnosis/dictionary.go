package diagnosis

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/pattern"
	"github.com/oizys-protocol/oizys/spec"
)

// Schema names the JSON form of a dictionary.
const Schema = "oizys-dictionary/1"

// ErrDamaged is wrapped by the error of a dictionary that cannot be read.
var ErrDamaged = errors.New("damaged dictionary")

//go:embed data/*.json
var data embed.FS

// Dictionary holds what the suite found of every fault of one role. It may be used concurrently.
type Dictionary struct {
	role    spec.Role
	entries []entry
	having  map[string]int // how many faults have a mark
}

// entry is what was found of one fault.
type entry struct {
	Fault string `json:"fault"`
	// Marks are the texts that name them. Unjudged are the cases that came to no verdict: IDs, and families as FAMILY/*.
	Marks    []string `json:"marks"`
	Unjudged []string `json:"unjudged,omitempty"`

	marks    map[string]mark
	unjudged map[string]bool
}

func (e *entry) judged(id string) bool { return !e.unjudged[id] && !e.unjudged[wholeFamily(id)] }

// wholeFamily names all cases of the family that a case belongs to.
func wholeFamily(id string) string { return pattern.Family(id) + "/*" }

// cases returns the IDs of those that found the fault.
func (e *entry) cases() []string {
	var ids []string
	for _, m := range e.marks {
		if m.kind == "case" {
			ids = append(ids, m.caseID)
		}
	}
	slices.Sort(ids)
	return ids
}

type file struct {
	Schema  string    `json:"schema"`
	Role    spec.Role `json:"role"`
	Entries []entry   `json:"entries"`
}

var embedded = sync.OnceValues(func() (map[spec.Role]*Dictionary, error) {
	all := map[spec.Role]*Dictionary{}
	for _, role := range spec.Roles() {
		b, err := data.ReadFile("data/" + string(role) + ".json")
		if err != nil {
			return nil, err
		}
		if all[role], err = Read(b); err != nil {
			return nil, fmt.Errorf("%s: %w", role, err)
		}
	}
	return all, nil
})

// Embedded returns the dictionary of a role that is part of the program. The error says that no faults of the role are
// known, or what is wrong with the program's own dictionaries. It may be called concurrently.
func Embedded(role spec.Role) (*Dictionary, error) {
	all, err := embedded()
	if err != nil {
		return nil, err
	}
	if all[role] == nil {
		return nil, fmt.Errorf("no faults of the role %q are known", role)
	}
	return all[role], nil
}

// Read reads a dictionary in its JSON form. The error wraps [ErrDamaged]: it is no JSON, has unknown fields, another schema or
// no entries, or names a fault that the role does not have.
func Read(b []byte) (*Dictionary, error) {
	var f file
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if f.Schema != Schema || len(f.Entries) == 0 {
		return nil, fmt.Errorf("%w: schema %q with %d entries", ErrDamaged, f.Schema, len(f.Entries))
	}
	d := &Dictionary{role: f.Role, entries: f.Entries}
	for _, e := range d.entries {
		if known, ok := faulty.Find(e.Fault); !ok || known.Role != f.Role {
			return nil, fmt.Errorf("%w: %q is no fault of the role %s", ErrDamaged, e.Fault, f.Role)
		}
	}
	d.count()
	return d, nil
}

// count makes of the marks' texts what is compared.
func (d *Dictionary) count() {
	d.having = map[string]int{}
	for i := range d.entries {
		e := &d.entries[i]
		e.marks, e.unjudged = map[string]mark{}, map[string]bool{}
		for _, name := range e.Unjudged {
			e.unjudged[name] = true
		}
		for _, key := range e.Marks {
			e.marks[key] = unmarked(key)
			d.having[key]++
		}
	}
}

// Learn makes a dictionary of what full runs found of the faults of a role, by their names, among the given cases. An
// observation without findings teaches nothing and is left out.
func Learn(role spec.Role, cases []string, seen map[string]Observation) *Dictionary {
	d := &Dictionary{role: role}
	for _, f := range faulty.Faults(role) {
		o, ok := seen[f.Name]
		if !ok || len(o.Findings) == 0 {
			continue
		}
		d.entries = append(d.entries, entry{
			Fault: f.Name, Marks: slices.Sorted(maps.Keys(o.marks())), Unjudged: unjudged(cases, o.Judged),
		})
	}
	d.count()
	return d
}

// Update returns a dictionary with what the newer one knows, and what the receiver knows of other faults that there are
// still. A nil receiver knows nothing.
func (d *Dictionary) Update(newer *Dictionary) *Dictionary {
	both := &Dictionary{role: newer.role}
	for _, f := range faulty.Faults(newer.role) {
		if e := newer.find(f.Name); e != nil {
			both.entries = append(both.entries, *e)
		} else if d != nil && d.find(f.Name) != nil {
			both.entries = append(both.entries, *d.find(f.Name))
		}
	}
	both.count()
	return both
}

// unjudged returns the cases that were not judged, and families of which none was.
func unjudged(cases []string, judged map[string]bool) []string {
	some := map[string]bool{} // families of which a case was judged
	for _, id := range cases {
		some[pattern.Family(id)] = some[pattern.Family(id)] || judged[id]
	}
	var all []string
	for _, id := range cases {
		name := id
		if !some[pattern.Family(id)] {
			name = wholeFamily(id)
		}
		if !judged[id] && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// Faults returns the names of those that the dictionary knows, in the catalogue's order.
func (d *Dictionary) Faults() []string {
	var names []string
	for _, e := range d.entries {
		names = append(names, e.Fault)
	}
	return names
}

// Cases returns the IDs of the cases that find a fault, sorted; none when the dictionary does not know it.
func (d *Dictionary) Cases(fault string) []string {
	if e := d.find(fault); e != nil {
		return e.cases()
	}
	return nil
}

func (d *Dictionary) find(fault string) *entry {
	for i := range d.entries {
		if d.entries[i].Fault == fault {
			return &d.entries[i]
		}
	}
	return nil
}

// Format returns the dictionary in its JSON form, the same for the same content. The error is that of writing JSON.
func (d *Dictionary) Format() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(file{Schema: Schema, Role: d.role, Entries: d.entries})
	return b.Bytes(), err
}
