package gen

import "github.com/oizys-protocol/oizys/vectors"

func lookalikeArea() vectors.File {
	f := area("lookalike", "Content that looks like a header, like a whole message or like another protocol. A receiver that "+
		"looks for headers in content, or loses its place by a byte, delivers something else.")
	for _, l := range lookalikes() {
		f.Vectors = append(f.Vectors, stream("msg/binary/"+l.variant, l.why, "hdr/length").
			noted(l.content, l.note).msg("next").done())
	}
	return f
}

func lookalikes() []literal {
	return []literal{
		{"like-header", "\x00\x00\x00\x02", "a header", "The content is a header that announces two bytes."},
		{"like-own-header", "\x00\x00\x00\x04", "its own header", "The content is the header that stands in front of it."},
		{"like-message", "\x00\x00\x00\x02Hi", "a message", "The content is a whole message."},
		{"like-two-messages", "\x00\x00\x00\x02Hi\x00\x00\x00\x03foo", "two messages", "The content is two whole messages."},
		{"like-message-in-message", "\x00\x00\x00\x06\x00\x00\x00\x02Hi", "a message in a message", "The content is a message whose content is a message."},
		{"like-message-and-more", "\x00\x00\x00\x02Hi\x00\x00\x00", "a message and most of a header", "The content is a message and three bytes of the next header."},
		{"like-cut-message", "\x00\x00\x00\x08Hi", "a cut message", "The content is a message that announces more than there is."},
		{"like-empty-message", "\x00\x00\x00\x00", "the header of an empty message", "The content is a header that would be an error."},
		{"like-wrong-header", "\xff\x00\x00\x02Hi", "a wrong message", "The content is a message with a wrong reserved byte."},
		{"like-longest-header", "\x00\xff\xff\xff", "a header", "The content is the header of the longest message."},
		{"like-header-shifted-1", "x\x00\x00\x00\x02Hi", "a message, one byte late", "A message that begins at the second byte of the content."},
		{"like-header-shifted-3", "xyz\x00\x00\x00\x02Hi", "a message, three bytes late", "A message that begins at the fourth byte of the content."},
		{"like-header-at-end", "Hi\x00\x00\x00\x02", "a header at the end", "The last four bytes of the content are a header, for which the next message would be content."},
		{"like-little-endian", "\x04\x00\x00\x00data", "a 32-bit length in the other byte order", "Looks like a message of a protocol whose lengths are the other way round."},
		{"like-websocket-text", "\x81\x02Hi", "a WebSocket frame", "Looks like a text frame of WebSocket."},
		{"like-websocket-close", "\x88\x02\x03\xe8", "a WebSocket frame", "Looks like the frame with which WebSocket closes."},
		{"like-http", "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", "", "Looks like the request with which WebSocket begins."},
	}
}
