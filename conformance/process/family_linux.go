package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// Adopt makes orphans among the runner's descendants its children, so that they can be found and reaped. It changes the
// whole process; a program calls it once, before it starts a peer.
func Adopt() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("becoming the reaper of orphans: %w", err)
	}
	return nil
}

// household says which processes are a runner's. Those that leave their process group keep their environment, and those
// that start with another environment, or write over it, keep their limits.
type household struct {
	tags  []string // entries of an environment, as KEY=value, that no other process has
	limit uint64   // of real-time processor time, that no other process has; 0 means none
}

// markLimit gives this process, and so all that it starts, a limit of real-time processor time that no other has, and
// returns it: above a thousand years, so that it limits nothing. It is 0 where that cannot be done.
func markLimit(chance uint64) uint64 {
	const highest, least = 1 << 62, 1 << 55 // µs
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_RTTIME, &now); err != nil || now.Max < least {
		return 0
	}
	mark := min(now.Max, highest) - 1 - chance%(least/2)
	if unix.Setrlimit(unix.RLIMIT_RTTIME, &unix.Rlimit{Cur: min(now.Cur, mark), Max: mark}) != nil {
		return 0
	}
	return mark
}

// members returns the household's processes, zombies left out. It does not look at strangers, and adds to them, unless
// they are nil, those that are seen not to belong to it.
func (h household) members(strangers map[int]bool) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var found []int
	buf := make([]byte, 16<<10)
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() || strangers[pid] {
			continue
		}
		switch belongs, certain := h.has(pid, buf); {
		case belongs && Runs(pid):
			found = append(found, pid)
		case !belongs && certain && strangers != nil:
			strangers[pid] = true
		}
	}
	return found
}

// has reports whether a process belongs to the household, and whether that is certain: one that is just executing another
// program shows no environment. It reads into buf.
func (h household) has(pid int, buf []byte) (belongs, certain bool) {
	if h.limit > 0 && hasLimit(pid, h.limit) {
		return true, true
	}
	if len(h.tags) == 0 {
		return false, false
	}
	env, err := readProc(fmt.Sprintf("/proc/%d/environ", pid), buf)
	if err != nil {
		return false, false
	}
	for _, tag := range h.tags {
		if entry := []byte(tag + "\x00"); bytes.HasPrefix(env, entry) || bytes.Contains(env, append([]byte{0}, entry...)) {
			return true, true
		}
	}
	return false, len(env) > 0
}

func hasLimit(pid int, limit uint64) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(b), "\nMax realtime timeout")
	line, _, _ := strings.Cut(rest, "\n")
	fields := strings.Fields(line) // soft, hard, unit
	return len(fields) >= 2 && fields[1] == strconv.FormatUint(limit, 10)
}

// endAll ends every member but one process, and those that they start meanwhile, and reaps the children of this process
// among them. It gives up after limit.
func (h household) endAll(but int, limit time.Duration) {
	const quiet = 3 // a process may fork and end while it is looked for: so often in a row there must be none
	begin := time.Now()
	strangers := map[int]bool{} // process IDs are not given out again within the few looks in which none is found
	for none := 0; none < quiet && time.Since(begin) < limit; {
		none++
		for _, pid := range h.members(strangers) {
			if pid != but {
				none = 0
				clear(strangers)
				_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended meanwhile
				reap(pid)
			}
		}
		if none > 0 && none < quiet {
			time.Sleep(time.Millisecond)
		}
	}
}

// endLimit bounds the ending of processes that do not end by SIGKILL: they hang in the kernel, or are someone else's.
const endLimit = 5 * time.Second

// EndTagged ends every process whose environment holds tag, and reaps those that are children of the runner.
func EndTagged(tag string) { household{tags: []string{tag}}.endAll(0, endLimit) }

// Tagged reports whether a process runs whose environment holds tag.
func Tagged(tag string) bool { return len(household{tags: []string{tag}}.members(nil)) > 0 }

// reapGroup waits for the killed orphans of a process group that the runner has adopted, so that they leave no zombies.
func reapGroup(group int) {
	for {
		_, err := syscall.Wait4(-group, nil, 0, nil)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return // ECHILD: none is left
		}
	}
}

// reap waits for a killed process that is a child of the runner; one that is not is left to its parent.
func reap(pid int) {
	if s, err := readStat(pid); err != nil || s.parent != os.Getpid() {
		return
	}
	var status syscall.WaitStatus
	_, _ = syscall.Wait4(pid, &status, 0, nil)
}
