package runner

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// A peer of every role is started in the directory, and has the variables beside those of the run.
func TestPeerHasItsSurroundings(t *testing.T) {
	dir := shortDir(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "here"), nil, 0o600))
	const refuses = `test -f here && test "$GREETING" = "hello there" || { echo "not here" >&2; exit 9; }; `
	self := Testpeer(t)
	for _, row := range []struct {
		role    spec.Role
		command []string
		only    string
	}{
		{spec.Server, []string{"sh", "-c", refuses + `exec "$0" faulty none "$OIZYS_SOCKET"`, self}, suite.Gate},
		{spec.Client, []string{"sh", "-c", refuses + `exec "$0" client none "$OIZYS_SOCKET" "$1"`, self, "{message}"}, "cli/request/plain"},
		{spec.Driver, []string{"sh", "-c", refuses + `read -r first; echo '{"id":1,"ok":false,"error":"unsupported"}'`}, suite.Gate},
	} {
		t.Run(string(row.role), func(t *testing.T) {
			o := Options{Role: row.role, Command: row.command, Only: []string{row.only}, Dir: dir, Env: []string{"GREETING=hello there"}}
			rep, err := certify(t, t.Context(), o)
			if row.role == spec.Driver {
				require.ErrorContains(t, err, "does not support the command sync", "so far it comes only where it belongs")
				return
			}
			require.NoError(t, err)
			require.Equal(t, report.Conforming, rep.Result, rep.Why)
			require.Contains(t, rep.Cases[0].Replay, " --env 'GREETING=hello there' --dir "+dir+" -- ")
			o.Env = nil
			_, err = certify(t, t.Context(), o)
			require.ErrorContains(t, err, "exit status 9")
		})
	}
}
