package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// value is a JSON value. encoding/json by itself would accept names in other letter cases, members given twice and
// members left out; the tree keeps what is needed to refuse them, and is read in one pass.
type value struct {
	// kind is the first byte of the text, and '0' for every number.
	kind byte
	// text is the value as written.
	text []byte
	// names are the names of an object's members, beside items; nil for an array.
	names []string
	items []value
}

// parseJSON checks the text and returns it as a tree.
func parseJSON(text []byte) (value, error) {
	if !json.Valid(text) {
		return value{}, syntaxError(text)
	}
	s := scanner{text, 0}
	return s.value(), nil
}

// syntaxError says where text is no JSON.
func syntaxError(text []byte) error {
	var raw json.RawMessage
	err := json.Unmarshal(text, &raw)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		before := text[:min(int(syntax.Offset), len(text))]
		return fmt.Errorf("line %d: %w", 1+bytes.Count(before, []byte("\n")), err)
	}
	return err
}

// scanner walks over text that is known to be valid JSON.
type scanner struct {
	text []byte
	at   int
}

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r', ',', ':':
			s.at++
		default:
			return
		}
	}
}

func (s *scanner) value() value {
	s.space()
	begin := s.at
	v := value{kind: s.text[begin]}
	switch v.kind {
	case '{':
		s.at++
		for s.space(); s.text[s.at] != '}'; s.space() {
			name := s.value()
			v.names = append(v.names, name.string())
			v.items = append(v.items, s.value())
		}
		s.at++
	case '[':
		s.at++
		for s.space(); s.text[s.at] != ']'; s.space() {
			v.items = append(v.items, s.value())
		}
		s.at++
	case '"':
		for s.at++; s.text[s.at] != '"'; s.at++ {
			if s.text[s.at] == '\\' {
				s.at++
			}
		}
		s.at++
	case 't', 'f', 'n':
		s.word()
	default:
		v.kind = '0'
		s.word()
	}
	v.text = s.text[begin:s.at]
	return v
}

// word passes over a number, true, false or null.
func (s *scanner) word() {
	for s.at < len(s.text) && !bytes.ContainsRune([]byte(" \t\n\r,]}"), rune(s.text[s.at])) {
		s.at++
	}
}

// string returns what a JSON string says. Its error is left out: the text is valid.
func (v value) string() string {
	if bytes.IndexByte(v.text, '\\') < 0 {
		return string(v.text[1 : len(v.text)-1])
	}
	var said string
	_ = json.Unmarshal(v.text, &said)
	return said
}
