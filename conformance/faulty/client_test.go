package faulty

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

// examine runs a client through probes and returns what is wrong in the first meeting that fails.
func examine(name string, patience time.Duration, probes ...clientProbe) error {
	dir, err := os.MkdirTemp("", "oizys")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f, _ := Find(name)
	for _, p := range probes {
		for _, m := range p.meetings {
			if slices.Contains(f.Warns, m.should) {
				continue
			}
			if err := m.hold(name, dir, patience); err != nil {
				return fmt.Errorf("%s, %s: %w", p.name, m.name, err)
			}
		}
	}
	return nil
}

// TestClientFaultsShow proves that every fault of a client is there: the probe for what it breaks sees it.
func TestClientFaultsShow(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes for every fault")
	}
	t.Parallel() // they wait more than they compute
	names := namesOf(Faults(spec.Client))
	results := together(names, func(name string) error {
		f, _ := Find(name)
		return examine(name, 700*time.Millisecond, clientProbeFor(f))
	})
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			require.Error(t, results[i], "its probe sees no fault")
			t.Log(results[i])
		})
	}
}

// TestClientHabitsConform proves that no habit of a client is a defect: it comes through every meeting.
func TestClientHabitsConform(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes for every habit")
	}
	t.Parallel() // they wait more than they compute
	names := append([]string{"none"}, namesOf(Habits(spec.Client))...)
	results := together(names, func(name string) error { return examine(name, 20*time.Second, clientProbes()...) })
	for i, name := range names {
		t.Run(name, func(t *testing.T) { require.NoError(t, results[i]) })
	}
}

func TestRunClientNeedsAClientsName(t *testing.T) {
	for _, name := range []string{"no-such-fault", "empty-echoed"} {
		_, err := RunClient(t.Context(), name, ClientOptions{})
		require.ErrorContains(t, err, name)
	}
	status, err := RunClient(t.Context(), "none", ClientOptions{Socket: t.TempDir() + "/none", Message: []byte("x")})
	require.NoError(t, err)
	require.Equal(t, 1, status)
}
