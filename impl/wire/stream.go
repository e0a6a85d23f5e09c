package wire

import (
	"errors"
	"io"
)

// Reader reads messages from an [io.Reader]. It is not safe for concurrent use.
type Reader struct {
	src io.Reader
	dec Decoder
	err error // What the source returned last, kept until all that came before it is delivered.
}

// NewReader returns a reader of the messages in src, which it reads in large pieces: what follows a message may have been
// read too. Content longer than max bytes is refused with [ErrTooLong]; 0 means [MaxContentLen].
func NewReader(src io.Reader, max int) *Reader { return &Reader{src: src, dec: Decoder{Max: max}} }

// Next returns the content of the next message; it is valid until the next call.
//
// At the end of the stream it returns [io.EOF] between messages, [ErrTruncatedHeader] or [ErrTruncatedContent]; when the
// stream breaks the protocol [ErrReserved], [ErrEmpty] or [ErrTooLong]; else the error of the source. Messages that were
// whole before an error are returned first, and the error by every later call.
func (r *Reader) Next() ([]byte, error) {
	for idle := 0; ; {
		content, err := r.dec.Next()
		switch {
		case content != nil || err != nil:
			return content, err
		case errors.Is(r.err, io.EOF):
			return nil, r.dec.End()
		case r.err != nil:
			return nil, r.err
		}
		var n int
		n, r.err = r.src.Read(r.dec.Space())
		r.dec.Fill(n)
		if idle++; n > 0 {
			idle = 0
		} else if idle == maxIdleReads && r.err == nil {
			r.err = io.ErrNoProgress
		}
	}
}

// A source that returns nothing and no error so often in a row is broken.
const maxIdleReads = 100

// Writer writes messages to an [io.Writer], each with one call of Write. It keeps a buffer as long as the longest message
// so far. It is not safe for concurrent use.
type Writer struct {
	dst io.Writer
	buf []byte
	err error
}

// NewWriter returns a writer of messages to dst.
func NewWriter(dst io.Writer) *Writer { return &Writer{dst: dst} }

// WriteMessage writes one message and does not keep content. It returns [ErrEmpty] or [ErrTooLong], having written
// nothing and staying usable, when the content may not be sent. An error of the destination is returned by every later
// call too: part of a message may have been written, and nothing can follow it.
func (w *Writer) WriteMessage(content []byte) error {
	if w.err != nil {
		return w.err
	}
	var err error
	if w.buf, err = Append(w.buf[:0], content); err != nil {
		return err
	}
	n, err := w.dst.Write(w.buf)
	if err == nil && n < len(w.buf) {
		err = io.ErrShortWrite
	}
	w.err = err
	return err
}
