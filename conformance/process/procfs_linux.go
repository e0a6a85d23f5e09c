package process

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// readProc reads a file of /proc into buf, which it makes longer where that is needed, and returns what it read. Such files
// are read by the hundred, so that it does without what os.ReadFile does for files of other kinds.
func readProc(path string, buf []byte) ([]byte, error) {
	fd, err := ignoringEINTR(func() (int, error) { return unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0) })
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	buf = buf[:cap(buf)]
	if len(buf) == 0 {
		buf = make([]byte, 1<<10)
	}
	for n := 0; ; {
		if n == len(buf) {
			longer := make([]byte, 2*len(buf))
			copy(longer, buf)
			buf = longer
		}
		m, err := ignoringEINTR(func() (int, error) { return unix.Read(fd, buf[n:]) })
		if err != nil {
			return nil, &os.PathError{Op: "read", Path: path, Err: err}
		}
		if m == 0 {
			return buf[:n], nil
		}
		n += m
	}
}

func ignoringEINTR(do func() (int, error)) (int, error) {
	for {
		if n, err := do(); !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// tasks returns the folders of the threads of process pid, such as /proc/1/task/1; none for one that is gone.
func tasks(pid int) []string {
	dir := fmt.Sprintf("/proc/%d/task", pid)
	entries, _ := os.ReadDir(dir) // what was read before an error counts
	all := make([]string, 0, len(entries))
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err == nil {
			all = append(all, dir+"/"+entry.Name())
		}
	}
	return all
}
