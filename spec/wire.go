package spec

// Sources: the sections of the liboizys text, as it names them, and what the C++ library was seen to do.
const (
	srcProtocol = `liboizys, "simple binary protocol"`
	srcHeader   = `liboizys, "header"`
	srcContent  = `liboizys, "Message Content"`
	srcExamples = `liboizys, examples "Hi" and "foo"`
	srcAPI      = `liboizys, "session interface"`
	srcError    = `liboizys, "Whenever an error occurs the session is closed"`
	srcNotes    = `liboizys, usage notes`
	srcSocket   = "a Unix stream socket carries bytes, not messages"
	seen        = "seen of liboizys 1.0.0"
)

func everyone() []Role { return []Role{Server, Client, Driver} }

func headerRules() []Requirement {
	return []Requirement{
		{"hdr/length", Must, "Bytes 1 to 3 of the header are the content's length in bytes, unsigned, most significant byte first.", srcHeader, everyone()},
		{"hdr/reserved-zero", Must, "A sender writes 0x00 in the header's reserved byte.", srcExamples + "; " + seen, everyone()},
		{"hdr/reserved-nonzero", Should, "A receiver closes the session when the reserved byte of a header is not 0x00.", seen, everyone()},
	}
}

func messageRules() []Requirement {
	return []Requirement{
		{"msg/binary", Must, "Content is binary: every byte value, in any order, arrives unmodified.", srcContent, everyone()},
		{"msg/sizes", Must, "Content of every length from 1 to 16,777,215 bytes is transferred whole.", srcContent, everyone()},
		{"msg/empty", Must, "A header that announces no content is an error: the receiver closes the session and delivers nothing for it.", srcContent + "; " + srcError, everyone()},
		{"msg/empty-unsent", Must, "A message without content is never sent.", srcContent, []Role{Client, Driver}},
	}
}

func streamRules() []Requirement {
	return []Requirement{
		{"stream/split", Must, "A message may arrive in any number of pieces, cut anywhere, and is delivered as if it came in one.", srcSocket, everyone()},
		{"stream/coalesced", Must, "Several messages that arrive in one piece are delivered as separate messages.", srcSocket, everyone()},
		{"stream/order", Must, "Messages are delivered in the order in which they were sent, each exactly once.", srcProtocol, everyone()},
		{"stream/duplex", Must, "Both directions are independent: no message of one is lost because messages of the other wait unread.", srcProtocol, everyone()},
		{"stream/unsolicited", Must, "Nothing but messages is sent: no greeting, acknowledgement, keep-alive or trailer.", srcProtocol, everyone()},
		{"stream/idle", Must, "A session without traffic stays open and usable.", srcProtocol, []Role{Server, Driver}},
	}
}

func closeRules() []Requirement {
	return []Requirement{
		{"close/on-error", Must, "Any error closes the session: the peer sees its connection closed.", srcError, everyone()},
		{"close/nothing-after", Must, "Nothing that follows an error in the stream is delivered.", srcNotes + "; " + srcError, everyone()},
		{"close/truncated-header", Must, "End of stream inside a header closes the session; nothing is delivered for it.", seen + "; " + srcError, everyone()},
		{"close/truncated-content", Must, "End of stream inside content closes the session; nothing partial is delivered.", seen + "; " + srcError, everyone()},
		{"close/end-of-stream", Must, "End of stream between messages closes the session.", srcNotes + "; " + seen, everyone()},
	}
}
