package spec

// Limits of the wire format, in bytes (source: "Header", "Message Content").
const (
	// HeaderLen is the length of every message's header: a reserved byte and three bytes of length.
	HeaderLen = 4

	// MinContentLen is the shortest content that may be transferred; a message without content is prohibited.
	MinContentLen = 1

	// MaxContentLen is the longest content that may be transferred: 16 MiB − 1 byte, the largest 24-bit number.
	MaxContentLen = 1<<24 - 1

	// Reserved is the value of a header's reserved byte as every sender writes it.
	Reserved = 0x00

	// MaxSocketPath is the longest path of a Unix socket on Linux, in bytes, without its terminating NUL.
	MaxSocketPath = 107
)
