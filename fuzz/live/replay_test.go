package live

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/spec"
)

// Each replay says whether it fails, and plays what it was given and nothing smaller.
func TestReplays(t *testing.T) {
	acts := func(text string) []Act {
		acts, err := ParseActs(text)
		require.NoError(t, err)
		return acts
	}
	t.Run("server", func(t *testing.T) {
		const fails = "series\nhold 00:3:=414243\nhold 00:3:=616263\n"
		sum, err := Run(t.Context(), Options{Command: odd(t, "upper"), Replays: []Replay{
			{"letters", acts(fails)}, {"digits", acts("one\nhold 00:3:=303132\n")}, {"letters again", acts(fails)},
		}})
		require.NoError(t, err)
		require.Equal(t, Found, sum.Result)
		key := []string{"wrong-bytes in-content"}
		require.Equal(t, []Replayed{{"letters", true, key}, {"digits", false, nil}, {"letters again", true, key}}, sum.Replays)
		require.Equal(t, fails, sum.Findings[0].Acts)
		require.Equal(t, "digits: does not fail", sum.Replays[1].String())
		require.Equal(t, "letters: fails: wrong-bytes in-content", sum.Replays[0].String())
	})
	t.Run("client", func(t *testing.T) {
		const fails = "visit\nhold 00:5:=68656c6c6f\nhold 00:40:text 00:7:text paced=3\n"
		sum, err := Run(t.Context(), Options{Role: "client", Command: odd(t, "client", "{message}"), Replays: []Replay{
			{"letters", acts(fails)}, {"digits", acts("visit\nhold 00:5:=68656c6c6f\nhold 00:2:=3031\n")},
		}})
		require.NoError(t, err)
		require.Equal(t, Found, sum.Result)
		require.Len(t, sum.Findings, 1)
		require.Equal(t, fails, sum.Findings[0].Acts)
		require.Equal(t, 3, sum.Findings[0].Hits)
		require.Equal(t, []Replayed{{"letters", true, []string{sum.Findings[0].Key}}, {"digits", false, nil}}, sum.Replays)
	})
}

func TestReadReplays(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	one := write("all/a/acts.txt", "one\nhold 00:1:text\n")
	write("all/b/acts.txt", "one\nhold 00:2:text\n\none\nhold 00:0\n")
	write("all/notes.txt", "not an act")
	write("none/x/notes.txt", "not an act")
	golden, err := filepath.Glob(filepath.Join("..", "..", "vectors", "data", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, golden)
	for _, row := range []struct {
		name, path string
		acts       []int // of each replay
		says       string
	}{
		{"a file", one, []int{1}, ""},
		{"a finding's folder", filepath.Join(dir, "all", "b"), []int{2}, ""},
		{"a folder of findings", filepath.Join(dir, "all"), []int{1, 2}, ""},
		{"a folder without any", filepath.Join(dir, "none"), nil, "has no acts.txt, and no folder in it has one"},
		{"nothing there", filepath.Join(dir, "nowhere"), nil, "no such file"},
		{"golden vectors", golden[0], nil, "is a file of golden vectors ("},
		{"a finding's data", write("finding.json", `{"key": "no-close", "acts": "one\nhold 00:0\n"}`), nil, "is a finding's data: give the folder in which it lies"},
		{"other JSON", write("other.json", `{"result": "found", "acts": 7}`), nil, "is JSON, and no file of acts"},
		{"a foreign file", write("foreign.txt", "once upon a time\n"), nil, `is no file of acts: line 1: "once upon a time" is no way to play scenarios`},
		{"no file", "/dev/zero", nil, "is neither a file nor a folder"},
	} {
		t.Run(row.name, func(t *testing.T) {
			replays, err := ReadReplays(row.path)
			if row.says != "" {
				require.ErrorContains(t, err, row.says)
				require.ErrorContains(t, err, "a replay is of the index of an act, of a finding's folder or the acts.txt in it, or of a folder of findings, by default oizys-findings")
				return
			}
			require.NoError(t, err)
			var acts []int
			for _, r := range replays {
				require.NotEmpty(t, r.Name)
				acts = append(acts, len(r.Acts))
			}
			require.Equal(t, row.acts, acts)
		})
	}
}

// A server that ends behind its session is right where it is started for each, and what its sessions do is judged.
func TestServerForEachSession(t *testing.T) {
	acts, err := ParseActs("one\nhold 00:5:text\n\nseries\nhold 00:5:text\nhold 00:6:text\n")
	require.NoError(t, err)
	wrong, err := ParseActs("one\nhold 00:0\n")
	require.NoError(t, err)
	o := Options{Command: odd(t, "once"), Restart: runner.RestartAlways, Replays: []Replay{{"right", acts}, {"wrong", wrong}}}
	sum, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.Len(t, sum.Replays, 2)
	require.False(t, sum.Replays[0].Fails, "%+v", sum.Findings)
	require.Equal(t, []string{"extra-bytes hold empty-message"}, sum.Replays[1].Keys)

	o.Restart, o.Replays = runner.RestartNeeded, o.Replays[:1]
	sum, err = Run(t.Context(), o)
	require.NoError(t, err)
	require.True(t, sum.Replays[0].Fails)
	require.Contains(t, sum.Replays[0].Keys[0], "died exit status 0")
}

// How a client ends is looked at, although no visit judges it.
func TestClientThatStays(t *testing.T) {
	sum, err := Run(t.Context(), Options{Role: "client", Command: odd(t, "staying-client", "{message}"), Lanes: 1, Strict: true, MaxFindings: 1, Duration: 2 * time.Minute})
	require.NoError(t, err)
	require.Len(t, sum.Findings, 1)
	f := sum.Findings[0]
	require.Equal(t, "case cli/ends/after-reply", f.Key)
	require.Equal(t, spec.Should, f.Level)
	require.Equal(t, "cli/ends", f.Requirement)
}
