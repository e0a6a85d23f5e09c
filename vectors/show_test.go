package vectors_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/vectors"
)

var update = flag.Bool("update", false, "write the golden files of Show anew")

func TestShowGolden(t *testing.T) {
	set := shipped(t)
	ids := []string{
		"hdr/length/example-hi", "hdr/reserved-nonzero/second-message", "msg/sizes/65537", "msg/binary/all-values",
		"close/truncated-header/2-of-4-high", "close/truncated-content/4-of-8-bytewise", "close/end-of-stream/at-once",
		"stream/split/three-messages-by-7", "sess/send-empty/nothing", "sess/send-too-long/16777216",
	}
	for _, id := range ids {
		t.Run(id, func(t *testing.T) {
			v, ok := set.Find(id)
			require.True(t, ok)
			var page bytes.Buffer
			require.NoError(t, vectors.Show(&page, v))
			path := filepath.Join("testdata", "show", strings.ReplaceAll(id, "/", "_")+".golden")
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
				require.NoError(t, os.WriteFile(path, page.Bytes(), 0o666))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err, "run the test with -update")
			require.Equal(t, string(want), page.String())
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "show", "*.golden"))
	require.NoError(t, err)
	require.Len(t, files, len(ids), "no golden file without a row")
}

// A vector is data from elsewhere: whatever its content, nothing but text and line ends reaches the terminal, and the
// longest content makes a short page.
func TestShowIsSafeAndShort(t *testing.T) {
	for _, v := range shipped(t).All() {
		var page bytes.Buffer
		require.NoError(t, vectors.Show(&page, v))
		require.Less(t, page.Len(), 64<<10, v.ID)
		for _, r := range page.String() {
			require.True(t, r == '\n' || !unicode.IsControl(r), "%s prints %q", v.ID, r)
		}
		for line := range strings.Lines(page.String()) {
			require.Equal(t, strings.TrimRight(line, " \n"), strings.TrimRight(line, "\n"), v.ID)
		}
	}
}

func TestShowReturnsTheWritersError(t *testing.T) {
	v := shipped(t).All()[0]
	full := errors.New("full")
	require.ErrorIs(t, vectors.Show(failing{full}, v), full)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestUnderAndNear(t *testing.T) {
	set := shipped(t)
	require.Len(t, set.Under("sess/send-empty/nothing"), 1)
	require.Len(t, set.Under("sess/send-empty"), 1)
	require.Greater(t, len(set.Under("hdr")), 255)
	require.Equal(t, set.Under("hdr"), set.Under("hdr/"))
	require.Empty(t, set.Under("hd"), "a prefix ends at a slash")
	require.Empty(t, set.Under(""))

	require.Equal(t, "msg/empty/only", set.Near("msg/empty/onyl", 3)[0])
	require.Equal(t, []string{"hdr/reserved-nonzero/0x7f", "msg/binary/single-0x70-to-0x7f"}, set.Near("0x7f", 3))
	require.Equal(t, "hdr/reserved-nonzero/0x7f", set.Near("HDR/reserved-nonzero/0x7f", 1)[0])
	require.Len(t, set.Near("msg", 3), 3)
	require.Empty(t, set.Near("something else altogether", 3))
	require.Empty(t, set.Near("", 3))
}
