package gen

import "github.com/oizys-protocol/oizys/vectors"

func textArea() vectors.File {
	f := area("text", "Content that a program breaks when it takes it for text: NUL, line ends, control characters, white "+
		"space, characters of several bytes, and bytes that are no UTF-8. All of it arrives unmodified.")
	for _, group := range [][]literal{nuls(), lineEnds(), controls(), characters(), invalidUTF8(), formats()} {
		for _, l := range group {
			f.Vectors = append(f.Vectors, stream("msg/binary/"+l.variant, l.why).noted(l.content, l.note).done())
		}
	}
	return f
}

// literal is content that is written out, and why.
type literal struct{ variant, content, note, why string }

func nuls() []literal {
	return []literal{
		{"nul-four", "\x00\x00\x00\x00", "four NUL", "Four NUL: looks like an empty message's header too."},
		{"nul-first", "\x00abc", "NUL, abc", "A NUL in front: the rest is lost where strings end at NUL."},
		{"nul-between", "ab\x00cd", "ab, NUL, cd", "A NUL in the middle: the second half is lost where strings end at NUL."},
		{"nul-last", "abc\x00", "abc, NUL", "A NUL at the end: lost where a terminator is stripped."},
	}
}

func lineEnds() []literal {
	return []literal{
		{"lf-alone", "\n", "LF", "A single line feed: an empty line to a line reader."},
		{"cr-alone", "\r", "CR", "A single carriage return."},
		{"crlf-alone", "\r\n", "CR LF", "A line end of two bytes alone."},
		{"lf-first", "\nabc", "LF, abc", "A line feed in front."},
		{"cr-first", "\rabc", "CR, abc", "A carriage return in front."},
		{"crlf-first", "\r\nabc", "CR LF, abc", "A line end of two bytes in front."},
		{"lf-last", "abc\n", "abc, LF", "A line feed at the end: lost where lines are trimmed."},
		{"cr-last", "abc\r", "abc, CR", "A carriage return at the end: lost where lines are trimmed."},
		{"crlf-last", "abc\r\n", "abc, CR LF", "A line end of two bytes at the end."},
		{"lf-between", "ab\ncd", "ab, LF, cd", "A line feed in the middle: two messages to a line reader."},
		{"cr-between", "ab\rcd", "ab, CR, cd", "A carriage return in the middle: becomes a line feed in universal newline mode."},
		{"crlf-between", "ab\r\ncd", "ab, CR LF, cd", "A line end of two bytes in the middle: becomes one byte where line ends are translated."},
		{"line-separators", "ab\xe2\x80\xa8cd\xc2\x85ef", "U+2028 and U+0085", "The line ends of Unicode: split by some line splitters."},
		{"no-line-end", "abc", "", "Text without a line end: complete as it stands; a line reader waits for more."},
	}
}

func controls() []literal {
	return []literal{
		{"space-alone", " ", "space", "A single space: nothing is left after trimming."},
		{"space-around", "  abc  ", "two spaces, abc, two spaces", "Spaces at both ends: lost by trimming."},
		{"tab-around", "\tabc\t", "tab, abc, tab", "Tabs at both ends: lost by trimming, or turned into spaces."},
		{"end-of-text", "ab\x03cd", "Ctrl-C", "The interrupt character of a terminal."},
		{"end-of-transmission", "ab\x04cd", "Ctrl-D", "The end-of-file character of a Unix terminal."},
		{"flow-control", "ab\x13\x11cd", "Ctrl-S, Ctrl-Q", "The characters that stop and start a terminal's output."},
		{"substitute", "ab\x1acd", "Ctrl-Z", "The end-of-file character of text files on some systems."},
		{"escape-sequence", "\x1b[31mabc\x1b[0m", "red text on a terminal", "A terminal's escape sequence: content, not a command."},
		{"backspace", "ab\x08\x7f", "backspace, delete", "The characters that erase the one before on a terminal."},
	}
}

func characters() []literal {
	return []literal{
		{"utf8-two-bytes", "\xc3\xa9", "é", "One character in two bytes: the length counts bytes, not characters."},
		{"utf8-three-bytes", "\xe2\x82\xac", "€", "One character in three bytes."},
		{"utf8-four-bytes", "\xf0\x9f\x98\x80", "U+1F600", "One character in four bytes, and two units of UTF-16: three counts that differ."},
		{"utf8-mixed", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "a é € U+1F600", "Characters of one to four bytes: four characters, ten bytes."},
		{"utf8-combining", "e\xcc\x81", "e and a combining accent", "A letter and its accent apart: three bytes, two where text is normalised."},
		{"utf8-joined", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", "woman, joiner, computer", "Eleven bytes, three code points, one visible sign."},
		{"utf8-boundaries", "\x00\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "", "The first and the last code point of each number of bytes."},
		{"utf8-noncharacter", "\xef\xbf\xbe\xef\xb7\x90", "U+FFFE, U+FDD0", "Code points that are no characters: valid UTF-8 all the same."},
		{"utf8-bom", "\xef\xbb\xbfabc", "byte-order mark, abc", "UTF-8's byte-order mark in front: stripped by some decoders."},
		{"utf8-bom-alone", "\xef\xbb\xbf", "byte-order mark", "UTF-8's byte-order mark alone: empty once it is stripped."},
		{"utf16-le", "\xff\xfea\x00b\x00", "ab in UTF-16", "UTF-16 with its byte-order mark: every second byte is NUL."},
		{"latin-1", "caf\xe9", "café in Latin-1", "A letter of a one-byte encoding: no UTF-8."},
	}
}

func invalidUTF8() []literal {
	return []literal{
		{"invalid-lone-continuation", "\x80", "", "A continuation byte without a beginning."},
		{"invalid-lead-alone", "\xc3", "", "The first byte of a character of two, and nothing behind it."},
		{"invalid-cut-of-three", "ab\xe2\x82", "", "A character of three bytes cut after the second, at the end of the content."},
		{"invalid-cut-of-four", "ab\xf0\x9f\x98", "", "A character of four bytes cut after the third, at the end of the content."},
		{"invalid-cut-between", "a\xe2\x82b", "", "A character of three bytes cut after the second, and a letter behind it."},
		{"invalid-overlong-slash", "\xc0\xaf", "", "A slash written in two bytes: overlong, so not UTF-8."},
		{"invalid-surrogate", "\xed\xa0\x80", "", "Half of a surrogate pair: has no place in UTF-8."},
		{"invalid-surrogate-pair", "\xed\xa0\xbd\xed\xb8\x80", "", "A surrogate pair in six bytes instead of one character in four."},
		{"invalid-too-high", "\xf4\x90\x80\x80", "", "The first number above the last code point."},
		{"invalid-fe", "\xfe", "", "A byte that never occurs in UTF-8."},
		{"invalid-ff", "\xff", "", "A byte that never occurs in UTF-8; as a signed number it is end of file."},
		{"invalid-between-valid", "\xc3\xa9\xff\xc3\xa9", "é, 0xff, é", "One wrong byte between two valid characters."},
	}
}

func formats() []literal {
	return []literal{
		{"percent", "%s%n%d%%", "", "Conversions of printf: memory is read and overwritten where content is used as a format."},
		{"backslash", `\n\0\x41\\`, "", "Backslash sequences as characters: they stay as they are."},
		{"quotes", "'\"`$(x)${x};|&<>", "", "What a shell would act on."},
		{"json", `{"a":"b\u0000"}`, "", "JSON with an escape: it stays as it is, and is not wrapped again."},
	}
}
