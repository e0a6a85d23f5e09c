package vectors

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Format is the number of the file format that this package reads and its generator writes.
const Format = 1

// MaxBytes is the longest wire or content that a vector may describe. It bounds what a wrong repeat count can cost.
const MaxBytes = 1 << 26

// Schema is the value of every file's "$schema" member.
const Schema = "../schema.json"

var (
	fileShape = shape{required: []string{"$schema", "format", "area", "description", "vectors"}}
	// vectorShape lists the members in the order in which the generator writes them.
	vectorShape = shape{required: []string{"id", "description", "requirements", "kind", "segments", "wire_length",
		"wire_sha256", "pieces", "end_of_stream", "messages", "outcome"}}
	segmentShape = shape{required: []string{"field", "hex"}, optional: []string{"repeat", "note"}}
	messageShape = shape{required: []string{"length", "sha256", "content"}}
	partShape    = shape{required: []string{"hex"}, optional: []string{"repeat"}}
	outcomeShape = shape{required: []string{"state"}, optional: []string{"error", "offset"}}

	idPattern   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+(/[a-z0-9._-]+)+$`) })
	hashPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{64}$`) })
)

// File is one file of vectors.
type File struct {
	// Name is the file's name without a directory, such as "reserved.json".
	Name string
	// Area is the name without its extension.
	Area string
	// Description says what the file's vectors have in common.
	Description string
	// Vectors are the file's vectors, in its order; at least one.
	Vectors []*Vector
}

func decodeFile(name string, text []byte) (File, error) {
	f := File{Name: name}
	at := spot{file: name}
	if !utf8.Valid(text) {
		return f, at.errorf("save the file as UTF-8", "not UTF-8")
	}
	tree, err := parseJSON(text)
	if err != nil {
		return f, at.errorf("correct the JSON", "%v", err)
	}
	o := newObject(at, tree, fileShape)
	f.Area, f.Description = o.string("area"), o.string("description")
	schema, format, list := o.string("$schema"), o.int("format", 0), o.array("vectors")
	switch {
	case o.err != nil:
		return f, o.err
	case schema != Schema:
		return f, at.at("$schema").errorf("write "+Schema, "unknown schema %q", schema)
	case format != Format:
		return f, at.at("format").errorf(fmt.Sprintf("use format %d", Format), "unknown format %d", format)
	case f.Area != strings.TrimSuffix(name, ".json"):
		return f, at.at("area").errorf("rename the file or the area", "area %q is not the file's name", f.Area)
	case strings.TrimSpace(f.Description) == "":
		return f, at.at("description").errorf("say what the vectors have in common", "empty")
	case len(list) == 0:
		return f, at.at("vectors").errorf("add a vector or remove the file", "no vectors")
	}
	if err := checkText(at.at("description"), f.Description); err != nil {
		return f, err
	}
	for i, tree := range list {
		v, err := decodeVector(spot{file: name, vector: nameOf(tree, i+1)}, tree)
		if err != nil {
			return f, err
		}
		f.Vectors = append(f.Vectors, v)
	}
	return f, nil
}

// nameOf returns what errors call a vector that may not even be an object: its ID, or else its place.
func nameOf(tree value, number int) string {
	if i := slices.Index(tree.names, "id"); i >= 0 && tree.items[i].kind == '"' && len(tree.items[i].text) > 2 {
		return tree.items[i].string()
	}
	return fmt.Sprintf("#%d", number)
}

func decodeVector(at spot, tree value) (*Vector, error) {
	o := newObject(at, tree, vectorShape)
	v := &Vector{
		ID:           o.string("id"),
		Description:  o.string("description"),
		Requirements: o.strings("requirements"),
		Kind:         Kind(o.string("kind")),
		WireLength:   o.int("wire_length", 0),
		WireSHA256:   o.string("wire_sha256"),
		Pieces:       o.ints("pieces"),
		EndOfStream:  o.bool("end_of_stream"),
		File:         at.file,
	}
	for i, tree := range o.array("segments") {
		v.Segments = append(v.Segments, decodeSegment(o, at.item("segments", i), tree))
	}
	for i, tree := range o.array("messages") {
		v.Messages = append(v.Messages, decodeMessage(o, at.item("messages", i), tree))
	}
	if out, ok := o.member("outcome", '{'); ok {
		v.Outcome = decodeOutcome(o, at.at("outcome"), out)
	}
	return v, o.err
}

// The functions below note what is wrong in the object that they are a part of.

func decodeSegment(above *object, at spot, tree value) Segment {
	o := newObject(at, tree, segmentShape)
	s := Segment{Field: Field(o.string("field")), Part: decodePart(o), Note: o.string("note")}
	if s.Field != FieldReserved && s.Field != FieldLength && s.Field != FieldContent {
		o.fail(at.at("field").errorf("use reserved, length or content", "unknown word %q", s.Field))
	}
	above.fail(o.err)
	return s
}

func decodePart(o *object) Part {
	digits := o.string("hex")
	p := Part{Repeat: o.int("repeat", 1)}
	if o.err != nil {
		return p
	}
	unit, err := hex.DecodeString(digits)
	switch {
	case err != nil || strings.ToLower(digits) != digits:
		o.fail(o.spot.at("hex").errorf("write pairs of the digits 0-9 and a-f", "%.40q is not lower-case hex", digits))
	case len(unit) == 0:
		o.fail(o.spot.at("hex").errorf("leave the run out", "no bytes"))
	case o.has("repeat") && p.Repeat < 2:
		o.fail(o.spot.at("repeat").errorf("leave repeat out, or make it at least 2", "%d repeats nothing", p.Repeat))
	case p.Repeat > MaxBytes/len(unit):
		o.fail(o.spot.at("repeat").errorf(fmt.Sprintf("stay below %d bytes", MaxBytes), "%d times %d bytes is too much", p.Repeat, len(unit)))
	}
	p.Unit = unit
	return p
}

func decodeMessage(above *object, at spot, tree value) Message {
	o := newObject(at, tree, messageShape)
	m := Message{Length: o.int("length", 0), SHA256: o.string("sha256")}
	for i, tree := range o.array("content") {
		part := newObject(at.item("content", i), tree, partShape)
		m.Parts = append(m.Parts, decodePart(part))
		o.fail(part.err)
	}
	above.fail(o.err)
	return m
}

func decodeOutcome(above *object, at spot, tree value) Outcome {
	o := newObject(at, tree, outcomeShape)
	out := Outcome{State: State(o.string("state")), Error: ErrorKind(o.string("error")), Offset: o.int("offset", 0)}
	closed := out.State == StateClosed
	switch {
	case !closed && out.State != StateOpen:
		o.fail(at.at("state").errorf("use open or closed", "unknown word %q", out.State))
	case o.has("error") && !knownError(out.Error):
		o.fail(at.at("error").errorf("use reserved-byte, empty-message, truncated-header, truncated-content, "+
			"end-of-stream or too-long", "unknown word %q", out.Error))
	case closed != o.has("offset"):
		o.fail(at.at("offset").errorf("give an offset if the state is closed, and only then", "does not go with state %q", out.State))
	case closed && !o.has("error"):
		o.fail(at.at("error").errorf("name the error that closed the session", "missing"))
	}
	above.fail(o.err)
	return out
}

func knownError(e ErrorKind) bool {
	switch e {
	case ErrorReservedByte, ErrorEmptyMessage, ErrorTruncatedHeader, ErrorTruncatedContent, ErrorEndOfStream, ErrorTooLong:
		return true
	}
	return false
}
