package vectors

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
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

	idPattern   = regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+(/[a-z0-9._-]+)+$`)
	hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
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

func decodeFile(name string, data []byte) (File, error) {
	f := File{Name: name}
	at := spot{file: name}
	if !utf8.Valid(data) {
		return f, at.errorf("save the file as UTF-8", "not UTF-8")
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return f, at.errorf("correct the JSON", "%s", syntaxProblem(data, err))
	}
	o, err := parseObject(at, raw, fileShape)
	if err != nil {
		return f, err
	}
	var schema string
	var format int
	var vectors []json.RawMessage
	if err := all(o.into("$schema", &schema), o.into("format", &format), o.into("area", &f.Area),
		o.into("description", &f.Description), o.into("vectors", &vectors)); err != nil {
		return f, err
	}
	switch {
	case schema != Schema:
		return f, at.at("$schema").errorf("write "+Schema, "unknown schema %q", schema)
	case format != Format:
		return f, at.at("format").errorf(fmt.Sprintf("use format %d", Format), "unknown format %d", format)
	case f.Area != strings.TrimSuffix(name, ".json"):
		return f, at.at("area").errorf("rename the file or the area", "area %q is not the file's name", f.Area)
	case strings.TrimSpace(f.Description) == "":
		return f, at.at("description").errorf("say what the vectors have in common", "empty")
	case len(vectors) == 0:
		return f, at.at("vectors").errorf("add a vector or remove the file", "no vectors")
	}
	for i, raw := range vectors {
		v, err := decodeVector(name, i+1, raw)
		if err != nil {
			return f, err
		}
		f.Vectors = append(f.Vectors, v)
	}
	return f, nil
}

func syntaxProblem(data []byte, err error) string {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return err.Error()
	}
	before := data[:min(int(syntax.Offset), len(data))]
	return fmt.Sprintf("line %d: %v", 1+strings.Count(string(before), "\n"), err)
}

func decodeVector(file string, number int, raw json.RawMessage) (*Vector, error) {
	v := &Vector{File: file}
	var named struct{ ID json.RawMessage }
	at := spot{file: file, vector: fmt.Sprintf("#%d", number)}
	if json.Unmarshal(raw, &named) == nil && json.Unmarshal(named.ID, &v.ID) == nil && v.ID != "" {
		at.vector = v.ID
	}
	o, err := parseObject(at, raw, vectorShape)
	if err != nil {
		return nil, err
	}
	var segments, messages []json.RawMessage
	var outcome json.RawMessage
	if err := all(o.into("id", &v.ID), o.into("description", &v.Description), o.into("requirements", &v.Requirements),
		o.into("kind", &v.Kind), o.into("segments", &segments), o.into("wire_length", &v.WireLength),
		o.into("wire_sha256", &v.WireSHA256), o.into("pieces", &v.Pieces), o.into("end_of_stream", &v.EndOfStream),
		o.into("messages", &messages), o.into("outcome", &outcome)); err != nil {
		return nil, err
	}
	for i, raw := range segments {
		s, err := decodeSegment(at.at("segments[%d]", i), raw)
		if err != nil {
			return nil, err
		}
		v.Segments = append(v.Segments, s)
	}
	for i, raw := range messages {
		m, err := decodeMessage(at.at("messages[%d]", i), raw)
		if err != nil {
			return nil, err
		}
		v.Messages = append(v.Messages, m)
	}
	if v.Outcome, err = decodeOutcome(at.at("outcome"), outcome); err != nil {
		return nil, err
	}
	return v, nil
}

func decodeSegment(at spot, raw json.RawMessage) (Segment, error) {
	var s Segment
	o, err := parseObject(at, raw, segmentShape)
	if err != nil {
		return s, err
	}
	if err := all(o.into("field", &s.Field), o.into("note", &s.Note)); err != nil {
		return s, err
	}
	if s.Field != FieldReserved && s.Field != FieldLength && s.Field != FieldContent {
		return s, at.at("field").errorf("use reserved, length or content", "unknown word %q", s.Field)
	}
	s.Part, err = decodePart(o)
	return s, err
}

func decodePart(o object) (Part, error) {
	p := Part{Repeat: 1}
	var digits string
	if err := all(o.into("hex", &digits), o.into("repeat", &p.Repeat)); err != nil {
		return p, err
	}
	unit, err := hex.DecodeString(digits)
	_, repeats := o.members["repeat"]
	switch {
	case err != nil || strings.ToLower(digits) != digits:
		return p, o.spot.at("hex").errorf("write pairs of the digits 0-9 and a-f", "%.40q is not lower-case hex", digits)
	case len(unit) == 0:
		return p, o.spot.at("hex").errorf("leave the run out", "no bytes")
	case repeats && p.Repeat < 2:
		return p, o.spot.at("repeat").errorf("leave repeat out, or make it at least 2", "%d repeats nothing", p.Repeat)
	case p.Repeat > MaxBytes/len(unit):
		return p, o.spot.at("repeat").errorf(fmt.Sprintf("stay below %d bytes", MaxBytes), "%d times %d bytes is too much", p.Repeat, len(unit))
	}
	p.Unit = unit
	return p, nil
}

func decodeMessage(at spot, raw json.RawMessage) (Message, error) {
	var m Message
	o, err := parseObject(at, raw, messageShape)
	if err != nil {
		return m, err
	}
	var content []json.RawMessage
	if err := all(o.into("length", &m.Length), o.into("sha256", &m.SHA256), o.into("content", &content)); err != nil {
		return m, err
	}
	for i, raw := range content {
		po, err := parseObject(at.at("content[%d]", i), raw, partShape)
		if err != nil {
			return m, err
		}
		p, err := decodePart(po)
		if err != nil {
			return m, err
		}
		m.Parts = append(m.Parts, p)
	}
	return m, nil
}

func decodeOutcome(at spot, raw json.RawMessage) (Outcome, error) {
	var out Outcome
	o, err := parseObject(at, raw, outcomeShape)
	if err != nil {
		return out, err
	}
	if err := all(o.into("state", &out.State), o.into("error", &out.Error), o.into("offset", &out.Offset)); err != nil {
		return out, err
	}
	_, hasError := o.members["error"]
	_, hasOffset := o.members["offset"]
	closed := out.State == StateClosed
	switch {
	case !closed && out.State != StateOpen:
		return out, at.at("state").errorf("use open or closed", "unknown word %q", out.State)
	case hasError && !knownError(out.Error):
		return out, at.at("error").errorf("use reserved-byte, empty-message, truncated-header, truncated-content, "+
			"end-of-stream or too-long", "unknown word %q", out.Error)
	case closed != hasOffset:
		return out, at.at("offset").errorf("give an offset if the state is closed, and only then", "does not go with state %q", out.State)
	case closed && !hasError:
		return out, at.at("error").errorf("name the error that closed the session", "missing")
	}
	return out, nil
}

func knownError(e ErrorKind) bool {
	switch e {
	case ErrorReservedByte, ErrorEmptyMessage, ErrorTruncatedHeader, ErrorTruncatedContent, ErrorEndOfStream, ErrorTooLong:
		return true
	}
	return false
}
