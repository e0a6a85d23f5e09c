package model

import (
	"bytes"

	"github.com/oizys-protocol/oizys/spec"
)

// LenientEcho returns the echo of stream by a server that takes the reserved byte for nothing, or, without answer, leaves
// out each message in which it is wrong and goes on with the next; all else it sees as [Judge] does. It may be called
// concurrently.
func LenientEcho(stream []byte, answer bool) []byte {
	var echo []byte
	rest := bytes.Clone(stream)
	for {
		valid, end := Prefix(rest, false)
		echo = append(echo, rest[:valid]...)
		rest = rest[valid:]
		if end != Reserved {
			return echo
		}
		rest[0] = spec.Reserved
		length, end := next(rest, false)
		if end != "" {
			return echo
		}
		if !answer {
			rest = rest[spec.HeaderLen+length:]
		}
	}
}
