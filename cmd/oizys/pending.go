package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// pending is a file that is written at the end of a run and opened before it, so that a path that cannot be written is
// found then. Until it is written nothing is changed, and if it never is, nothing is left.
type pending struct {
	path    string
	file    *os.File
	state   fileState
	written bool
}

// fileState says what a pending file is before it is written.
type fileState int

const (
	existing fileState = iota // it was there before, and keeps its content until then
	nameless                  // it has no name yet, so that nothing is left if it is never written
	created                   // it has, since the file system knows no nameless files, and is removed in that case
)

const newFile = 0o644

func openPending(path string) (*pending, error) {
	p := &pending{path: path}
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if p.file, err = os.OpenFile(filepath.Dir(path), os.O_WRONLY|unix.O_TMPFILE, newFile); err == nil {
			p.state = nameless
			return p, nil
		}
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) { // for a link that leads nowhere, too
		p.state = created
	}
	p.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, newFile)
	return p, err
}

// write has the file filled, in the place of what it holds.
func (p *pending) write(fill func(io.Writer) error) error {
	if err := p.fill(fill); err != nil {
		return fmt.Errorf("%s: %w", p.path, err)
	}
	p.written = true
	return nil
}

func (p *pending) fill(fill func(io.Writer) error) error {
	if p.state != nameless {
		return p.replace(fill)
	}
	if err := fill(p.file); err != nil {
		return err
	}
	link := fmt.Sprintf("/proc/self/fd/%d", p.file.Fd())
	if unix.Linkat(unix.AT_FDCWD, link, unix.AT_FDCWD, p.path, unix.AT_SYMLINK_FOLLOW) == nil {
		return nil
	}
	// Another file has taken the name meanwhile, or names cannot be given here.
	file, err := os.OpenFile(p.path, os.O_WRONLY|os.O_CREATE, newFile)
	if err != nil {
		return err
	}
	p.file.Close()
	p.file, p.state = file, existing
	return p.replace(fill)
}

func (p *pending) replace(fill func(io.Writer) error) error {
	if info, err := p.file.Stat(); err == nil && info.Mode().IsRegular() {
		if err := p.file.Truncate(0); err != nil {
			return err
		}
	}
	return fill(p.file)
}

// close closes the file, and removes it if it was created and then not written. It may be called for nil.
func (p *pending) close() {
	if p == nil {
		return
	}
	if p.state == created && !p.written {
		if name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", p.file.Fd())); err == nil {
			_ = os.Remove(name) // it is gone already, or all that it leaves is an empty file
		}
	}
	p.file.Close()
}

// samePath reports whether two paths are one, however they are written.
func samePath(a, b string) bool {
	a, errA := filepath.Abs(a)
	b, errB := filepath.Abs(b)
	return errA == nil && errB == nil && a == b
}

// openFolder makes a folder, with those above it, and sees that something can be written into it. What it returns takes
// away again what was made, as far as nothing is in it.
func openFolder(path string) (undo func(), err error) {
	var missing []string // the innermost first
	for at := filepath.Clean(path); ; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); !errors.Is(err, fs.ErrNotExist) || slices.Contains(missing, at) {
			break
		}
		missing = append(missing, at)
	}
	undo = func() {
		for _, folder := range missing {
			_ = os.Remove(folder) // one that holds something stays
		}
	}
	if err = os.MkdirAll(path, 0o777); err == nil {
		err = tryToWriteIn(path)
	}
	if err != nil {
		undo()
		return nil, err
	}
	return undo, nil
}

func tryToWriteIn(folder string) error {
	file, err := os.CreateTemp(folder, ".oizys-")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
