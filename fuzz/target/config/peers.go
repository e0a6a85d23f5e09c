package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/peersfile"
)

// Peers gives the input to the reader of lists of peers. What is refused must be refused as an invalid list; what is
// accepted must be whole, be the same when it is written out with every text quoted, and be arguments that begin with
// flags and end with the peer's command.
func Peers(data []byte) error {
	peers, err := peersfile.Parse(data)
	if err != nil {
		return refused(data, err, peersfile.ErrInvalid)
	}
	if len(peers) == 0 {
		return errors.New("a list without peers")
	}
	names := map[string]bool{}
	for i, p := range peers {
		if len(p.Command) == 0 {
			peers[i].Command = nil // An empty list and none are the same.
		}
		if names[p.Name] {
			return fmt.Errorf("two peers are called %q", p.Name)
		}
		names[p.Name] = true
		if (len(p.Command) == 0) == (p.Attach == "") {
			return fmt.Errorf("peer %q has a command and a socket, or neither", p.Name)
		}
		if err := checkArgs(p); err != nil {
			return fmt.Errorf("peer %q: %w", p.Name, err)
		}
	}
	again, err := peersfile.Parse([]byte(written(peers)))
	if err != nil {
		return fmt.Errorf("reading what was accepted: %w", err)
	}
	if !reflect.DeepEqual(peers, again) {
		return fmt.Errorf("%+v is read as %+v", peers, again)
	}
	return nil
}

// checkArgs holds the arguments against the peer: one for each flag, file and report, for each
// variable and the directory of a command, and behind -- the command.
func checkArgs(p peersfile.Peer) error {
	args := p.Args("folder")
	flags, command := args, []string(nil)
	if p.Attach == "" {
		i := slices.Index(args, "--")
		if i < 0 {
			return fmt.Errorf("no -- in %q", args)
		}
		flags, command = args[:i], args[i+1:]
	}
	want := len(p.Flags) + len(p.Files) + len(p.Reports) + 1 // -- or the socket to attach to
	if p.Attach == "" {
		want += len(p.Env)
		if p.Dir != "" {
			want++
		}
	}
	if n := len(args) - len(command); n != want {
		return fmt.Errorf("%d arguments in front of the command, and %d are wanted: %q", n, want, args)
	}
	for _, flag := range flags {
		if !strings.HasPrefix(flag, "--") || !strings.Contains(flag, "=") {
			return fmt.Errorf("%q is no flag with a value", flag)
		}
	}
	if n := len(command) - len(p.Command); n < 0 || !slices.Equal(command[n:], p.Command) {
		return fmt.Errorf("%q does not end with the command %q", args, p.Command)
	}
	return nil
}

// written returns the list of peers as YAML in which every text is between quotes.
func written(peers []peersfile.Peer) string {
	var out strings.Builder
	out.WriteString("peers:\n")
	for _, p := range peers {
		fmt.Fprintf(&out, "- name: %s\n", quoted(p.Name))
		list(&out, "command", p.Command)
		text(&out, "attach", p.Attach)
		text(&out, "cwd", p.Dir)
		if len(p.Env) > 0 {
			out.WriteString("  env:\n")
		}
		for _, variable := range p.Env {
			name, value, _ := strings.Cut(variable, "=")
			fmt.Fprintf(&out, "    %s: %s\n", quoted(name), quoted(value))
		}
		if len(p.Reports) > 0 {
			out.WriteString("  reports:\n")
		}
		for _, r := range p.Reports {
			fmt.Fprintf(&out, "    %s: %s\n", quoted(r[0]), quoted(r[1]))
		}
		for _, f := range p.Files {
			fmt.Fprintf(&out, "  %s: %s\n", f[0], quoted(f[1]))
		}
		flags(&out, p.Flags)
	}
	return out.String()
}

// flags writes the flags in their order: runs of --case and --skip are the lists cases and skip, which may be there once.
func flags(out *strings.Builder, all [][2]string) {
	for len(all) > 0 {
		name, n := all[0][0], 1
		if name != "case" && name != "skip" {
			fmt.Fprintf(out, "  %s: %s\n", name, quoted(all[0][1]))
			all = all[1:]
			continue
		}
		for n < len(all) && all[n][0] == name {
			n++
		}
		var patterns []string
		for _, f := range all[:n] {
			patterns = append(patterns, f[1])
		}
		list(out, map[string]string{"case": "cases", "skip": "skip"}[name], patterns)
		all = all[n:]
	}
}

func list(out *strings.Builder, key string, texts []string) {
	if len(texts) == 0 {
		return
	}
	fmt.Fprintf(out, "  %s:\n", key)
	for _, s := range texts {
		fmt.Fprintf(out, "  - %s\n", quoted(s))
	}
}

func text(out *strings.Builder, key, value string) {
	if value != "" {
		fmt.Fprintf(out, "  %s: %s\n", key, quoted(value))
	}
}
