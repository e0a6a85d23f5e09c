// Package peersfile reads the file that says which peers of a repository are certified, and how:
// `oizys certify --config FILE`.
//
// Begin with [Parse], or with [ParseIn] where the values are to be checked, too. Each peer becomes the arguments of one `oizys certify` ([Peer.Args]), so that a file can say what a
// command line can, and means the same. docs/peers.schema.json describes the form.
package peersfile

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/yamlfile"
)

// ErrInvalid is wrapped by every error of this package.
var ErrInvalid = errors.New("not a valid list of peers")

// Peer is one peer to certify.
type Peer struct {
	// Name is its own in the file.
	Name string
	// Command is its command line; Attach, in its place, the socket of a server that runs already.
	Command []string
	Attach  string
	// Dir is the directory in which the command runs, relative to the file's; empty means that of the caller.
	Dir string
	// Env are variables of its environment, as NAME=VALUE, in the file's order.
	Env []string
	// Files are flags that name files, relative to the file's directory; Flags are the others, in pairs of name and value.
	Files, Flags [][2]string
	// Reports are pairs of a format and a path, relative to the file's directory.
	Reports [][2]string
}

// keys are what a peer may have, in the order of the documentation.
func keys() []string {
	return slices.Concat([]string{"name", "command", "attach", "cwd", "env", "known", "reports", "cases", "skip"}, values())
}

// values are the keys whose value is that of the flag of the same name.
func values() []string {
	return []string{"role", "strict", "timeout", "start-timeout", "repeat", "seed", "jobs", "restart"}
}

// Parse reads a file: a mapping with the key peers, a list. Errors wrap [ErrInvalid] and name the line. Two peers that write
// the same report are refused; what the values mean is not looked into.
func Parse(src []byte) ([]Peer, error) { return ParseIn(src, ".", func(Peer) error { return nil }) }

// ParseIn is Parse for a file that lies in dir, and has each peer checked in the file's order. The error names the line of
// the value that a [FlagError] of check is about, and that of the peer for any other.
func ParseIn(src []byte, dir string, check func(Peer) error) ([]Peer, error) {
	all, err := parse(src)
	if err == nil {
		err = checkReports(all, dir)
	}
	peers := make([]Peer, len(all))
	for i := range all {
		if err != nil {
			break
		}
		peers[i] = all[i].Peer
		err = all[i].place(check(peers[i]))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return peers, nil
}

func parse(src []byte) ([]placed, error) {
	doc, err := yamlfile.Parse(src)
	if err != nil {
		return nil, err
	}
	fields, err := doc.Fields("peers")
	if err != nil {
		return nil, err
	}
	list, err := fields["peers"].List()
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, doc.Errorf("there is no peer")
	}
	var peers []placed
	for _, v := range list {
		p, err := parsePeer(v)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(peers, func(other placed) bool { return other.Name == p.Name }) {
			return nil, v.Errorf("there is a peer called %q already", p.Name)
		}
		peers = append(peers, p)
	}
	return peers, nil
}

func parsePeer(v yamlfile.Value) (placed, error) {
	p := placed{self: v, values: map[string][]yamlfile.Value{}}
	fields, err := v.Fields(keys()...)
	if err != nil {
		return p, err
	}
	name, there := fields["name"]
	if !there {
		return p, v.Errorf("the peer has no name")
	}
	if p.Name, err = name.Text(); err != nil {
		return p, err
	}
	err = v.Each(func(key string, _, value yamlfile.Value) error {
		if err := p.set(key, value); err != nil {
			return err
		}
		return p.note(key, value)
	})
	if err == nil && (len(p.Command) == 0) == (p.Attach == "") {
		err = v.Errorf("peer %q needs either a command or attach", p.Name)
	}
	if err == nil && p.Attach != "" && (p.Dir != "" || len(p.Env) > 0) {
		err = v.Errorf("peer %q is attached to: cwd and env are for a command", p.Name)
	}
	return p, err
}

// set takes the value of one known key.
func (p *Peer) set(key string, v yamlfile.Value) (err error) {
	switch key {
	case "name":
	case "command":
		p.Command, err = v.Texts()
	case "cwd":
		p.Dir, err = v.Text()
	case "attach":
		p.Attach, err = v.Text()
	case "env":
		p.Env, err = p.environment(v)
	case "reports":
		err = v.Each(func(format string, _, path yamlfile.Value) error {
			text, err := path.Text()
			p.Reports = append(p.Reports, [2]string{format, text})
			return err
		})
	case "cases", "skip":
		var patterns []string
		patterns, err = v.Texts()
		for _, pattern := range patterns {
			p.Flags = append(p.Flags, [2]string{strings.TrimSuffix(key, "s"), pattern})
		}
	default:
		var text string
		text, err = v.Text()
		if key == "known" {
			p.Files = append(p.Files, [2]string{key, text})
		} else {
			p.Flags = append(p.Flags, [2]string{key, text})
		}
	}
	return err
}

func (p *Peer) environment(v yamlfile.Value) ([]string, error) {
	var all []string
	err := v.Each(func(name string, at, value yamlfile.Value) error {
		if name == "" || strings.Contains(name, "=") {
			return at.Errorf("%q cannot be the name of a variable", name)
		}
		text, err := value.Text()
		all = append(all, name+"="+text)
		return err
	})
	return all, err
}

// Given returns the flags for `oizys certify`, in pairs of name and value, with the files relative to dir, in which the list
// of peers lies.
func (p Peer) Given(dir string) [][2]string {
	all := slices.Clone(p.Flags)
	for _, f := range p.Files {
		all = append(all, [2]string{f[0], in(dir, f[1])})
	}
	for _, r := range p.Reports {
		all = append(all, [2]string{"report", r[0] + "=" + in(dir, r[1])})
	}
	if p.Attach != "" {
		return append(all, [2]string{"attach", in(dir, p.Attach)})
	}
	if p.Dir != "" {
		all = append(all, [2]string{"dir", in(dir, p.Dir)})
	}
	for _, entry := range p.Env {
		all = append(all, [2]string{"env", entry})
	}
	return all
}

// Args returns the arguments for `oizys certify`: the flags of [Peer.Given] and, behind --, the command.
func (p Peer) Args(dir string) []string {
	var args []string
	for _, f := range p.Given(dir) {
		args = append(args, "--"+f[0]+"="+f[1])
	}
	if p.Attach != "" {
		return args
	}
	return append(append(args, "--"), p.Command...)
}

func in(dir, path string) string {
	if filepath.IsAbs(path) || path == "-" {
		return path
	}
	return filepath.Join(dir, path)
}
