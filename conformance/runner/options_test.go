package runner

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

func TestOptionsThatDoNotFit(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	require.NoError(t, os.WriteFile(plain, nil, 0o600))
	for _, row := range []struct {
		name string
		o    Options
		says string
	}{
		{"nothing to judge", Options{}, "no peer"},
		{"two peers", Options{Command: []string{"x"}, Attach: "y"}, "not both"},
		{"negative jobs", Options{Command: []string{"x"}, Jobs: -1}, "0 or more"},
		{"negative repeat", Options{Command: []string{"x"}, Repeat: -1}, "0 or more"},
		{"negative timeout", Options{Command: []string{"x"}, Timeout: -1}, "0 or more"},
		{"negative start timeout", Options{Command: []string{"x"}, StartTimeout: -1}, "0 or more"},
		{"attach to nothing", Options{Attach: filepath.Join(dir, "absent")}, "there is nothing at"},
		{"attach to a file", Options{Attach: plain}, "is no socket"},
		{"attach to a directory", Options{Attach: dir}, "is no socket"},
		{"attach below a file", Options{Attach: filepath.Join(plain, "x")}, "not a directory"},
		{"attach to a long path", Options{Attach: "/" + strings.Repeat("x", 107)}, "has 108 bytes, and at most 107 fit"},
		{"no such case", Options{Command: []string{"x"}, Only: []string{"no/such"}}, "no case matches"},
		{"no such program", Options{Command: []string{"oizys-no-such-program"}}, "no such program in PATH"},
	} {
		t.Run(row.name, func(t *testing.T) {
			rep, err := Run(t.Context(), row.o)
			require.ErrorIs(t, err, ErrUsage)
			require.ErrorContains(t, err, row.says)
			require.NotContains(t, err.Error(), "\n")
			require.Nil(t, rep, "nothing was judged")
		})
	}
}

func TestOptionsHaveDefaults(t *testing.T) {
	o := Options{Command: []string{"x"}}
	require.NoError(t, o.check())
	require.Equal(t, 15*time.Second, o.StartTimeout)
	require.Equal(t, 1, o.Repeat)
	require.NotNil(t, o.Progress)
	o = Options{Command: []string{"x"}, StartTimeout: time.Second, Repeat: 3}
	require.NoError(t, o.check())
	require.Equal(t, time.Second, o.StartTimeout)
	require.Equal(t, 3, o.Repeat)
}

func TestSocketToAttachToIsTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	defer l.Close()
	o := Options{Attach: path}
	require.NoError(t, o.check())
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(path, link))
	o = Options{Attach: link}
	require.NoError(t, o.check())
}

// A quoted word is what a shell reads back, whatever is in it.
func TestQuotedWordsSurviveAShell(t *testing.T) {
	words := []string{
		"plain", "", " ", "two words", "it's", "''", `"`, `\`, `a\`, "$HOME", "`id`", "$(id)", "*", "?", "[a]", "~", "#", "a;b", "a|b", "a&b",
		"(x)", "<x>", "!", "new\nline", "tab\t", "-n", "--", "{socket}", "a=b", "{a,b}", "é", "\xff", "^", "%s", "x'y\"z$w",
	}
	line := "printf '%s\\000'"
	for _, w := range words {
		line += " " + quote(w)
	}
	out, err := exec.Command("/bin/sh", "-c", line).Output()
	require.NoError(t, err)
	require.Equal(t, append(words, ""), strings.Split(string(out), "\x00"))
	require.Equal(t, "plain", quote("plain"), "what needs no quotes has none")
	require.Equal(t, "msg/sizes/1", quote("msg/sizes/1"))
}

func TestReplayRunsOneCaseAlone(t *testing.T) {
	for _, row := range []struct {
		name string
		o    Options
		want string
	}{
		{"a command", Options{Command: []string{"./my server", "{socket}"}}, "oizys certify --case a/b/c -- './my server' {socket}"},
		{"the reference", Options{Command: []string{"oizys", "peer"}, Embedded: true}, "oizys certify --case a/b/c"},
		{"attached", Options{Attach: "/run/echo.sock"}, "oizys certify --case a/b/c --attach /run/echo.sock"},
		{"all that matters", Options{Command: []string{"x"}, Seed: 7, Timeout: 1500 * time.Millisecond, Strict: true, Jobs: 3, Repeat: 2},
			"oizys certify --case a/b/c --seed 7 --timeout 1.5s --strict -- x"},
		{"as it was called", Options{Command: []string{"x"}, Role: spec.Client, Program: []string{"bin/the oizys"}}, "'bin/the oizys' certify --role client --case a/b/c -- x"},
	} {
		t.Run(row.name, func(t *testing.T) { require.Equal(t, row.want, row.o.replay("a/b/c")) })
	}
}

// What no case shows alone is shown again by the whole run.
func TestReplayOfAWholeRun(t *testing.T) {
	o := Options{
		Command: []string{"x"}, Only: []string{"msg", "srv/**"}, Skip: []string{"srv/releases"}, Jobs: 3, Repeat: 2, Seed: 7,
		Shard: Shard{Index: 1, Count: 2},
	}
	require.Equal(t, "oizys certify --case msg --case 'srv/**' --skip srv/releases --shard 1/2 --jobs 3 --repeat 2 --seed 7 -- x", o.replayAll())
	r := &run{o: o}
	require.Equal(t, o.replayAll(), r.entry(&result{c: suite.WholeRunCases()[0]}).Replay)
	require.Equal(t, o.replay(suite.Gate), r.entry(&result{c: suite.Case{ID: suite.Gate}}).Replay)
}
