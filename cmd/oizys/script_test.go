package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// TestMain makes this test binary the program itself for the scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"oizys": main})
}

// The scripts are what a person types, and what comes of it.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the program many times; what it does beside each other is tested in the packages below")
	}
	const folder = "testdata/script"
	scripts, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(scripts), 3)
	testscript.Run(t, testscript.Params{
		Dir:                 folder,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			// The script's own directory is too deep for a socket.
			dir, err := os.MkdirTemp("", "oizys")
			env.Defer(func() { _ = os.RemoveAll(dir) })
			env.Setenv("TMPDIR", dir)
			env.Setenv("SOCK", filepath.Join(dir, "s"))
			return err
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
	})
}

// exits runs a command that must end with the given status: exits STATUS COMMAND ARG…
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND ARG…")
	}
	want := args[0]
	err := ts.Exec("sh", append([]string{"-c", `"$@"; status=$?; echo "$status" >"$TMPDIR/status"; exit 0`, "sh"}, args[1:]...)...)
	ts.Check(err)
	if got := ts.ReadFile(filepath.Join(ts.Getenv("TMPDIR"), "status")); got != want+"\n" {
		ts.Fatalf("exit status %s, want %s", got, want)
	}
}
