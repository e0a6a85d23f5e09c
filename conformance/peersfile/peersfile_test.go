package peersfile

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	peers, err := Parse([]byte(`
peers:
  - name: server
    command: [./echo, "{socket}"]
    cwd: build
    env: {B: "2", A: "x y"}
    known: known.yaml
    strict: true
    cases: [hdr, msg]
    timeout: 2s
    reports: {junit: out/server.xml, json: /abs.json}
  - name: running
    attach: run/s.sock
`))
	require.NoError(t, err)
	require.Len(t, peers, 2)
	require.Equal(t, []string{
		"--strict=true", "--case=hdr", "--case=msg", "--timeout=2s", "--known=conf/known.yaml",
		"--report=junit=conf/out/server.xml", "--report=json=/abs.json",
		"--dir=conf/build", "--env=B=2", "--env=A=x y", "--", "./echo", "{socket}",
	}, peers[0].Args("conf"))
	require.Equal(t, []string{"--attach=conf/run/s.sock"}, peers[1].Args("conf"))
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct{ name, src, want string }{
		{"nothing", "", "line 1: here must be keys"},
		{"no peer", "peers: []", "line 1: there is no peer"},
		{"unknown key", "peers: []\nother: 1", `line 2: unknown key "other"; known are peers`},
		{"unknown key of a peer", "peers:\n  - name: a\n    comand: [x]", `line 3: unknown key "comand"`},
		{"no name", "peers:\n  - command: [x]", "line 2: the peer has no name"},
		{"name twice", "peers:\n- {name: a, command: [x]}\n- {name: a, command: [x]}", `line 3: there is a peer called "a" already`},
		{"nothing to run", "peers:\n- name: a", `line 2: peer "a" needs either a command or attach`},
		{"both", "peers:\n- {name: a, command: [x], attach: y}", "needs either"},
		{"command is a text", "peers:\n- name: a\n  command: x", "line 3: here must be a list"},
		{"environment of another", "peers:\n- {name: a, attach: y, cwd: z}", "cwd and env are for a command"},
		{"variable", "peers:\n- {name: a, command: [x], env: {a=b: c}}", `"a=b" cannot be the name`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Parse([]byte(tc.src))
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

// What a check finds is said with the line of the value that it is about.
func TestParseInNamesTheLine(t *testing.T) {
	const src = `peers:
  - name: server
    command: [./echo, "{socket}"]
    cwd: build
    env:
      A: x
      B: y
    reports:
      junit: out.xml
      json: out.json
    cases:
      - hdr
      - msg
    timeout: 2s
`
	for _, tc := range []struct {
		err  error
		want string
	}{
		{errors.New("boom"), `line 2: peer "server": boom`},
		{&FlagError{"command", 0, errors.New("boom")}, "line 3: "},
		{&FlagError{"dir", 0, errors.New("boom")}, "line 4: "},
		{&FlagError{"env", 1, errors.New("boom")}, "line 7: "},
		{&FlagError{"report", 0, errors.New("boom")}, "line 9: "},
		{&FlagError{"report", 1, errors.New("boom")}, "line 10: "},
		{&FlagError{"case", 1, errors.New("boom")}, "line 13: "},
		{&FlagError{"timeout", 0, errors.New("boom")}, "line 14: "},
		{&FlagError{"seed", 0, errors.New("boom")}, "line 2: "},
	} {
		_, err := ParseIn([]byte(src), "conf", func(p Peer) error {
			require.Equal(t, "server", p.Name)
			return tc.err
		})
		require.ErrorIs(t, err, ErrInvalid)
		require.ErrorIs(t, err, tc.err)
		require.ErrorContains(t, err, tc.want)
		require.ErrorContains(t, err, "boom")
	}
}

// Two peers do not write one report: the second would take the place of the first.
func TestReportsOfTwoPeers(t *testing.T) {
	file := func(one, other string) []byte {
		return []byte("peers:\n- {name: a, command: [x], reports: {json: " + one + "}}\n- name: b\n  command: [x]\n  reports: {md: " + other + "}\n")
	}
	here, err := filepath.Abs(".")
	require.NoError(t, err)
	for _, pair := range [][2]string{{"r", "r"}, {"r", "./r"}, {"sub/../r", "r"}, {"r", here + "/conf/r"}} {
		_, err := ParseIn(file(pair[0], pair[1]), "conf", func(Peer) error { return nil })
		require.ErrorIs(t, err, ErrInvalid)
		require.ErrorContains(t, err, `line 5: peers "a" and "b" both write their report to `+pair[1])
	}
	_, err = Parse(file("r", "r"))
	require.ErrorContains(t, err, `peers "a" and "b"`)
	for _, pair := range [][2]string{{"r", "s"}, {"r", "sub/r"}, {"-", "-"}} {
		_, err := ParseIn(file(pair[0], pair[1]), "conf", func(Peer) error { return nil })
		require.NoError(t, err)
	}
}

func TestSchemaHasTheKeys(t *testing.T) {
	text, err := os.ReadFile("../../docs/peers.schema.json")
	require.NoError(t, err)
	var schema struct {
		Defs struct {
			Peer struct{ Properties map[string]any } `json:"peer"`
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(text, &schema))
	var have []string
	for key := range schema.Defs.Peer.Properties {
		have = append(have, key)
	}
	require.ElementsMatch(t, slices.Clone(keys()), have)
}
