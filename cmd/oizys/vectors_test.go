package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runVectors runs `oizys vectors` with the arguments and returns what it prints, its error and its exit code.
func runVectors(args ...string) (string, error, int) {
	cmd := newVectorsCommand()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	err := cmd.Execute()
	return out.String(), err, codeOf(err)
}

func TestVectorsGenerateAndVerify(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	out, err, _ := runVectors("generate", "--dir", dir)
	require.NoError(t, err)
	require.Contains(t, out, "615 vectors in 13 files, written")

	out, err, _ = runVectors("verify", "--dir", dir)
	require.NoError(t, err)
	require.Contains(t, out, "as generated; digest ")

	path := filepath.Join(dir, "empty.json")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, bytes.Replace(text, []byte("62616974"), []byte("62616975"), 1), 0o666))
	_, err, code := runVectors("verify", "--dir", dir)
	require.Equal(t, exitFound, code)
	require.ErrorContains(t, err, "empty.json:")
	require.ErrorContains(t, err, `vector "msg/empty/first"`)
}

func TestVectorsVerifyEmbedded(t *testing.T) {
	t.Chdir(t.TempDir())
	out, err, _ := runVectors("verify")
	require.NoError(t, err)
	require.Contains(t, out, "embedded vectors: 615 vectors")
}

func TestVectorsShowAndList(t *testing.T) {
	out, err, _ := runVectors("show", "hdr/length/example-hi")
	require.NoError(t, err)
	require.Contains(t, out, "|Hi|")
	require.NotContains(t, out, "──")

	out, err, _ = runVectors("show", "sess/send-too-long")
	require.NoError(t, err)
	require.Equal(t, 5, strings.Count(out, "Outcome:"))

	out, err, _ = runVectors("list")
	require.NoError(t, err)
	require.Equal(t, 615, strings.Count(out, "\n"))

	out, err, _ = runVectors("list", "hdr/reserved-nonzero/0x7f")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(out, "hdr/reserved-nonzero/0x7f\t"))
}

func TestVectorsUsageErrors(t *testing.T) {
	foreign := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(foreign, "notes.txt"), nil, 0o666))
	t.Chdir(t.TempDir())
	rows := []struct {
		name string
		args []string
		says string
	}{
		{"unknown command", []string{"check"}, `unknown command "check"`},
		{"unknown flag", []string{"verify", "--all"}, "unknown flag"},
		{"argument", []string{"verify", "here"}, `unexpected argument "here"`},
		{"nothing to show", []string{"show"}, "needs the ID"},
		{"unknown ID", []string{"show", "msg/empty/onyl"}, "is it msg/empty/only"},
		{"ID that is like none", []string{"show", "nothing of the kind"}, "oizys vectors list"},
		{"unknown ID in list", []string{"list", "hdr/len"}, "is it hdr/length/"},
		{"generate elsewhere", []string{"generate"}, "no vectors/data here"},
		{"generate into a foreign directory", []string{"generate", "--dir", foreign}, "notes.txt"},
		{"generate into nothing", []string{"generate", "--dir", ""}, "--dir is empty"},
		{"verify nothing", []string{"verify", "--dir", "absent"}, `"absent" is not a directory`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err, code := runVectors(row.args...)
			require.ErrorContains(t, err, row.says)
			require.NotContains(t, err.Error(), "\n")
			require.Equal(t, exitUsage, code)
		})
	}
}

// A writer that fails is not the user's mistake, and not a finding either.
func TestVectorsShowToAFullDisk(t *testing.T) {
	for _, name := range []string{"show", "list"} {
		cmd := newVectorsCommand()
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetOut(fullDisk{})
		cmd.SetArgs([]string{name, "sess/send-empty"})
		err := cmd.Execute()
		require.ErrorIs(t, err, errFull)
		require.Equal(t, exitInconclusive, codeOf(err))
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
