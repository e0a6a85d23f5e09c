package gen

import (
	"fmt"

	"github.com/oizys-protocol/oizys/vectors"
)

func truncationArea() vectors.File {
	f := area("truncation", "The stream ends inside a message: after every byte of a header and of a content, in the first "+
		"message and in a later one. What was whole before is delivered, nothing of the cut message is.")
	f.Vectors = append(f.Vectors, cutHeaders()...)
	f.Vectors = append(f.Vectors, cutContents()...)
	return f
}

func cutHeaders() []*vectors.Vector {
	const header = "\x00\x00\x01\x02"
	var list []*vectors.Vector
	for n := 1; n < len(header); n++ {
		list = append(list,
			stream(fmt.Sprintf("close/truncated-header/%d-of-4", n), fmt.Sprintf("The stream ends after %d of the 4 bytes of the first header.", n)).
				cutHeader(header[:n]).done(),
			stream(fmt.Sprintf("close/truncated-header/second-%d-of-4", n), fmt.Sprintf("A whole message, then the stream ends after %d of the 4 bytes of the second header.", n)).
				msg("whole").cutHeader(header[:n]).done(),
			stream(fmt.Sprintf("close/truncated-header/fourth-%d-of-4", n), fmt.Sprintf("Three whole messages, then the stream ends after %d of the 4 bytes of the fourth header; all in one piece.", n)).
				msg("one").msg("two").msg("three").cutHeader(header[:n]).whole().done(),
		)
	}
	return append(list,
		stream("close/truncated-header/2-of-4-high", "The bytes that came would announce the longest content; finds room made from half a header.").
			cutHeader("\x00\xff").done(),
		stream("close/truncated-header/3-of-4-high", "As far as it came, the header announces more than 16 million bytes.").
			cutHeader("\x00\xff\xff").done(),
		stream("close/truncated-header/3-of-4-zeros", "Padded with the zero that a cleared buffer holds, the header would announce an empty message.").
			cutHeader("\x00\x00\x00").done(),
		stream("close/truncated-header/3-of-4-bytewise", "Three bytes of the first header, each in a piece of its own.").
			cutHeader("\x00\x00\x00").bytewise().done(),
		stream("close/truncated-header/stale-tail", "The last byte of the header before would complete the cut one; finds a header buffer that is not cleared.").
			msg("stale!!!").cutHeader("\x00\x00\x00").done(),
	)
}

func cutContents() []*vectors.Vector {
	const content = "12345678"
	var list []*vectors.Vector
	for n := range len(content) {
		list = append(list,
			stream(fmt.Sprintf("close/truncated-content/%d-of-8", n), fmt.Sprintf("The stream ends after %d of the 8 announced bytes of the first message.", n)).
				cutContent(8, some(content[:n])).done(),
			stream(fmt.Sprintf("close/truncated-content/third-%d-of-8", n), fmt.Sprintf("Two whole messages, then the stream ends after %d of the 8 announced bytes of the third.", n)).
				msg("one").msg("two").cutContent(8, some(content[:n])).done(),
		)
	}
	return append(list,
		stream("close/truncated-content/0-of-1", "The stream ends before the only byte of content.").cutContent(1, nil).done(),
		stream("close/truncated-content/1-of-2", "The stream ends in the middle of the source's first example.").cutContent(2, one("H")).done(),
		stream("close/truncated-content/255-of-256", "One byte is missing; read in one byte the length would be zero.").cutContent(256, positional(255)).done(),
		stream("close/truncated-content/1-of-257", "One byte came, and the low byte of the length is one; finds a length of one byte.").cutContent(257, positional(1)).done(),
		stream("close/truncated-content/4095-of-4096", "One byte short of a page.").cutContent(4096, positional(4095)).done(),
		stream("close/truncated-content/65535-of-65536", "One byte short of 65,536.").cutContent(65536, positional(65535)).done(),
		stream("close/truncated-content/1-of-65537", "One byte came, and the low 16 bits of the length are one; finds a length of 16 bits.").cutContent(65537, positional(1)).done(),
		stream("close/truncated-content/0-of-16777215", "The longest content is announced and none of it comes; finds a receiver that waits for ever.").cutContent(16777215, nil).done(),
		stream("close/truncated-content/1-of-16777215", "The longest content is announced and one byte of it comes.").cutContent(16777215, positional(1)).done(),
		stream("close/truncated-content/65536-of-16777215", "The longest content is announced and 65,536 bytes of it come.").cutContent(16777215, positional(65536)).done(),
		stream("close/truncated-content/looks-whole", "What came of the content is itself a whole message; it is not one.").cutContent(8, one("\x00\x00\x00\x02Hi")).done(),
		stream("close/truncated-content/stale-tail", "The message before has, at the same place, the bytes that are missing; finds a buffer that is used again.").
			msg("12345678").cutContent(8, one("1234")).done(),
		stream("close/truncated-content/4-of-8-bytewise", "Half of the content, byte by byte.").cutContent(8, one("1234")).bytewise().done(),
	)
}

// some is one for content that may be empty.
func some(content string) []vectors.Part {
	if content == "" {
		return nil
	}
	return one(content)
}
