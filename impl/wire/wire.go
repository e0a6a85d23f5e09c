// Package wire is the oizys wire format: a message is a header of four bytes (a reserved 0x00, then the content's length
// in three bytes, most significant first) and between 1 and 16,777,215 bytes of content.
//
// Begin with [Append] to encode and [Decoder] to decode a stream that arrives in pieces of any size; [Reader] and [Writer]
// put both on an [io.Reader] and an [io.Writer]. Everything here is free of I/O of its own, of goroutines and of time;
// sessions, with handlers and closing, are in the package session.
package wire

import "github.com/oizys-protocol/oizys/spec"

// Limits of the format, in bytes.
const (
	// HeaderLen is the length of a header.
	HeaderLen = spec.HeaderLen
	// MaxContentLen is the length of the longest content.
	MaxContentLen = spec.MaxContentLen
)

// CheckLen returns nil when content of n bytes may be sent, and [ErrEmpty] or [ErrTooLong] otherwise.
func CheckLen(n int) error {
	if uint(n)-1 < MaxContentLen {
		return nil
	}
	if n <= 0 {
		return ErrEmpty
	}
	return ErrTooLong
}

// Append appends the message with the given content to dst and returns the extended slice. It returns dst unchanged with
// [ErrEmpty] or [ErrTooLong] when the content may not be sent.
func Append(dst, content []byte) ([]byte, error) {
	dst, err := AppendHeader(dst, len(content))
	if err != nil {
		return dst, err
	}
	return append(dst, content...), nil
}

// AppendHeader appends the header that announces n bytes of content. It returns dst unchanged with [ErrEmpty] or
// [ErrTooLong] when n is not from 1 to [MaxContentLen].
func AppendHeader(dst []byte, n int) ([]byte, error) {
	if err := CheckLen(n); err != nil {
		return dst, err
	}
	return append(dst, spec.Reserved, byte(n>>16), byte(n>>8), byte(n)), nil
}

// ParseHeader returns the length that a header announces, from 1 to [MaxContentLen]. It returns [ErrReserved] when the
// reserved byte is not 0x00, whatever the length, and [ErrEmpty] when the length is 0.
func ParseHeader(h [HeaderLen]byte) (int, error) {
	n := int(h[1])<<16 | int(h[2])<<8 | int(h[3])
	if h[0] != spec.Reserved {
		return 0, ErrReserved
	}
	if n == 0 {
		return 0, ErrEmpty
	}
	return n, nil
}
