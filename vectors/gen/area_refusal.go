package gen

import "github.com/oizys-protocol/oizys/vectors"

func refusalArea() vectors.File {
	return area("refusal", "Content that a sender must refuse with an error. Nothing of it is on the wire.",
		refusal("sess/send-empty/nothing", "No content at all: the header alone would be an error at the other side.",
			vectors.ErrorEmptyMessage, nil, "msg/empty-unsent"),
		refusal("sess/send-too-long/16777216", "2^24 bytes, one more than the limit; the length's three bytes would all be zero.",
			vectors.ErrorTooLong, positional(16777216)),
		refusal("sess/send-too-long/16777217", "2^24 + 1 bytes; the length's three bytes would announce one byte.",
			vectors.ErrorTooLong, positional(16777217)),
		refusal("sess/send-too-long/16777471", "2^24 + 255 bytes; the length's three bytes would announce 255.",
			vectors.ErrorTooLong, positional(16777471)),
		refusal("sess/send-too-long/25165824", "1.5 times 2^24 bytes; the length's three bytes would announce 8,388,608.",
			vectors.ErrorTooLong, positional(25165824)),
		refusal("sess/send-too-long/33554432", "2^25 bytes; a check of bit 24 alone would let it pass.",
			vectors.ErrorTooLong, positional(33554432)),
	)
}
