package faulty

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/spec"
)

func (s *driven) is(name string) bool { return s.d.wrong == name }

func (s *driven) send(content []byte) (int, error) {
	if end := bytes.IndexByte(content, 0); end >= 0 && s.is("send-cuts-at-nul") {
		content = content[:end]
	}
	switch {
	case s.closed && s.is("send-on-closed-accepted"), s.closing && s.is("send-in-close-handler-accepted"):
		return 1, nil
	case s.closed:
		return 0, errors.New("closed")
	case len(content) == 0 && s.is("empty-accepted-unsent"):
		return 1, nil
	case len(content) == 0 && !s.is("empty-sent"):
		return 0, errEmpty
	case len(content) > spec.MaxContentLen && s.is("too-long-truncated"):
		content = content[:spec.MaxContentLen]
	case len(content) > spec.MaxContentLen && s.is("too-long-accepted-unsent"):
		return 1, nil
	case len(content) > 65536 && s.is("send-limit-65536"), len(content) > spec.MaxContentLen, len(content) == spec.MaxContentLen && s.is("longest-refused"):
		return 0, errors.New("too-long")
	}
	frame := append([]byte{0, byte(len(content) >> 16), byte(len(content) >> 8), byte(len(content))}, content...)
	if s.is("sends-on-last-session") {
		s = s.d.last
	}
	if s.is("send-blocks-until-read") {
		_, err := s.conn.Write(frame)
		return 1, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.is("queue-of-1000") && len(s.queue) >= 1000 {
		return len(s.queue), nil
	}
	s.queue = append(s.queue, frame)
	s.more.Signal()
	if s.is("count-starts-at-zero") {
		return len(s.queue) - 1, nil
	}
	return len(s.queue), nil
}

func (s *driven) onMessage(o order) error {
	switch {
	case s.closed && !s.is("late-message-handler-called"):
		return errors.New("closed")
	case s.onMsg != nil && s.is("message-handler-twice-ignored"):
		return nil
	case s.onMsg != nil && !s.is("message-handler-replaced"):
		return errors.New("handler-set")
	}
	first := s.onMsg == nil
	s.onMsg = func(content []byte) {
		sum := sha256.Sum256(content)
		e := map[string]any{"event": "message", "session": s.name, "length": len(content), "sha256": hex.EncodeToString(sum[:])}
		if len(content) <= 64 {
			e["hex"] = hex.EncodeToString(content)
		}
		s.d.event(e)
		s.act(o)
	}
	if s.is("drops-what-came-before-handler") {
		s.readNow()
	}
	switch {
	case s.closed:
		s.take(nil, nil)
	case s.is("unread-without-close-handler") && !s.hadCls:
	case first && !s.is("reads-before-handler"):
		go s.readAll()
	}
	return nil
}

func (s *driven) onClose(o order) error {
	if s.hadCls && !s.is("close-handler-replaced") {
		return errors.New("handler-set")
	}
	s.hadCls = true
	handler := func(cause error) {
		e := map[string]any{"event": "close", "session": s.name, "error": nil}
		if cause != nil {
			e["error"] = s.d.word(cause)
		}
		s.d.event(e)
		s.act(o)
	}
	s.d.lastCls = handler
	if s.onMsg != nil && s.is("unread-without-close-handler") {
		go s.readAll()
	}
	switch {
	case !s.closed:
		s.onCls = handler
	case s.is("late-close-handler-never"):
	case s.is("late-close-handler-with-error"):
		s.call(handler, errors.New("closed"))
	default:
		s.callingLate = true
		s.call(handler, nil)
		s.callingLate = false
		if s.is("late-close-handler-kept") {
			s.onCls = handler
		}
	}
	return nil
}

// act is what a handler was told to do behind its event.
func (s *driven) act(o order) {
	if o.Handler == "plain" {
		return
	}
	if o.Handler == "fail" {
		panic("a handler that was told to fail")
	}
	if s.is("deadlock-on-" + o.Handler + "-in-handler") {
		for {
			time.Sleep(time.Hour)
		}
	}
	var err error
	if o.Handler == "send" {
		_, err = s.send(o.bytes())
	} else {
		err = s.closeLocally()
	}
	e := map[string]any{"event": "did", "session": s.name, "do": o.Handler, "ok": err == nil}
	if err != nil {
		e["error"] = s.d.word(err)
	}
	s.d.event(e)
}

// contained calls a handler, and contains its failure.
func (s *driven) contained(handler func()) (failed bool) {
	defer func() {
		if recover() != nil {
			if s.is("failing-handler-kills-process") {
				os.Exit(1)
			}
			failed = true
		}
	}()
	handler()
	return false
}

func (s *driven) call(handler func(error), cause error) {
	s.closing = true
	failed := s.contained(func() { handler(cause) })
	switch {
	case failed && s.is("failing-close-handler-kills-process"):
		os.Exit(1)
	case failed && s.is("failing-close-handler-called-again"):
		s.contained(func() { handler(cause) })
	}
	s.closing = false
}

func (s *driven) closeLocally() error {
	if s.closed && s.is("close-twice-refused") {
		return errors.New("closed")
	}
	switch {
	case s.callingLate && s.is("close-in-late-close-handler-refused"), s.closing && s.caused && s.is("close-in-close-handler-refused-after-error"):
		return errors.New("closed")
	case s.closed && s.onCls != nil && s.is("late-close-handler-kept"):
		handler := s.onCls
		s.onCls = nil
		s.call(handler, nil)
	}
	if s.closed && s.is("close-again-kills") {
		os.Exit(2)
	}
	if s.handling && s.is("close-in-message-handler-ignored") {
		return nil
	}
	var cause error
	if s.is("error-on-local-close") {
		cause = errors.New("operation canceled")
	}
	s.close(cause, s.is("queue-dropped-on-close"))
	return nil
}

// release gives the session up.
func (s *driven) release() {
	delete(s.d.sessions, s.name)
	switch {
	case s.is("release-leaks-connection"):
	case s.is("release-closes-all"):
		s.close(nil, true)
		s.d.releaseAll()
	case s.closed && s.onCls != nil && s.is("release-runs-close-handler-again"):
		s.call(s.onCls, nil)
	case s.is("release-without-close-handler"):
		s.onCls = nil
		s.close(nil, true)
	default:
		s.close(nil, true)
	}
}

// close ends the session; with drop, what is queued is dropped.
func (s *driven) close(cause error, drop bool) {
	if s.closed {
		return
	}
	s.closed, s.caused = true, cause != nil
	if s.onMsg == nil && s.is("late-message-handler-called") {
		s.received = s.readNow()
	}
	s.mu.Lock()
	s.ended = true
	pending := len(s.queue) > 0
	s.more.Signal()
	s.mu.Unlock()
	if (!pending || drop || cause != nil) && !(s.is("error-leaves-connection-open") && cause != nil) {
		s.conn.Close()
	} else if pending {
		_ = s.conn.CloseRead() // the writer goes on until the program ends
	}
	handler := s.onCls
	if s.is("late-close-handler-kept") {
		s.onCls = nil
	}
	if handler != nil && s.is("close-handler-of-last-session") {
		handler = s.d.lastCls
	}
	if handler == nil || s.is("close-handler-never") || s.is("close-handler-not-on-local-close") && cause == nil {
		return
	}
	if s.is("close-without-error") || s.is("reset-closes-without-error") && errors.Is(cause, syscall.ECONNRESET) {
		cause = nil
	}
	s.call(handler, cause)
	if s.is("close-handler-twice") {
		s.call(handler, cause)
	}
}
