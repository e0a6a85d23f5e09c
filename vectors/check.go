package vectors

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/oizys-protocol/oizys/spec"
)

// checker holds what vectors are checked against.
type checker struct {
	requirements map[string]bool
	// hashUpTo is the length of the longest wire or content whose hash is computed.
	hashUpTo int
}

func newChecker(hashUpTo int) checker {
	return checker{requirements(), hashUpTo}
}

// requirements returns the IDs of the catalogue. It is made once: it takes longer to make than a short file to check.
var requirements = sync.OnceValue(func() map[string]bool {
	ids := map[string]bool{}
	for _, r := range spec.Requirements() {
		ids[r.ID] = true
	}
	return ids
})

// check says what of v contradicts the specification's catalogue or itself.
func (c checker) check(v *Vector) error {
	at := spot{file: v.File, vector: v.ID}
	if err := c.checkNames(at, v); err != nil {
		return err
	}
	if err := c.checkBytes(at.at("wire"), v.parts(), v.WireLength, v.WireSHA256, "wire_length", "wire_sha256"); err != nil {
		return err
	}
	for i, m := range v.Messages {
		if err := c.checkBytes(at.item("messages", i), m.Parts, m.Length, m.SHA256, "length", "sha256"); err != nil {
			return err
		}
	}
	if err := checkPieces(at.at("pieces"), v); err != nil {
		return err
	}
	switch v.Kind {
	case KindStream:
		return checkStream(at, v)
	case KindRefusal:
		return checkRefusal(at, v)
	}
	return at.at("kind").errorf("use stream or refusal", "unknown word %q", v.Kind)
}

func (c checker) checkNames(at spot, v *Vector) error {
	if !idPattern().MatchString(v.ID) {
		return at.at("id").errorf("write the first requirement's ID, a slash and a variant, in a-z 0-9 . _ - only", "%q is no vector ID", v.ID)
	}
	if strings.TrimSpace(v.Description) == "" {
		return at.at("description").errorf("say what the vector is there for", "empty")
	}
	if err := checkText(at.at("description"), v.Description); err != nil {
		return err
	}
	for i, s := range v.Segments {
		if err := checkText(at.item("segments", i).at("note"), s.Note); err != nil {
			return err
		}
	}
	if len(v.Requirements) == 0 {
		return at.at("requirements").errorf("name at least the requirement whose ID begins the vector's", "empty")
	}
	for i, r := range v.Requirements {
		if !c.requirements[r] {
			return at.item("requirements", i).errorf("use an ID of the catalogue in spec", "unknown requirement %q", r)
		}
		if slices.Contains(v.Requirements[:i], r) {
			return at.item("requirements", i).errorf("name it once", "%q is named twice", r)
		}
	}
	if !strings.HasPrefix(v.ID, v.Requirements[0]+"/") {
		return at.at("id").errorf("begin the ID with the first requirement's, or reorder the requirements", "does not begin with %q", v.Requirements[0]+"/")
	}
	return nil
}

// checkText refuses what would act on a terminal instead of being read.
func checkText(at spot, text string) error {
	if i := strings.IndexFunc(text, unicode.IsControl); i >= 0 {
		return at.errorf("write plain text", "a control character at byte %d", i)
	}
	return nil
}

func (c checker) checkBytes(at spot, parts []Part, length int, sum, lengthMember, sumMember string) error {
	total := 0
	for _, p := range parts {
		total += p.Len()
		if total > MaxBytes {
			return at.errorf("use shorter runs", "more than %d bytes", MaxBytes)
		}
	}
	if total != length {
		return at.errorf("correct "+lengthMember+" or the bytes", "%s is %d, the bytes are %d", lengthMember, length, total)
	}
	if !hashPattern().MatchString(sum) {
		return at.errorf("write 64 lower-case hex digits", "%s %q is no SHA-256", sumMember, sum)
	}
	if total > c.hashUpTo {
		return nil
	}
	if have := hashParts(parts); have != sum {
		return at.errorf("correct the bytes, or generate the file anew", "%s is %s, the bytes have %s", sumMember, sum, have)
	}
	return nil
}

func hashParts(parts []Part) string {
	h := sha256.New()
	for _, p := range parts {
		hashPart(h, p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashPart hashes long runs in larger blocks than their unit, without building them whole.
func hashPart(h hash.Hash, p Part) {
	const block = 32 << 10
	per := min(max(block/len(p.Unit), 1), p.Repeat)
	unit := bytes.Repeat(p.Unit, per)
	for range p.Repeat / per {
		h.Write(unit)
	}
	h.Write(unit[:p.Repeat%per*len(p.Unit)])
}

func checkPieces(at spot, v *Vector) error {
	if len(v.Pieces) == 0 {
		return nil
	}
	total := 0
	for i, n := range v.Pieces {
		if n < 1 || n > v.WireLength {
			return at.errorf("make each piece at least one byte and at most the wire", "piece %d has %d bytes", i, n)
		}
		total += n
	}
	if total != v.WireLength {
		return at.errorf("make the pieces add up to wire_length", "the pieces are %d bytes, the wire is %d", total, v.WireLength)
	}
	return nil
}

func checkRefusal(at spot, v *Vector) error {
	const remedy = "a refusal puts nothing on the wire"
	switch {
	case len(v.Segments) > 0:
		return at.at("segments").errorf(remedy, "a refusal with bytes on the wire")
	case len(v.Pieces) > 0:
		return at.at("pieces").errorf(remedy, "a refusal with pieces")
	case v.EndOfStream:
		return at.at("end_of_stream").errorf(remedy, "a refusal with an end of stream")
	case len(v.Messages) != 1:
		return at.at("messages").errorf("give the one message that is refused", "%d messages", len(v.Messages))
	}
	var want ErrorKind
	switch n := v.Messages[0].Length; {
	case n < spec.MinContentLen:
		want = ErrorEmptyMessage
	case n > spec.MaxContentLen:
		want = ErrorTooLong
	default:
		return at.item("messages", 0).errorf("use empty or too long content", "content of %d bytes can be sent", n)
	}
	if v.Outcome.State != StateOpen || v.Outcome.Error != want {
		return at.at("outcome").errorf(`write state "open", error "`+string(want)+`"`, "state %q, error %q for this content", v.Outcome.State, v.Outcome.Error)
	}
	return nil
}
