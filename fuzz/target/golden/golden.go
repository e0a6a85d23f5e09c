// Package golden has the fuzz target of the loader of golden vectors.
package golden

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/vectors"
)

// vectorFile is the name under which the loader is given the input.
const vectorFile = "empty.json"

// longest is the longest wire, in bytes, that is judged: a file of a few bytes may describe megabytes.
const longest = 1 << 16

// Vectors gives the input to the loader of golden vectors. What is refused must be refused with a place and a remedy;
// what is accepted must be what the model says of its bytes.
func Vectors(data []byte) error {
	set, err := vectors.Load(folder(data))
	if err != nil {
		var wrong *vectors.Error
		if !errors.As(err, &wrong) || wrong.File == "" || wrong.Problem == "" || wrong.Remedy == "" {
			return fmt.Errorf("an error without file, problem and remedy: %w", err)
		}
		return nil
	}
	for _, v := range set.All() {
		if err := judged(v); err != nil {
			return fmt.Errorf("%s: %w", v.ID, err)
		}
	}
	return nil
}

// folder is a file system with nothing but vectorFile in it, which has these bytes.
type folder []byte

// Open implements [fs.FS]. The loader has no need of it, since ReadDir and ReadFile are there.
func (folder) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

// ReadDir implements [fs.ReadDirFS].
func (f folder) ReadDir(string) ([]fs.DirEntry, error) { return []fs.DirEntry{entry{}}, nil }

// ReadFile implements [fs.ReadFileFS].
func (f folder) ReadFile(string) ([]byte, error) { return f, nil }

// entry is that of vectorFile.
type entry struct{}

func (entry) Name() string               { return vectorFile }
func (entry) IsDir() bool                { return false }
func (entry) Type() fs.FileMode          { return 0 }
func (entry) Info() (fs.FileInfo, error) { return nil, fs.ErrInvalid }

func judged(v *vectors.Vector) error {
	if v.WireLength > longest || v.Kind != vectors.KindStream {
		return nil
	}
	stream := v.Wire()
	want := model.Judge(stream, v.EndOfStream)
	if len(want.Messages) != len(v.Messages) {
		return fmt.Errorf("%d messages, want %d", len(v.Messages), len(want.Messages))
	}
	for i, m := range want.Messages {
		if !bytes.Equal(v.Messages[i].Content(), stream[m.Offset:m.Offset+m.Length]) {
			return fmt.Errorf("message %d is not what the wire has", i+1)
		}
	}
	closed := v.Outcome.State == vectors.StateClosed
	switch {
	case closed != want.End.Closed():
		return fmt.Errorf("state %s, want %s", v.Outcome.State, want.End)
	case closed && (string(v.Outcome.Error) != string(want.End) || v.Outcome.Offset != want.Valid):
		return fmt.Errorf("%s at %d, want %s at %d", v.Outcome.Error, v.Outcome.Offset, want.End, want.Valid)
	}
	return nil
}
