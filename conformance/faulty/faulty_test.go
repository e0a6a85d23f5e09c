package faulty

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

func TestCatalogueIsSound(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range []struct {
		role           spec.Role
		faults, habits int
	}{
		{spec.Server, 120, 25},
		{spec.Client, 70, 20},
		{spec.Driver, 48, 11},
	} {
		require.GreaterOrEqual(t, len(Faults(row.role)), row.faults, row.role)
		require.GreaterOrEqual(t, len(Habits(row.role)), row.habits, row.role)
		for _, f := range append(Faults(row.role), Habits(row.role)...) {
			t.Run(f.Name, func(t *testing.T) {
				require.Equal(t, row.role, f.Role)
				require.False(t, seen[f.Name], "the name is taken")
				seen[f.Name] = true
				requireSound(t, f)
			})
		}
	}
}

func requireSound(t *testing.T, f Fault) {
	require.Regexp(t, regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`), f.Name)
	require.Contains(t, Classes(), f.Class)
	require.Regexp(t, regexp.MustCompile(`^[A-Z0-9%].*\.$`), f.Description)
	require.Equal(t, f.Role == spec.Server, f.mutate != nil)
	require.Equal(t, f.Role == spec.Client, f.client != nil)
	for _, id := range append(f.Breaks, f.Warns...) {
		rule, ok := spec.Find(id)
		require.True(t, ok, "unknown requirement %q", id)
		require.True(t, rule.Binds(f.Role), "%s does not bind a %s", id, f.Role)
	}
	require.Equal(t, f.Odd, f.Class == Conformity)
	require.Equal(t, f.Odd, len(f.Breaks) == 0)
}

func TestEveryClassHasSeveralFaults(t *testing.T) {
	elsewhere := map[string]spec.Role{ExitStatus: spec.Client, Handler: spec.Driver} // what a server does not have
	for _, class := range Classes() {
		role, least := spec.Server, 5
		if of, ok := elsewhere[class]; ok {
			role, least = of, 3
		}
		count := 0
		for _, f := range Faults(role) {
			if f.Class == class {
				count++
			}
		}
		if class != Conformity {
			require.GreaterOrEqual(t, count, least, class)
		}
	}
}

func TestFind(t *testing.T) {
	f, ok := Find("length-little-endian")
	require.True(t, ok)
	require.Equal(t, spec.Must, f.Level())
	f, ok = Find("reserved-only-ff-refused")
	require.True(t, ok)
	require.Equal(t, spec.Should, f.Level())
	_, ok = Find("no-such-fault")
	require.False(t, ok)
}

// judge runs probes against a server and returns what the first that fails says.
func judge(name string, patience time.Duration, probes ...probe) error {
	dir, err := os.MkdirTemp("", "oizys")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sub, err := launch(name, dir, patience)
	if err != nil {
		return err
	}
	defer sub.kill()
	for _, p := range probes {
		if err := p.run(sub); err != nil {
			return fmt.Errorf("%s: %w", p.class, err)
		}
	}
	return nil
}

// together runs judge for every name, several at a time, and returns the results in order.
func together(names []string, judge func(name string) error) []error {
	results := make([]error, len(names))
	slots := make(chan struct{}, 8)
	var all sync.WaitGroup
	for i, name := range names {
		slots <- struct{}{}
		all.Go(func() {
			results[i] = judge(name)
			<-slots
		})
	}
	all.Wait()
	return results
}

func namesOf(faults []Fault) (names []string) {
	for _, f := range faults {
		names = append(names, f.Name)
	}
	return names
}

// TestFaultsShow proves that every fault is there: the probe of its class sees it.
func TestFaultsShow(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process for every fault")
	}
	t.Parallel() // they wait more than they compute
	names := namesOf(Faults(spec.Server))
	results := together(names, func(name string) error {
		f, _ := Find(name)
		p, err := probeFor(f.Class)
		if err != nil {
			return nil
		}
		return judge(name, 3*time.Second, p)
	})
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			require.Error(t, results[i], "its class's probe sees no fault")
		})
	}
}

// fits reports whether a probe can be asked of a habit: some serve too few sessions at once, one only warns about what
// the probe asks for, and those that have nothing to do with resources are spared the long probe for leaks.
func fits(habit string, p probe) bool {
	switch habit {
	case "serial":
		return p.sessions <= 1
	case "four-at-once":
		return p.sessions <= 4
	case "turns-away-surplus":
		// Those two open more sessions than it serves, and on a busy machine it may not have noticed their end yet when the
		// next ones come.
		return p.sessions <= 8 && p.class != Crash && p.class != Hang
	case "unread-reply-blocks-others":
		return p.class != Concurrency && p.class != Leak // it is what the habit is about
	case "reserved-ignored":
		return p.class != Reserved && p.class != Close && p.class != Leak
	case "process-per-session":
		return p.class != Crash && p.class != Hang && p.class != Empty // hundreds of sessions each
	case "none", "thread-per-session", "waits-for-all", "releases-late", "memory-reaches-plateau":
		return true
	default:
		return p.class != Leak
	}
}

// TestHabitsConform proves that no habit is a defect: it passes every probe.
func TestHabitsConform(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process for every habit")
	}
	t.Parallel() // they wait more than they compute
	names := append([]string{"none"}, namesOf(Habits(spec.Server))...)
	results := together(names, func(name string) error {
		return judge(name, 30*time.Second, slices.DeleteFunc(probes(), func(p probe) bool { return !fits(name, p) })...)
	})
	for i, name := range names {
		t.Run(name, func(t *testing.T) { require.NoError(t, results[i]) })
	}
}
