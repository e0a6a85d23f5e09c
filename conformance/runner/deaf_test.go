package runner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// A server that is deaf since its first session is blamed for that alone, and for no case that met it so, also when each start
// takes long: only a fresh one tells them apart.
func TestDeafServerIsBlamedForThatAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("many starts of more than a second")
	}
	t.Parallel()
	const again = "srv/serves-again/connect-and-close"
	late := append([]string{"/bin/sh", "-c", `sleep 1.2; exec "$0" "$@"`}, command(t, "faulty", "accepts-one-session")...)
	rep := judged(t, Options{Command: late, Timeout: time.Second, Only: []string{
		"hdr/length/0x00000a", "hdr/reserved-zero/one-byte", "msg/sizes/1", "msg/binary/all-values", "stream/coalesced/two",
		"stream/order/numbered", "stream/split/one-message-1-5", "close/end-of-stream/after-two", again,
	}})
	failed := withVerdict(rep, report.Fail)
	require.Len(t, failed, 1, verdicts(rep))
	require.Equal(t, again, failed[0].ID)
	require.Len(t, withVerdict(rep, report.Pass), len(rep.Cases)-1, "each passes on a fresh start")
}
