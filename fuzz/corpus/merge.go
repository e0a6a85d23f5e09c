package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// goHeader is the first line of Go's files.
const goHeader = "go test fuzz v1"

// mostBytes is the longest input, and mostFile the longest file with one: in Go's, a byte may take four.
const (
	mostBytes = 1 << 20
	mostFile  = 4*mostBytes + 64
)

// toGo returns the input as Go's file.
func toGo(data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte(goHeader)) {
		return nil, errors.New("a file of Go's fuzzing, where raw inputs are expected")
	}
	if err := checkLength(data); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s\n[]byte(%q)\n", goHeader, data), nil
}

// fromGo returns the input in a file of Go's.
func fromGo(text []byte) ([]byte, error) {
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n")
	if lines[0] != goHeader {
		return nil, fmt.Errorf("its first line is not %q", goHeader)
	}
	if len(lines) != 2 {
		return nil, fmt.Errorf("%d values; the targets take one", len(lines)-1)
	}
	literal, begins := strings.CutPrefix(lines[1], "[]byte(")
	literal, ends := strings.CutSuffix(literal, ")")
	if !begins || !ends {
		return nil, errors.New("its value is not a []byte")
	}
	s, err := strconv.Unquote(literal)
	if err != nil || literal[0] == '\'' {
		return nil, errors.New("its value is not a text in quotes")
	}
	return []byte(s), checkLength([]byte(s))
}

func checkLength(data []byte) error {
	if len(data) > mostBytes {
		return fmt.Errorf("%d bytes; an input has at most %d", len(data), mostBytes)
	}
	return nil
}

// merge converts the files of one folder into another. Files get the name that their content gives them, so that the same
// input is there once; an input that is there under another name is not added.
func merge(out io.Writer, from, to string, convert func([]byte) ([]byte, error)) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("reading the corpus: %w", err)
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("making the corpus: %w", err)
	}
	there, err := contents(to)
	if err != nil {
		return err
	}
	added, same, foreign := 0, 0, 0
	for _, e := range entries {
		name := filepath.Join(from, e.Name())
		data, err := readInput(name, e)
		if err == nil {
			data, err = convert(data)
		}
		if err != nil {
			foreign++
			fmt.Fprintf(out, "left out: %s: %v\n", name, err)
			continue
		}
		if there[string(data)] {
			same++
			continue
		}
		there[string(data)] = true
		sum := sha256.Sum256(data)
		if err := os.WriteFile(filepath.Join(to, hex.EncodeToString(sum[:8])), data, 0o644); err != nil {
			return fmt.Errorf("adding to the corpus: %w", err)
		}
		added++
	}
	fmt.Fprintf(out, "%d added, %d there already, %d left out\n", added, same, foreign)
	if foreign > 0 {
		return fmt.Errorf("%d of what is in %s was left out; it is named above, with the reason", foreign, from)
	}
	return nil
}

func readInput(name string, e os.DirEntry) ([]byte, error) {
	if !e.Type().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	info, err := e.Info()
	if err != nil {
		return nil, err
	}
	if info.Size() > mostFile {
		return nil, fmt.Errorf("%d bytes; a file with an input has at most %d", info.Size(), mostFile)
	}
	return os.ReadFile(name)
}

// contents returns what the files of a folder hold.
func contents(folder string) (map[string]bool, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("reading the corpus: %w", err)
	}
	all := map[string]bool{}
	for _, e := range entries {
		data, err := readInput(filepath.Join(folder, e.Name()), e)
		if err != nil {
			continue // Nothing is taken from here: it is only not added once more.
		}
		all[string(data)] = true
	}
	return all, nil
}
