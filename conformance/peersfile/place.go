package peersfile

import (
	"errors"
	"path/filepath"

	"github.com/oizys-protocol/oizys/conformance/yamlfile"
)

// FlagError says what is wrong with the value of one flag of [Peer.Args].
type FlagError struct {
	// Flag is the flag's name, without dashes; Index, from 0, which of those of that name it is.
	Flag  string
	Index int
	Err   error
}

// Error returns the text of Err.
func (e *FlagError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *FlagError) Unwrap() error { return e.Err }

// placed is a peer that knows where its values stand.
type placed struct {
	Peer
	self   yamlfile.Value
	values map[string][]yamlfile.Value // by flag
}

// note notes where the values of a key stand.
func (p *placed) note(key string, v yamlfile.Value) error {
	flag := map[string]string{"cases": "case", "cwd": "dir", "reports": "report"}[key]
	if flag == "" {
		flag = key
	}
	each := func(_ string, _, value yamlfile.Value) error {
		p.values[flag] = append(p.values[flag], value)
		return nil
	}
	switch key {
	case "cases", "skip":
		list, err := v.List()
		p.values[flag] = list
		return err
	case "reports", "env":
		return v.Each(each)
	default:
		return each("", v, v)
	}
}

// place names the peer and the line in an error about it.
func (p *placed) place(err error) error {
	if err == nil {
		return nil
	}
	at := p.self
	var of *FlagError
	if errors.As(err, &of) && of.Index < len(p.values[of.Flag]) {
		at = p.values[of.Flag][of.Index]
	}
	return at.Errorf("peer %q: %w", p.Name, err)
}

// checkReports finds two peers that would write the same file, which the later one alone would be in.
func checkReports(peers []placed, dir string) error {
	writer := map[string]string{} // by path
	for i := range peers {
		p := &peers[i]
		for n, r := range p.Reports {
			path := in(dir, r[1])
			if path == "-" {
				continue
			}
			if whole, err := filepath.Abs(path); err == nil {
				path = whole
			}
			if other, taken := writer[path]; taken && other != p.Name {
				return p.values["report"][n].Errorf("peers %q and %q both write their report to %s; give each a file of its own", other, p.Name, r[1])
			}
			writer[path] = p.Name
		}
	}
	return nil
}
