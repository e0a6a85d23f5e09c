package vectors_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/vectors"
)

func load(text string) (*vectors.Set, error) {
	return vectors.Load(fstest.MapFS{"sample.json": {Data: []byte(text)}})
}

func TestLoadSample(t *testing.T) {
	set, err := load(sample)
	require.NoError(t, err)
	require.Len(t, set.All(), 2)
	v, ok := set.Find(sampleID)
	require.True(t, ok)
	require.Equal(t, []byte("\x00\x00\x00\x06ababab\x00\x00\x00\x00\x00\x00\x00\x01x"), v.Wire())
	require.Equal(t, []byte("ababab"), v.Messages[0].Content())
	require.Equal(t, []int{18, 1}, v.Pieces)
	require.Equal(t, vectors.Outcome{State: vectors.StateClosed, Error: vectors.ErrorEmptyMessage, Offset: 10}, v.Outcome)
	require.Equal(t, "sample.json", v.File)
	refused, ok := set.Find(refusalID)
	require.True(t, ok)
	require.Empty(t, refused.Wire())
	require.Empty(t, refused.Messages[0].Content())
	_, ok = set.Find("msg/empty")
	require.False(t, ok, "a requirement is no vector")
}

func TestWireIsTheCallersOwn(t *testing.T) {
	set, err := load(sample)
	require.NoError(t, err)
	v := set.All()[0]
	v.Wire()[0] = 0xff
	v.Messages[0].Content()[0] = 0xff
	require.Equal(t, byte(0), v.Wire()[0])
	require.Equal(t, byte('a'), v.Messages[0].Content()[0])
}

func TestLoadRefusesCorruption(t *testing.T) {
	rows := corruptions()
	require.Greater(t, len(rows), 60)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			require.Contains(t, sample, row.old)
			_, err := load(strings.Replace(sample, row.old, row.new, 1))
			var wrong *vectors.Error
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, "sample.json", wrong.File)
			require.Equal(t, row.vector, wrong.Vector)
			require.Equal(t, row.member, wrong.Member)
			require.Contains(t, wrong.Problem, row.problem)
			require.NotEmpty(t, wrong.Remedy)
			require.Contains(t, err.Error(), "sample.json: ")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// stream returns a file with one vector of the segments, given as "field hex", and of the rest of its members. The
// hash and the length of the wire are right.
func streamFile(segments []string, rest string) string {
	var lines []string
	var wire []byte
	for _, s := range segments {
		field, digits, _ := strings.Cut(s, " ")
		lines = append(lines, fmt.Sprintf(`{"field": %q, "hex": %q}`, field, digits))
		bytes, _ := hex.DecodeString(digits)
		wire = append(wire, bytes...)
	}
	return fmt.Sprintf(`{"$schema": "../schema.json", "format": 1, "area": "sample", "description": "A sample.", "vectors": [
		{"id": "stream/order/x", "description": "x", "requirements": ["stream/order"], "kind": "stream", "segments": [%s],
		"wire_length": %d, "wire_sha256": "%x", "pieces": [], %s}]}`, strings.Join(lines, ", "), len(wire), sha256.Sum256(wire), rest)
}

func TestLoadRefusesInconsistentSegments(t *testing.T) {
	const (
		open   = `"end_of_stream": false, "messages": [], "outcome": {"state": "open"}`
		ended  = `"end_of_stream": true, "messages": [], "outcome": {"state": "closed", "error": "end-of-stream", "offset": 0}`
		hi     = `"end_of_stream": false, "messages": [{"length": 2, "sha256": "3639efcd08abb273b1619e82e78c29a7df02c1051b1820e99fc395dcaa3326b8", "content": [{"hex": "4869"}]}], "outcome": {"state": "open"}`
		closed = `"end_of_stream": false, "messages": [], "outcome": {"state": "closed", "error": "reserved-byte", "offset": 0}`
	)
	rows := []struct {
		name     string
		segments []string
		rest     string
		member   string
		problem  string
	}{
		{"length first", []string{"length 000002"}, open, "segments[0]", "a length without a reserved byte"},
		{"content first", []string{"content 4869"}, open, "segments[0]", "content without a header"},
		{"content behind half a header", []string{"reserved 00", "length 0000", "content 4869"}, open, "segments[2]", "content without a header"},
		{"content behind a reserved byte", []string{"reserved 00", "content 4869"}, open, "segments[1]", "content without a header"},
		{"two lengths", []string{"reserved 00", "length 000002", "length 000002"}, open, "segments[2]", "a length without a reserved byte"},
		{"reserved of two bytes", []string{"reserved 0000", "length 0002", "content 4869"}, open, "segments[0]", "the reserved field has 2 bytes"},
		{"length of four bytes", []string{"reserved 00", "length 00000002"}, open, "segments[1]", "the length field has 4 bytes"},
		{"content too long", []string{"reserved 00", "length 000001", "content 4869"}, open, "segments[2]", "content of 2 bytes where the header announces 1"},
		{"header inside content", []string{"reserved 00", "length 000003", "content 4869", "reserved 00"}, open, "segments[3]", "a header begins inside the message at offset 0"},
		{"header inside a header", []string{"reserved 00", "length 0000", "reserved 00"}, open, "segments[2]", "a header begins inside the message at offset 0"},
		{"message not listed", []string{"reserved 00", "length 000002", "content 4869"}, open, "outcome", "a message more than are listed"},
		{"message not on the wire", nil, hi, "messages[0]", "the wire has no valid message 0"},
		{"message behind an error", []string{"reserved 01", "length 000002", "content 4869"}, hi, "messages[0]", "the wire has no valid message 0"},
		{"another content", []string{"reserved 00", "length 000002", "content 4868"}, hi, "messages[0]", "not the content at offset 4"},
		{"unfinished header", []string{"reserved 00", "length 0000"}, open, "outcome", "an unfinished header without end_of_stream"},
		{"unfinished content", []string{"reserved 00", "length 000002", "content 48"}, open, "outcome", "unfinished content without end_of_stream"},
		{"truncated header called an end", []string{"reserved 00"}, ended, "outcome", `the segments say "truncated-header"`},
		{"truncated content called an end", []string{"reserved 00", "length 000001"}, ended, "outcome", `the segments say "truncated-content"`},
		{"error without one", nil, closed, "outcome", `error "reserved-byte" where the segments say ""`},
		{"empty called reserved", []string{"reserved 00", "length 000000"}, closed, "outcome", `the segments say "empty-message"`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := load(streamFile(row.segments, row.rest))
			var wrong *vectors.Error
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, "stream/order/x", wrong.Vector)
			require.Equal(t, row.member, wrong.Member)
			require.Contains(t, wrong.Problem, row.problem)
		})
	}
	_, err := load(streamFile([]string{"reserved 00", "length 000002", "content 48", "content 69"}, hi))
	require.NoError(t, err, "content in two segments, and in one part of the message")
}

func TestLoadRefusesFiles(t *testing.T) {
	file := &fstest.MapFile{Data: []byte(sample)}
	_, err := vectors.Load(fstest.MapFS{})
	require.ErrorContains(t, err, "no vectors")
	other := &fstest.MapFile{Data: []byte(strings.Replace(sample, `"area": "sample"`, `"area": "second"`, 1))}
	rows := []struct {
		name, file string
		fsys       fstest.MapFS
	}{
		{"another kind of file", "notes.txt", fstest.MapFS{"sample.json": file, "notes.txt": {}}},
		{"a directory", "old.json", fstest.MapFS{"old.json/sample.json": file}},
		{"an ID in two files", "second.json", fstest.MapFS{"sample.json": file, "second.json": other}},
		{"an empty file", "sample.json", fstest.MapFS{"sample.json": {}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := vectors.Load(row.fsys)
			var wrong *vectors.Error
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, row.file, wrong.File)
		})
	}
	_, err = vectors.Load(unreadable{})
	require.ErrorIs(t, err, fs.ErrPermission)
}

// unreadable is a file system that may not be read.
type unreadable struct{}

func (unreadable) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func TestDigestFollowsNamesAndBytes(t *testing.T) {
	digest := func(fsys fs.FS) string {
		set, err := vectors.Load(fsys)
		require.NoError(t, err)
		require.Regexp(t, "^[0-9a-f]{64}$", set.Digest())
		return set.Digest()
	}
	base := digest(fstest.MapFS{"sample.json": {Data: []byte(sample)}})
	line := fmt.Sprintf("%x  sample.json\n", sha256.Sum256([]byte(sample)))
	require.Equal(t, fmt.Sprintf("%x", sha256.Sum256([]byte(line))), base, "as sha256sum *.json | sha256sum")
	require.NotEqual(t, base, digest(fstest.MapFS{"sample.json": {Data: []byte(sample + "\n")}}), "bytes count")
	renamed := strings.Replace(sample, `"area": "sample"`, `"area": "simple"`, 1)
	require.NotEqual(t, base, digest(fstest.MapFS{"simple.json": {Data: []byte(renamed)}}), "names count")
}
