package peersfile

import (
	"encoding/json"
	"os"
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
