package vectors

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"sync"
)

//go:embed data/*.json
var data embed.FS

// Set is a number of vectors with unique IDs. It is read-only and may be used concurrently.
type Set struct {
	files  []File
	all    []*Vector
	byID   map[string]*Vector
	digest string
}

// hashEmbeddedUpTo bounds the hashing at each start: the embedded data cannot change after the build, and the tests
// of this package check every hash of it.
const hashEmbeddedUpTo = 1 << 16

// Embedded returns the vectors that this module ships, which all callers share and none may change. The first call loads
// them. It checks them as [Load] does, but for the hashes of wires and contents above 64 KiB, which would cost more than
// all the rest. An error means that the build is broken.
func Embedded() (*Set, error) { return embedded() }

var embedded = sync.OnceValues(func() (*Set, error) {
	s, err := load(EmbeddedFS(), hashEmbeddedUpTo)
	if err != nil {
		return nil, fmt.Errorf("embedded vectors: %w", err)
	}
	return s, nil
})

// EmbeddedFS returns the files of [Embedded].
func EmbeddedFS() fs.FS {
	sub, err := fs.Sub(data, "data")
	if err != nil {
		panic(err) // "data" is a valid path, the only thing that Sub asks for
	}
	return sub
}

// Load reads the vectors in the root of fsys, which holds nothing but .json files, and at least one. What is wrong in
// a file is an [*Error] that names the file, the vector and what to do; what cannot be read is the error of fsys.
func Load(fsys fs.FS) (*Set, error) { return load(fsys, math.MaxInt) }

func load(fsys fs.FS, hashUpTo int) (*Set, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("no vectors: the directory is empty; generate them, or name another directory")
	}
	s := &Set{byID: map[string]*Vector{}}
	check := newChecker(hashUpTo)
	digest := sha256.New()
	for _, e := range entries {
		at := spot{file: e.Name()}
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".json") {
			return nil, at.errorf("remove it", "not a file of vectors")
		}
		text, err := fs.ReadFile(fsys, e.Name())
		if err != nil {
			return nil, err
		}
		f, err := decodeFile(e.Name(), text)
		if err != nil {
			return nil, err
		}
		if err := s.add(check, f); err != nil {
			return nil, err
		}
		fmt.Fprintf(digest, "%x  %s\n", sha256.Sum256(text), e.Name())
	}
	s.digest = hex.EncodeToString(digest.Sum(nil))
	return s, nil
}

func (s *Set) add(check checker, f File) error {
	for _, v := range f.Vectors {
		at := spot{file: f.Name, vector: v.ID}
		if err := check.check(v); err != nil {
			return err
		}
		if first, ok := s.byID[v.ID]; ok {
			return at.at("id").errorf("give one of the two another variant", "already used in %s", first.File)
		}
		s.byID[v.ID] = v
		s.all = append(s.all, v)
	}
	s.files = append(s.files, f)
	return nil
}

// All returns every vector: files by name, and in each file its own order. The slice is the caller's own, the vectors
// are shared.
func (s *Set) All() []*Vector { return slices.Clone(s.all) }

// Files returns the files by name. The slice is the caller's own, the vectors are shared.
func (s *Set) Files() []File { return slices.Clone(s.files) }

// Find returns the vector with the given ID.
func (s *Set) Find(id string) (*Vector, bool) {
	v, ok := s.byID[id]
	return v, ok
}

// Under returns the vectors whose ID is prefix or lies below it: "hdr", "hdr/length" and "hdr/length/hi" all name the
// last one. The order is that of [Set.All].
func (s *Set) Under(prefix string) []*Vector {
	prefix = strings.TrimSuffix(prefix, "/")
	var list []*Vector
	for _, v := range s.all {
		if v.ID == prefix || strings.HasPrefix(v.ID, prefix+"/") {
			list = append(list, v)
		}
	}
	return list
}

// Digest returns a SHA-256 in lower-case hex over the files' names and bytes. It is what this prints in the directory:
//
//	LC_ALL=C sha256sum *.json | sha256sum
func (s *Set) Digest() string { return s.digest }
