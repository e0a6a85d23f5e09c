// Package testprogram builds programs of this module for tests that start them as processes: a program of its own starts in
// a fraction of the time that a test binary takes, under the race detector all the more.
//
// Begin with [New]. What its tests are of is to be tested in their own process, where the race detector sees it.
package testprogram

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// Program is a program that is built when it is first asked for. It may be used concurrently, but for Remove.
type Program struct {
	build func() (string, error)
	dir   string
}

// New returns the program of the package with this import path, or path relative to the test's folder. It is built with
// the variables besides those of the environment, such as CGO_ENABLED=0, which links it statically.
func New(pkg string, variables ...string) *Program {
	p := &Program{}
	p.build = sync.OnceValues(func() (string, error) {
		var err error
		if p.dir, err = os.MkdirTemp("", "oizys"); err != nil {
			return "", err
		}
		path := filepath.Join(p.dir, "program")
		cmd := exec.Command("go", "build", "-o", path, pkg)
		cmd.Env = append(os.Environ(), variables...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("building %s: %w\n%s", pkg, err, out)
		}
		return path, nil
	})
	return p
}

// Path returns the path of the program, or why it cannot be built.
func (p *Program) Path() (string, error) { return p.build() }

// Remove removes what was built, when nobody starts it any more.
func (p *Program) Remove() error {
	if p.dir == "" {
		return nil
	}
	return os.RemoveAll(p.dir)
}
