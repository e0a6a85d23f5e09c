// Package yamlfile reads the YAML files that people write for the suite, strictly: an unknown or repeated key, a value of
// another kind and a second document are errors that name the line.
//
// Begin with [Parse]. What the values mean is the callers' business.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Value is a part of a file, which knows its line.
type Value struct{ node *yaml.Node }

// Parse returns the one document of a file; that of an empty file is an empty value. Errors begin with the line.
func Parse(src []byte) (Value, error) {
	if err := checkCharacters(src); err != nil {
		return Value{}, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return Value{}, nil
	} else if err != nil {
		return Value{}, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var second yaml.Node
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			return Value{}, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
		}
		return Value{}, fmt.Errorf("line %d: a second document begins here, and a file has one", second.Line)
	}
	return Value{doc.Content[0]}, nil
}

// checkCharacters finds what no YAML file may have in it: the library would find it too, and say no line. It leaves files in
// UTF-16, which begin with a mark of it, to the library.
func checkCharacters(src []byte) error {
	if bytes.HasPrefix(src, []byte{0xff, 0xfe}) || bytes.HasPrefix(src, []byte{0xfe, 0xff}) {
		return nil
	}
	for at := 0; at < len(src); {
		if b := src[at]; b >= ' ' && b < 0x7f || b == '\n' {
			at++
			continue
		}
		r, size := utf8.DecodeRune(src[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			return fmt.Errorf("line %d: the byte 0x%02x is not UTF-8", lineOf(src, at), src[at])
		case r < ' ' && r != '\t' && r != '\r', r >= 0x7f && r < 0xa0 && r != 0x85, r == 0xfffe, r == 0xffff:
			return fmt.Errorf("line %d: the character %U is not allowed in YAML", lineOf(src, at), r)
		}
		at += size
	}
	return nil
}

func lineOf(src []byte, at int) int { return 1 + bytes.Count(src[:at], []byte("\n")) }

// Empty reports whether there is nothing, or null.
func (v Value) Empty() bool {
	return v.node == nil || v.node.Kind == yaml.ScalarNode && v.node.Tag == "!!null"
}

// Line is the line in the file, from 1; 0 for what is not there.
func (v Value) Line() int {
	if v.node == nil {
		return 0
	}
	return v.node.Line
}

// Errorf returns an error that begins with the value's line.
func (v Value) Errorf(format string, args ...any) error {
	return fmt.Errorf("line %d: %w", max(v.Line(), 1), fmt.Errorf(format, args...))
}

// Text returns the value as it is written. The error says that it is no single value.
func (v Value) Text() (string, error) {
	if v.node == nil || v.node.Kind != yaml.ScalarNode || v.node.Tag == "!!null" {
		return "", v.Errorf("a text is missing here")
	}
	return v.node.Value, nil
}

// Into decodes a single value into a pointer to a bool, a number or a text. The error says what it should be.
func (v Value) Into(target any) error {
	if v.node == nil || v.node.Kind != yaml.ScalarNode || v.node.Tag == "!!null" || v.node.Decode(target) != nil {
		return v.Errorf("here must be a %s", strings.TrimLeft(fmt.Sprintf("%T", target), "*"))
	}
	return nil
}

// List returns the elements of a list; none if there is nothing.
func (v Value) List() ([]Value, error) {
	if v.Empty() {
		return nil, nil
	}
	if v.node.Kind != yaml.SequenceNode {
		return nil, v.Errorf("here must be a list, whose elements begin with -")
	}
	all := make([]Value, len(v.node.Content))
	for i, n := range v.node.Content {
		all[i] = Value{n}
	}
	return all, nil
}

// Texts returns the elements of a list of texts.
func (v Value) Texts() ([]string, error) {
	list, err := v.List()
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(list))
	for i, one := range list {
		if texts[i], err = one.Text(); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// Fields returns what a mapping holds, by key. A key that is not among the known ones, or is there twice, is an error.
func (v Value) Fields(known ...string) (map[string]Value, error) {
	fields := map[string]Value{}
	err := v.Each(func(key string, at, value Value) error {
		if !slices.Contains(known, key) {
			return at.Errorf("unknown key %q; known are %s", key, strings.Join(known, ", "))
		}
		fields[key] = value
		return nil
	})
	return fields, err
}

// Each calls f with each key of a mapping, where it stands, and its value, in the file's order, until f returns an error.
// A key that is there twice is an error.
func (v Value) Each(f func(key string, at, value Value) error) error {
	if v.node == nil || v.node.Kind != yaml.MappingNode {
		return v.Errorf("here must be keys with their values, such as key: value")
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		at, value := Value{v.node.Content[i]}, Value{v.node.Content[i+1]}
		key, err := at.Text()
		if err != nil {
			return err
		}
		if first, twice := lines[key]; twice {
			return at.Errorf("%q is there already, in line %d", key, first)
		}
		lines[key] = at.Line()
		if err := f(key, at, value); err != nil {
			return err
		}
	}
	return nil
}
