package process

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStartErrorsSayWhatToDo(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), mode))
		return path
	}
	for _, row := range []struct {
		name, program string
		is            error
		says          string
	}{
		{"no such program in PATH", "oizys-no-such-program", nil, "no such program in PATH; for one in this directory write ./oizys-no-such-program"},
		{"no such file", filepath.Join(dir, "absent"), nil, "no such file"},
		{"not executable", file("plain", "#!/bin/sh\n", 0o644), nil, "not an executable file (chmod +x?)"},
		{"missing interpreter", file("script", "#!/no/such/interpreter\n", 0o755), nil, "the interpreter in its first line is missing"},
		{"a directory", dir, nil, "not an executable file"},
		{"text without a first line for an interpreter", file("text", "just text\n", 0o755), nil, "neither a program of this machine nor a script"},
		{"empty", file("empty", "", 0o755), nil, "neither a program of this machine nor a script"},
		{"below a file", filepath.Join(file("leaf", "", 0o644), "below"), nil, "cannot run"},
		{"an empty name", "", nil, `cannot run ""`},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := Start(Command{Args: []string{row.program, "argument"}})
			require.Nil(t, p)
			require.ErrorContains(t, err, row.says)
			require.ErrorContains(t, err, "cannot run")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestMissingDirectoryIsNotBlamedOnTheProgram(t *testing.T) {
	_, err := Start(Command{Args: []string{"/bin/sh"}, Dir: filepath.Join(t.TempDir(), "absent")})
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "its working directory")
	require.ErrorContains(t, err, "absent")
}

func TestWhatAProgramIsGiven(t *testing.T) {
	dir := t.TempDir()
	p := start(t, Command{
		Args: []string{"/bin/sh", "-c", `cat; echo "[$GIVEN] [$(pwd -P)] [$0] [$1]"; echo on stderr >&2`, "zero", "a b"},
		Env:  []string{"GIVEN=yes"}, Dir: dir,
	})
	ended(t, p)
	p.Stop(long)
	real, err := filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	require.Equal(t, "[yes] ["+real+"] [zero] [a b]\non stderr\n", p.Output(), "no input, both streams as one")
	require.True(t, p.ExitedCleanly())
}

func TestExitSaysHowItEnded(t *testing.T) {
	for _, row := range []struct {
		name, script, exit string
		signal             syscall.Signal
		clean              bool
	}{
		{"status 0", "exit 0", "exit status 0", 0, true},
		{"status 1", "exit 1", "exit status 1", 0, false},
		{"status 255", "exit 255", "exit status 255", 0, false},
		{"a segmentation fault", "ulimit -c 0; kill -SEGV $$", "signal SIGSEGV", syscall.SIGSEGV, false},
		{"a broken pipe", "kill -PIPE $$", "signal SIGPIPE", syscall.SIGPIPE, false},
		{"an abort", "ulimit -c 0; kill -ABRT $$", "signal SIGABRT", syscall.SIGABRT, false},
		{"killed", "kill -KILL $$", "signal SIGKILL", syscall.SIGKILL, false},
		{"terminated", "kill -TERM $$", "signal SIGTERM", syscall.SIGTERM, false},
		{"a signal without a name", "kill -40 $$", "signal 40 (signal 40)", 40, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := sh(t, row.script, "")
			ended(t, p)
			require.True(t, p.Ended())
			require.Equal(t, row.exit, p.Exit())
			require.Equal(t, row.signal, p.Signal())
			require.Equal(t, row.clean, p.ExitedCleanly())
			require.False(t, p.EndedAt().IsZero())
		})
	}
}

func TestRunningProgramHasNotEnded(t *testing.T) {
	p := sh(t, "exec sleep 1000", "")
	require.False(t, p.Ended())
	require.Empty(t, p.Exit())
	require.Zero(t, p.Signal())
	require.False(t, p.ExitedCleanly())
	require.True(t, p.EndedAt().IsZero())
	require.True(t, Runs(p.Pid()))
}
