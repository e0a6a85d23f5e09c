package gen

import "github.com/oizys-protocol/oizys/vectors"

func afterErrorArea() vectors.File {
	hi := "\x00\x00\x00\x02Hi"
	return area("after-error", "What follows an error on the wire. Each error closes the session; what stands behind it is "+
		"never delivered, however valid it is and however it arrives.",
		stream("close/on-error/empty-message", "A valid message, an empty one, and the connection stays open: nothing but the error can close it.", "msg/empty").
			msg("before").empty().done(),
		stream("close/on-error/empty-at-buffer-end", "The header of the empty message ends exactly at 4,096 bytes.", "msg/empty").
			run(positional(4088), "").empty().done(),
		stream("close/nothing-after/valid-message", "One valid message behind the error.", "msg/empty").
			empty().noted("Hi", "never delivered").done(),
		stream("close/nothing-after/hundred-messages", "A hundred valid messages behind the error, in one piece with it.", "msg/empty").
			empty().baits(100).whole().done(),
		stream("close/nothing-after/each-apart", "Each of the messages behind the error comes in a piece of its own.", "msg/empty").
			empty().bait().bait().bait().cut(4, 12, 20).done(),
		stream("close/nothing-after/long-message", "A message of 1 MiB behind the error: more than a socket holds, so the sender sees the close while it writes.", "msg/empty").
			empty().run(positional(1048576), "never delivered").done(),
		stream("close/nothing-after/messages-before", "What was whole before the error may be delivered, what comes after may not.", "msg/empty").
			msg("one").msg("two").empty().bait().whole().done(),
		stream("close/nothing-after/other-error", "A wrong reserved byte behind the empty message: the first error counts.", "msg/empty", "hdr/reserved-nonzero").
			empty().reserved(0xff, "bad").bait().done(),
		stream("close/nothing-after/looks-in-step", "The message behind the error has a message as its content: whoever goes on, in step or four bytes out of it, finds something to deliver.", "msg/empty").
			empty().noted(hi, "a message as content: never delivered").bait().done(),
		stream("close/nothing-after/end-of-stream", "A valid message behind the error, then the end of the stream.", "msg/empty").
			empty().bait().halfClose().done(),
		stream("close/nothing-after/bytewise", "The error and the messages behind it, byte by byte.", "msg/empty").
			empty().bait().bait().bytewise().done(),
	)
}

func endArea() vectors.File {
	return area("end", "The stream ends between messages, or before the first. What was whole is delivered, and the session "+
		"is closed.",
		stream("close/end-of-stream/at-once", "The stream ends before its first byte.").end().done(),
		stream("close/end-of-stream/after-one", "The stream ends behind one message.").msg("Hi").end().done(),
		stream("close/end-of-stream/after-shortest", "The stream ends behind one message of one byte.").msg("!").end().done(),
		stream("close/end-of-stream/after-two", "The stream ends behind two messages.").msg("Hi").msg("foo").end().done(),
		stream("close/end-of-stream/after-ten", "The stream ends behind ten messages in one piece.").tens().end().whole().done(),
		stream("close/end-of-stream/after-bytewise", "The stream ends behind a message that came byte by byte.").msg("foo").end().bytewise().done(),
		stream("close/end-of-stream/after-header-apart", "The stream ends behind a content that came in a piece of its own.").msg("foo").end().cut(4).done(),
		stream("close/end-of-stream/after-page", "The stream ends at exactly 4,096 bytes; finds a reader for which a full buffer promises more.").
			run(positional(4092), "").end().done(),
		stream("close/end-of-stream/after-65536", "The stream ends behind a message of 65,536 bytes.").run(positional(65536), "").end().done(),
		stream("close/end-of-stream/after-mebibyte", "The stream ends behind a message of 1 MiB: the reply may still be on its way.").
			run(positional(1048576), "").end().done(),
		stream("close/end-of-stream/after-like-header", "The last content is a header: nothing is cut, it was content.").
			noted("\x00\x00\x00\x08", "looks like a header").end().done(),
		stream("close/end-of-stream/after-like-cut", "The last content is a cut message: nothing is cut, it was content.").
			noted("\x00\x00\x00\x08Hi", "looks like a cut message").end().done(),
	)
}
