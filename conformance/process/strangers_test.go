package process

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is seen not to belong to a household is a stranger, and not looked at again; what belongs to it never is one.
func TestStrangers(t *testing.T) {
	tag := "OIZYS_TEST_STRANGERS=" + t.TempDir()
	mine, err := Start(Command{Args: []string{"sleep", "60"}, Env: []string{tag}})
	require.NoError(t, err)
	t.Cleanup(func() { mine.Stop(0) })
	other, err := Start(Command{Args: []string{"sleep", "60"}})
	require.NoError(t, err)
	t.Cleanup(func() { other.Stop(0) })

	h, strangers := household{tags: []string{tag}}, map[int]bool{}
	require.Eventually(t, func() bool { return len(h.members(strangers)) == 1 && strangers[other.Pid()] }, 5*time.Second, time.Millisecond)
	require.Equal(t, []int{mine.Pid()}, h.members(strangers))
	require.NotContains(t, strangers, mine.Pid())
	require.Empty(t, h.members(map[int]bool{mine.Pid(): true}), "a stranger is not looked at")
}

// A file of /proc is read whole, however short the buffer is.
func TestReadProc(t *testing.T) {
	want, err := os.ReadFile("/proc/self/environ")
	require.NoError(t, err)
	for _, size := range []int{0, 1, len(want), len(want) + 1} {
		got, err := readProc("/proc/self/environ", make([]byte, size))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err = readProc("/proc/self/no-such-file", nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}
