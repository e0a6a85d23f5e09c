package report

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestPrintable(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"text", `a "b" \n c:\d`, `a "b" \n c:\d`},
		{"other scripts", "žluťoučký 日本語 →", "žluťoučký 日本語 →"},
		{"ANSI", "\x1b[31mred", `\x1b[31mred`},
		{"C0", "\x00\x07\x08\x0b\x7f", `\x00\x07\x08\x0b\x7f`},
		{"C1", "\u009b31m", `\u009b31m`},
		{"line ends", "a\r\n\tb", `a\r\n\tb`},
		{"invalid UTF-8", "a\xff\xc3(", `a\xff\xc3(`},
		{"lone surrogate", "\xed\xa0\x80", `\xed\xa0\x80`},
		{"replacement character", "\uFFFD", "\uFFFD"},
		{"no characters", "\ufffe\uffff", `\ufffe\uffff`},
		{"direction", "\u202etxt.exe\u2066", `\u202etxt.exe\u2066`},
		{"separators", "a\u2028b\u00a0c", `a\u2028b\u00a0c`},
		{"zero width", "a\u200bb\ufeff", `a\u200bb\ufeff`},
		{"beyond the BMP", "😀\U000E0001", `😀\U000e0001`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.want, Printable(tc.in))
			require.True(t, isPrintable(tc.want))
		})
	}
}

// Whatever two bytes, or whatever character of the first and last planes: what comes out is printable, and comes out as it is when printed again.
func TestPrintableOfEverything(t *testing.T) {
	check := func(s string) {
		out := Printable(s)
		if !utf8.ValidString(out) || !isPrintable(out) || Printable(out) != out {
			t.Fatalf("%q became %q", s, out)
		}
	}
	for i := range 1 << 16 {
		check(string([]byte{byte(i >> 8), byte(i)}))
	}
	for r := range rune(0x11000) {
		check(string(r))
		check(string(utf8.MaxRune - r))
	}
}

func TestPrintableLines(t *testing.T) {
	require.Empty(t, PrintableLines(""))
	require.Empty(t, PrintableLines("\n\n"))
	require.Equal(t, []string{"a", "", `b\rc`, "    d", `\x1b`}, PrintableLines("a\r\n\nb\rc\n\td\n\x1b\n\n"))
}

func TestShorten(t *testing.T) {
	require.Equal(t, "abc", shorten("abc", 3))
	require.Equal(t, "ab…", shorten("abcd", 3))
	require.Equal(t, "äöü", shorten("äöü", 3))
	require.Equal(t, "ä…", shorten("äöü", 2))
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 16777215: "16,777,215", -1234: "-1,234"} {
		require.Equal(t, want, commas(n))
	}
	for ms, want := range map[float64]string{0: "0.00 ms", 0.123: "0.12 ms", 9.994: "9.99 ms", 12.34: "12.3 ms", 99.94: "99.9 ms", 100: "100 ms", 1002.6: "1,003 ms"} {
		require.Equal(t, want, millis(ms))
	}
	require.Equal(t, "1.4 s", seconds(1432))
	require.Equal(t, "12.0 ms", seconds(12))
	for f, want := range map[float64]string{3: "3", 0.4: "0.4", 0.456: "0.46", 100: "100", 0: "0"} {
		require.Equal(t, want, number(f))
	}
	require.Equal(t, []string{"a", "", "b"}, wordsOf("a  b"))
	require.True(t, strings.HasSuffix(pad("long label", 4), " "))
}
