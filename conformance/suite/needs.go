package suite

import (
	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/spec"
)

// Cases that others rest on. A server that fails one of them fails whatever is built on it too, which says nothing new.
const (
	// Gate is the first case of all: one short message. Without it no other shows anything.
	Gate = "hdr/length/example-hi"
	// splitHeader is a message that comes byte by byte.
	splitHeader = "stream/split/one-message-1-1-1-1-1-1"
	// splitContent is content that comes in two pieces, as every long message's does.
	splitContent = "stream/split/one-message-5-1"
	// coalesced is two messages that come together.
	coalesced = "stream/coalesced/two"
	// emptyCloses is an empty message with a valid one behind it.
	emptyCloses = "msg/empty/first"
)

// wholeRead is the length of a stream up to which one read takes what one write wrote; longer ones come in pieces,
// whatever the sender does.
const wholeRead = 16 << 10

// sizeNeeds are the lengths at which implementations run out of bits, and the case that shows each.
func sizeNeeds() []struct {
	length int
	id     string
} {
	return []struct {
		length int
		id     string
	}{
		{128, "msg/sizes/128"},
		{256, "msg/sizes/256"},
		{32768, "msg/sizes/32768"},
		{4097, "msg/sizes/4097"},
		{65536, "msg/sizes/65536"},
		{1048577, "msg/sizes/1048577"},
		{8388608, "msg/sizes/8388608"},
		{spec.MaxContentLen, "msg/sizes/16777215"},
	}
}

// oneByte is the shortest message.
const oneByte = "msg/sizes/1"

// binaryNeeds are short messages of the kinds that text handling changes. Content from leastBinary bytes on holds bytes of
// every kind, whatever it is about: one that is changed shows nothing but what these show.
func binaryNeeds() []string {
	return []string{
		"msg/binary/nul-between", "msg/binary/substitute", "msg/binary/crlf-between", "msg/binary/lf-last", "msg/binary/space-around",
		"msg/binary/latin-1", "msg/binary/invalid-ff", "msg/binary/percent", "msg/binary/backslash",
	}
}

const leastBinary = 10

// needsOf returns the cases without which a stream of the given length, with the given outcome and sent in pieces of the
// given sizes, shows nothing of its own. Families that are about one of those things need nothing for it.
func needsOf(id string, length int, out model.Outcome, pieces []int) []string {
	var needs []string
	if area := familyOf(id); area != "stream/split" {
		switch {
		case cutsMessages(out, pieces):
			needs = append(needs, splitHeader, splitContent)
		case length > wholeRead:
			needs = append(needs, splitContent)
		}
	}
	if familyOf(id) != "stream/coalesced" && joinsMessages(out, pieces) {
		needs = append(needs, coalesced)
	}
	longest, single := 0, false
	for _, m := range out.Messages {
		longest, single = max(longest, m.Length), single || m.Length == 1
	}
	switch familyOf(id) {
	case "msg/sizes", "hdr/length": // everything longer rests on these
		if longest >= leastBinary {
			needs = append(needs, binaryNeeds()...)
		}
	default:
		if single {
			needs = append(needs, oneByte)
		}
		for _, need := range sizeNeeds() {
			if longest >= need.length {
				needs = append(needs, need.id)
			}
		}
	}
	if familyOf(id) != "msg/empty" && out.End == model.Empty {
		needs = append(needs, emptyCloses)
	}
	return needs
}

func familyOf(id string) string {
	slashes := 0
	for i, b := range []byte(id) {
		if b == '/' {
			if slashes++; slashes == 2 {
				return id[:i]
			}
		}
	}
	return id
}

// joinsMessages reports whether bytes of two messages come in one piece.
func joinsMessages(out model.Outcome, pieces []int) bool {
	if len(out.Messages) < 2 {
		return false
	}
	ends, at := map[int]bool{}, 0
	for _, n := range pieces {
		at += n
		ends[at] = true
	}
	for _, m := range out.Messages[1:] {
		if !ends[m.Offset-spec.HeaderLen] {
			return true
		}
	}
	return false
}

// cutsMessages reports whether a piece ends inside a message.
func cutsMessages(out model.Outcome, pieces []int) bool {
	ends := map[int]bool{}
	for _, m := range out.Messages {
		ends[m.Offset+m.Length] = true
		ends[m.Offset-spec.HeaderLen] = true
	}
	at := 0
	for i, n := range pieces {
		at += n
		if i < len(pieces)-1 && !ends[at] && at != out.Valid {
			return true
		}
	}
	return false
}
