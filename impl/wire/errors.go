package wire

import (
	"errors"
	"fmt"
	"io"
)

// The ways in which content or a stream can break the protocol; compare with [errors.Is].
var (
	// ErrEmpty is content of no bytes, offered for sending or announced by a received header.
	ErrEmpty = errors.New("message without content")
	// ErrTooLong is content above the limit, offered for sending or announced by a received header.
	ErrTooLong = errors.New("message too long")
	// ErrReserved is a received header whose reserved byte is not 0x00.
	ErrReserved = errors.New("reserved byte is not zero")
	// ErrTruncatedHeader is the end of the stream inside a header. It also is an [io.ErrUnexpectedEOF].
	ErrTruncatedHeader = fmt.Errorf("stream ends inside a header: %w", io.ErrUnexpectedEOF)
	// ErrTruncatedContent is the end of the stream inside content. It also is an [io.ErrUnexpectedEOF].
	ErrTruncatedContent = fmt.Errorf("stream ends inside content: %w", io.ErrUnexpectedEOF)
)
