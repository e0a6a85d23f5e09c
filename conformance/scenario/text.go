package scenario

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The words of the text form, in the order of their numbers.
var (
	closeWords   = []string{"hold", "half-close", "abrupt"}
	contentWords = []string{"text", "random", "tokens", "zeros", "ones", "counting", "headers", "framed"}
)

const (
	awaitMark = "~"
	cutWord   = "cut="
	pacedWord = "paced="
)

// String returns the close's word.
func (c Close) String() string { return word(closeWords, int(c)) }

// String returns the content's word; for Literal, whose bytes stand in its place, "literal".
func (c Content) String() string {
	if c == Literal {
		return "literal"
	}
	return word(contentWords, int(c))
}

func word(words []string, n int) string {
	if n < len(words) {
		return words[n]
	}
	return "number " + strconv.Itoa(n)
}

// String returns the scenario in one line, which [Parse] reads: how it ends, its frames and its cuts. The scenario
//
//	hold 00:5:text/1f ~00:2:=4869 7f:3:zeros paced=4,9
//
// is a message of 5 letters; when it was answered one with the content "Hi"; then one whose reserved byte is wrong. The
// wire is cut at 4 and 9, each piece sent when the one before was read. Behind a frame -N says that its last N bytes are
// left out; cut= has cuts that are not waited for. A literal's bytes repeat to its length.
func (s *Scenario) String() string {
	words := []string{s.Close.String()}
	for i := range s.Frames {
		words = append(words, s.Frames[i].String())
	}
	if len(s.Cuts) > 0 {
		cuts := cutWord
		if s.Paced {
			cuts = pacedWord
		}
		for i, c := range s.Cuts {
			if i > 0 {
				cuts += ","
			}
			cuts += strconv.Itoa(c)
		}
		words = append(words, cuts)
	}
	return strings.Join(words, " ")
}

// String returns the frame's word.
func (f *Frame) String() string {
	text := fmt.Sprintf("%02x:%d", f.Reserved, f.Length)
	if f.Await {
		text = awaitMark + text
	}
	switch {
	case f.Length == 0:
	case f.Content == Literal:
		text += ":=" + hex.EncodeToString(f.Bytes)
	case f.Seed != 0:
		text += fmt.Sprintf(":%s/%x", f.Content, f.Seed)
	default:
		text += ":" + f.Content.String()
	}
	if f.Missing > 0 {
		text += "-" + strconv.Itoa(f.Missing)
	}
	return text
}

// Parse reads what String wrote, and checks it. The error wraps ErrInvalid and names the word that is wrong.
func Parse(line string) (*Scenario, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil, fmt.Errorf("%w: empty; it begins with %s", ErrInvalid, strings.Join(closeWords, ", "))
	}
	s := &Scenario{}
	how := slices.Index(closeWords, words[0])
	if how < 0 {
		return nil, fmt.Errorf("%w: %q says nothing about the end; the first word is one of %s", ErrInvalid, words[0], strings.Join(closeWords, ", "))
	}
	s.Close = Close(how)
	for _, w := range words[1:] {
		if err := s.parseWord(w); err != nil {
			return nil, fmt.Errorf("%w: %q: %s", ErrInvalid, w, err)
		}
	}
	return s, s.Check()
}

func (s *Scenario) parseWord(w string) error {
	list, paced := strings.CutPrefix(w, pacedWord)
	if cuts, plain := strings.CutPrefix(list, cutWord); plain || paced {
		if len(s.Cuts) > 0 {
			return fmt.Errorf("the cuts are given twice")
		}
		s.Paced = paced
		for _, text := range strings.Split(cuts, ",") {
			c, err := strconv.Atoi(text)
			if err != nil {
				return fmt.Errorf("%q is no offset", text)
			}
			s.Cuts = append(s.Cuts, c)
		}
		return nil
	}
	f, err := parseFrame(w)
	s.Frames = append(s.Frames, f)
	return err
}

func parseFrame(w string) (f Frame, err error) {
	w, f.Await = strings.CutPrefix(w, awaitMark)
	if before, missing, found := strings.Cut(w, "-"); found {
		if f.Missing, err = strconv.Atoi(missing); err != nil || f.Missing < 1 {
			return f, fmt.Errorf("%q is no number of bytes to leave out", missing)
		}
		w = before
	}
	parts := strings.SplitN(w, ":", 3)
	reserved, err := strconv.ParseUint(parts[0], 16, 8)
	if err != nil || len(parts) < 2 {
		return f, fmt.Errorf("a frame is RESERVED:LENGTH:CONTENT, such as 00:5:text")
	}
	f.Reserved = byte(reserved)
	if f.Length, err = strconv.Atoi(parts[1]); err != nil {
		return f, fmt.Errorf("%q is no length", parts[1])
	}
	if len(parts) < 3 {
		if f.Length != 0 {
			return f, fmt.Errorf("a frame of %d bytes without a content", f.Length)
		}
		return f, nil
	}
	return f, f.parseContent(parts[2])
}

func (f *Frame) parseContent(text string) (err error) {
	if bytes, literal := strings.CutPrefix(text, "="); literal {
		f.Content = Literal
		if f.Bytes, err = hex.DecodeString(bytes); err != nil {
			return fmt.Errorf("%q is no content in hex", bytes)
		}
		return nil
	}
	kind, seed, seeded := strings.Cut(text, "/")
	n := slices.Index(contentWords, kind)
	if n < 0 {
		return fmt.Errorf("unknown content %q; it is =HEX or one of %s", kind, strings.Join(contentWords, ", "))
	}
	f.Content = Content(n)
	if seeded {
		v, err := strconv.ParseUint(seed, 16, 32)
		if err != nil {
			return fmt.Errorf("%q is no seed", seed)
		}
		f.Seed = uint32(v)
	}
	return nil
}
