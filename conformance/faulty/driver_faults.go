package faulty

// driverFaults are defects of a session's API.
func driverFaults() []Fault {
	return []Fault{
		{Name: "close-handler-twice", Class: Close, Breaks: []string{"sess/close-once"}, Description: "The close handler runs twice: it is called, and not removed before the connection's end is noticed."},
		{Name: "close-handler-never", Class: Close, Breaks: []string{"sess/close-once", "sess/close-local", "sess/close-cause", "sess/close-late-handler"}, Description: "The close handler is stored and never called."},
		{Name: "close-handler-not-on-local-close", Class: Close, Breaks: []string{"sess/close-local", "sess/close-once"}, Description: "Only the reader calls the close handler, so that a local close does not."},
		{Name: "error-on-local-close", Class: Close, Breaks: []string{"sess/close-local"}, Description: "A local close gives the close handler the error of the read that it interrupts."},
		{Name: "close-without-error", Class: Close, Breaks: []string{"sess/close-cause"}, Description: "The close handler is never given the error."},
		{Name: "message-handler-replaced", Class: Order, Breaks: []string{"sess/handler-twice"}, Description: "A second message handler takes the place of the first."},
		{Name: "message-handler-twice-ignored", Class: Order, Breaks: []string{"sess/handler-twice"}, Description: "A second message handler is dropped without an error."},
		{Name: "close-handler-replaced", Class: Close, Breaks: []string{"sess/handler-twice"}, Description: "A second close handler takes the place of the first."},
		{Name: "reads-before-handler", Class: Order, Breaks: []string{"sess/reading-starts"}, Description: "Reading begins when the session is made."},
		{Name: "drops-what-came-before-handler", Class: Order, Breaks: []string{"sess/reading-starts"}, Description: "What had arrived before the message handler was set is thrown away."},
		{Name: "delivers-after-close", Class: Close, Breaks: []string{"sess/close-silences"}, Description: "Messages that had been read when the session was closed are delivered still."},
		{Name: "send-on-closed-accepted", Class: Close, Breaks: []string{"sess/send-closed"}, Description: "Sending on a closed session returns without an error."},
		{Name: "empty-accepted-unsent", Class: Empty, Breaks: []string{"sess/send-empty"}, Description: "Empty content is accepted, and nothing is sent."},
		{Name: "empty-sent", Class: Empty, Breaks: []string{"sess/send-empty", "msg/empty-unsent"}, Description: "Empty content is sent, as a header alone."},
		{Name: "too-long-truncated", Class: Boundary, Breaks: []string{"sess/send-too-long"}, Description: "Content that is too long is cut."},
		{Name: "too-long-accepted-unsent", Class: Boundary, Breaks: []string{"sess/send-too-long"}, Description: "Content that is too long is accepted, and nothing is sent."},
		{Name: "longest-refused", Class: Boundary, Breaks: []string{"msg/sizes"}, Description: "Content of 16,777,215 bytes is refused: the limit is off by one."},
		{Name: "queue-of-1000", Class: Order, Breaks: []string{"sess/send-queues"}, Description: "Of more than 1,000 queued messages the later are dropped."},
		{Name: "count-starts-at-zero", Class: Boundary, Breaks: []string{"sess/send-count"}, Description: "The count of queued messages leaves out the message's own."},
		{Name: "failing-handler-kills-process", Class: Crash, Breaks: []string{"sess/handler-fails"}, Description: "A handler's failure ends the process."},
		{Name: "failing-handler-closes-session", Class: Close, Breaks: []string{"sess/handler-fails"}, Description: "A message handler's failure closes the session."},
		{Name: "deadlock-on-send-in-handler", Class: Hang, Breaks: []string{"sess/reentrant"}, Description: "A lock is held while a handler runs, and send takes it."},
		{Name: "deadlock-on-close-in-handler", Class: Hang, Breaks: []string{"sess/reentrant"}, Description: "A lock is held while a handler runs, and close takes it."},
		{Name: "close-twice-refused", Class: Close, Breaks: []string{"sess/close-again"}, Description: "Closing a closed session is refused with an error."},
		{Name: "close-again-kills", Class: Crash, Breaks: []string{"sess/close-again"}, Description: "Closing a closed session ends the process, of a double free."},
		{Name: "release-leaks-connection", Class: Leak, Breaks: []string{"sess/release"}, Description: "Releasing a session leaves its connection open."},
		{Name: "sends-on-last-session", Class: StateSharing, Breaks: []string{"sess/independent"}, Description: "Messages go out on the session that was opened last."},
		{Name: "partial-message-delivered", Class: Truncation, Breaks: []string{"close/truncated-content"}, Description: "What there is of a message is delivered when the stream ends inside it."},
		{Name: "late-close-handler-never", Class: Close, Breaks: []string{"sess/close-late-handler"}, Description: "A close handler that is set on a closed session is never called."},
		{Name: "late-close-handler-with-error", Class: Close, Breaks: []string{"sess/close-late-handler"}, Description: "A close handler that is set on a closed session is given an error."},
		{Name: "session-passes-over-empty", Class: Empty, Breaks: []string{"msg/empty"}, Description: "A header that announces no content is passed over."},
		{Name: "end-of-stream-ignored", Class: Close, Breaks: []string{"sess/close-cause", "close/end-of-stream"}, Description: "The end of the stream closes nothing."},
		{Name: "error-leaves-connection-open", Class: Close, Breaks: []string{"close/on-error"}, Description: "After an error the close handler runs, and the connection stays open."},
	}
}

func driverHabits() []Fault {
	return []Fault{
		{Name: "driver-without-count", Description: "The replies to send have no count."},
		{Name: "queue-dropped-on-close", Description: "A local close drops what is queued."},
	}
}
