package gen

import "github.com/oizys-protocol/oizys/vectors"

func encodeArea() vectors.File {
	f := area("encode", "Single messages as a sender writes them: the source's two examples, and headers whose bytes tell "+
		"byte orders, widths and signs of the length apart. A receiver finds the same mistakes in reading them.",
		stream("hdr/length/example-hi", "The source's first example: two bytes of content.", "hdr/reserved-zero").msg("Hi").done(),
		stream("hdr/length/example-foo", "The source's second example: three bytes of content.", "hdr/reserved-zero").msg("foo").done(),
		stream("hdr/reserved-zero/one-byte", "The reserved byte is 0x00 for the shortest message.").msg("!").done(),
		stream("hdr/reserved-zero/high-content", "The reserved byte is 0x00 although every byte of the content is 0xff; finds a sender whose header is a number with sign.").msg("\xff\xff\xff\xff").done(),
		stream("hdr/reserved-zero/each-header", "The reserved byte is 0x00 in the header of each message, not only in the first; finds a sequence number or flag in it.").msg("one").msg("two").msg("three").msg("four").done(),
		stream("hdr/reserved-zero/after-long", "The reserved byte is 0x00 after a message whose length has bits in all of its bytes; finds bytes of an old header that stay.").
			run(positional(0x010203), "").msg("short").done(),
	)
	for _, h := range tellingHeaders() {
		f.Vectors = append(f.Vectors, stream("hdr/length/0x"+h.hex, h.description()).exactly(h).done())
	}
	return f
}

func tellingHeaders() []boundary {
	return []boundary{
		{258, "000102", "read with the least significant byte first it would announce 131,328."},
		{65280, "00ff00", "the same in both byte orders; only the middle byte counts."},
		{65281, "00ff01", "an unsigned 16-bit length, negative if read as signed."},
		{65407, "00ff7f", "a sign in the middle byte, none in the low one."},
		{32640, "007f80", "a sign in the low byte, none in the middle one."},
		{384, "000180", "a low byte that is sign-extended before it is added gives 128."},
		{32769, "008001", "a middle byte that is sign-extended gives a negative length."},
		{66051, "010203", "three different bytes tell every order of them apart."},
		{197121, "030201", "the mirror image of 66,051."},
		{10, "00000a", "the length is a line feed; finds a stream opened as text."},
		{13, "00000d", "the length is a carriage return; finds a stream opened as text."},
		{3338, "000d0a", "the length ends in a line end; finds a stream that translates line ends."},
		{26, "00001a", "the length is the end-of-file character of some systems."},
		{48, "000030", "the length is the digit 0; finds a length read as text."},
		{50089, "00c3a9", "the length is a letter in UTF-8; finds a header that went through a text decoder."},
		{65534, "00fffe", "the length is a byte-order mark of UTF-16, and one less than 16 bits hold."},
		{98432, "018080", "the highest bit of the two low bytes is set; each is sign-extended by a reader of signed bytes."},
	}
}
