package faulty

import (
	"errors"
	"io"
	"os"
)

// take takes what was read.
func (s *driven) take(piece []byte, err error) {
	late := s.is("delivers-after-close") || s.late || s.is("late-message-handler-called") && piece == nil && err == nil
	if s.closed && !late || s.stopped {
		return
	}
	if s.is("receive-buffer-shared-by-sessions") {
		s.received = s.d.shared
		defer func() { s.d.shared = s.received }()
	}
	s.received = append(s.received, piece...)
	if s.is("drops-messages-before-error") && invalid(s.received) {
		s.close(errors.New("invalid"), false)
		return
	}
	for (!s.closed || late) && !s.stopped && len(s.received) >= 4 && s.onMsg != nil {
		h := s.received
		n := int(h[1])<<16 | int(h[2])<<8 | int(h[3])
		wrong := h[0] != 0 && !s.is("session-ignores-reserved-byte")
		if wrong && s.is("reserved-byte-waits-for-content") && len(h) < 4+n {
			break
		}
		switch {
		case wrong && s.is("reserved-byte-kills-process"):
			os.Exit(134)
		case wrong && s.is("reserved-byte-closes-without-error"):
			s.close(nil, true)
			return
		case wrong:
			s.close(errors.New("reserved-byte"), false)
			return
		case n == 0 && s.is("session-passes-over-empty"):
			s.received = s.received[4:]
			continue
		case n == 0 && s.is("empty-closes-without-error"):
			s.close(nil, true)
			return
		case n == 0:
			s.close(errors.New("empty"), false)
			return
		}
		if len(h) < 4+n {
			break
		}
		s.received = h[4+n:]
		s.deliver(h[4 : 4+n])
	}
	switch {
	case err == nil || s.closed:
	case len(s.received) > 4 && s.is("partial-message-delivered"):
		s.deliver(s.received[4:])
		s.close(io.ErrUnexpectedEOF, false)
	case len(s.received) >= 4 && s.is("truncated-content-closes-without-error"), len(s.received) > 0 && len(s.received) < 4 && s.is("truncated-header-closes-without-error"):
		s.close(nil, true)
	case s.is("end-of-stream-ignored"):
	default:
		s.close(err, false)
	}
}

func (s *driven) deliver(content []byte) {
	s.handling = true
	failed := s.contained(func() { s.onMsg(content) })
	s.handling = false
	if s.closed && s.onCls != nil && s.is("close-in-message-handler-twice") {
		s.call(s.onCls, nil)
	}
	switch {
	case failed && s.is("failing-handler-closes-session"):
		s.close(errors.New("handler failed"), false)
	case failed && s.is("failing-handler-ends-reading"):
		s.stopped = true
	}
}

// invalid reports whether there is a header that ends the session, behind whatever whole messages.
func invalid(b []byte) bool {
	for len(b) >= 4 {
		n := int(b[1])<<16 | int(b[2])<<8 | int(b[3])
		if b[0] != 0 || n == 0 {
			return true
		}
		b = b[min(4+n, len(b)):]
	}
	return false
}
