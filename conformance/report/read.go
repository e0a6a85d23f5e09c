package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/oizys-protocol/oizys/spec"
)

// ErrInvalid is what every error of [Read] wraps that is about the report's content and not about reading it.
var ErrInvalid = errors.New("not a valid report")

// maxReadLen is the longest report that Read takes, in bytes.
const maxReadLen = 256 << 20

// Read reads one report in JSON. It is strict: another schema, a field or a word that it does not know, a missing
// field, a summary that does not count the cases, or anything behind the report is an error that wraps [ErrInvalid] and
// says in one sentence what is wrong.
func Read(src io.Reader) (*Report, error) { return readAtMost(src, maxReadLen) }

func readAtMost(src io.Reader, limit int64) (*Report, error) {
	text, err := io.ReadAll(io.LimitReader(src, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the report: %w", err)
	}
	if int64(len(text)) > limit {
		return nil, invalid("it is longer than %s bytes", commas(limit))
	}
	return Parse(text)
}

// Parse is [Read] for a report that is in memory, however long it is. The report holds nothing of text.
func Parse(text []byte) (*Report, error) {
	if !utf8.Valid(text) {
		return nil, invalid("it is not UTF-8")
	}
	if err := checkFrame(text); err != nil {
		return nil, err
	}
	var r Report
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return nil, invalid("%v", err)
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return &r, nil
}

// invalidError is what is wrong with a report.
type invalidError string

func (e invalidError) Error() string { return ErrInvalid.Error() + ": " + string(e) }

func (e invalidError) Unwrap() error { return ErrInvalid }

func invalid(format string, args ...any) error {
	if len(args) == 0 {
		return invalidError(format)
	}
	return invalidError(fmt.Sprintf(format, args...))
}

// checkFrame finds what is not one JSON value, then a wrong schema, since what else is unknown follows from it, and then
// missing fields.
func checkFrame(text []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return misformed(text, syntax)
		}
		return invalid("%v", err)
	}
	var schema string
	if err := json.Unmarshal(fields["schema"], &schema); err != nil || schema != Schema {
		return invalid("its schema is %s, not %q", orNothing(fields["schema"]), Schema)
	}
	for _, name := range []string{"result", "why", "role", "suite", "peer", "seed", "summary", "started", "cases", "complete"} {
		if _, ok := fields[name]; !ok {
			return invalid("the field %q is missing", name)
		}
	}
	return nil
}

// misformed says in which way a text is not one JSON value.
func misformed(text []byte, syntax *json.SyntaxError) error {
	const space = " \t\r\n"      // as JSON has it
	at := int(syntax.Offset) - 1 // of the byte that does not fit, or the last one where the text ends too early
	if at < 0 || len(bytes.Trim(text, space)) == 0 {
		return invalid("it is empty")
	}
	if at == len(text)-1 { // it may be either
		if err := json.NewDecoder(bytes.NewReader(text)).Decode(new(json.RawMessage)); errors.Is(err, io.ErrUnexpectedEOF) {
			return invalid("it ends in the middle (%v): it was not written to its end", err)
		}
	}
	if before := bytes.TrimRight(text[:at], space); bytes.HasSuffix(before, []byte("}")) && json.Valid(before) {
		return invalid("something follows the report")
	}
	return invalid("%v", syntax)
}

func orNothing(raw json.RawMessage) string {
	if raw == nil {
		return "missing"
	}
	return shorten(Printable(string(raw)), 60)
}

func results() []Result { return []Result{Conforming, NonConforming, Inconclusive} }

func directions() []Direction {
	return []Direction{Sent, Received, HalfClosed, Closed, PeerClosed, Waited}
}

func known[W ~string](word W, words []W) bool { return slices.Contains(words, word) }

// check finds words outside of the closed vocabularies and counts that do not fit.
func (r *Report) check() error {
	if !known(r.Result, results()) {
		return invalid("unknown result %q", r.Result)
	}
	if !known(spec.Role(r.Role), spec.Roles()) {
		return invalid("unknown role %q", r.Role)
	}
	seen := make(map[string]bool, len(r.Cases))
	for i, c := range r.Cases {
		if c.ID == "" {
			return invalid("case %d of the list has no id", i+1)
		}
		if seen[c.ID] {
			return invalid("case %q is there twice", c.ID)
		}
		seen[c.ID] = true
		if err := c.check(); err != nil {
			return err
		}
	}
	if got := Count(r.Cases); got != r.Summary {
		return invalid("its summary %+v does not count its cases, which are %+v", r.Summary, got)
	}
	if err := r.Shard.check(); err != nil {
		return err
	}
	if err := r.checkKnown(); err != nil {
		return err
	}
	if result, _ := r.decide(); result != r.Result {
		return invalid("it says %s, and its cases make it %s", r.Result, result)
	}
	return r.checkWhy()
}

// checkWhy finds a reason that speaks of other cases than there are. Its words may be those of another version of the suite;
// what they count cannot differ.
func (r *Report) checkWhy() error {
	if !r.Complete {
		return nil // why a run was cut short is in nobody's count
	}
	for i, n := range []int{r.Summary.Fail, r.Summary.Warn, r.Summary.Error} {
		found := counting()[i].FindStringSubmatch(r.Why)
		if found != nil && found[1] != strconv.Itoa(n) {
			return invalid("it says that %s, and its cases make it %d", shorten(Printable(found[0]), 60), n)
		}
	}
	return nil
}

// counting has the words by which a reason counts: cases that fail, that warn, and that could not be judged.
var counting = sync.OnceValue(func() [3]*regexp.Regexp {
	return [...]*regexp.Regexp{
		regexp.MustCompile(`(\d+) cases? shows? a MUST broken`),
		regexp.MustCompile(`(\d+) cases? shows? a SHOULD broken`),
		regexp.MustCompile(`(\d+) cases? could not be judged`),
	}
})

func (s *Shard) check() error {
	if s != nil && (s.Index < 1 || s.Index > s.Count || s.Count > MaxShards || s.Chosen < 1 || s.Digest == "") {
		return invalid("%v of %d cases cannot be", *s, s.Chosen)
	}
	return nil
}

func (c *Case) check() error {
	if !known(c.Verdict, Verdicts()) {
		return invalid("case %q has the unknown verdict %q", c.ID, c.Verdict)
	}
	for _, v := range c.Verdicts {
		if !known(v, Verdicts()) {
			return invalid("case %q has the unknown verdict %q", c.ID, v)
		}
	}
	if c.Recording != nil {
		for i := range c.Recording.Sessions {
			if _, err := c.Recording.Sessions[i].Marks(); err != nil {
				return fmt.Errorf("case %q: %w", c.ID, err)
			}
		}
		for i := range c.Recording.Runs {
			if _, err := c.Recording.Runs[i].Steps(); err != nil {
				return fmt.Errorf("case %q: %w", c.ID, err)
			}
		}
	}
	if c.Evidence == nil {
		return nil
	}
	if c.Verdict == Pass {
		return invalid("case %q passed, and has evidence against it", c.ID)
	}
	for _, rule := range c.Evidence.Requirements {
		if !known(spec.Level(rule.Level), []spec.Level{spec.Must, spec.Should}) {
			return invalid("case %q cites a requirement of the unknown level %q", c.ID, rule.Level)
		}
	}
	for _, t := range c.Evidence.Sessions {
		for _, e := range t.Events {
			if !known(e.Direction, directions()) {
				return invalid("case %q has an event of the unknown direction %q", c.ID, e.Direction)
			}
		}
	}
	return nil
}
