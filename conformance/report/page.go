package report

import (
	"strings"
	"unicode/utf8"
)

// paint is how a word is coloured on a terminal: the parameters of an ANSI SGR sequence.
type paint string

const (
	plain  paint = ""
	bold   paint = "1"
	dim    paint = "2"
	green  paint = "1;32"
	red    paint = "1;31"
	yellow paint = "1;33"
	violet paint = "1;35"
	cyan   paint = "36"
)

func verdictPaint(v Verdict) paint {
	return map[Verdict]paint{Pass: green, Fail: red, Warn: yellow, Info: cyan, Skip: dim, Error: violet}[v]
}

func resultPaint(r Result) paint {
	return map[Result]paint{Conforming: green, NonConforming: red, Inconclusive: violet}[r]
}

// apply returns s in colour if on is true. The caller has made s printable.
func (p paint) apply(on bool, s string) string {
	if !on || p == plain || s == "" {
		return s
	}
	return "\x1b[" + string(p) + "m" + s + "\x1b[0m"
}

// labelWidth is the width of the column of labels in front of what they name.
const labelWidth = 10

// page is a text under construction. Whatever it is given must be printable.
type page struct {
	strings.Builder
	width int
	color bool
}

// line writes one line as it is.
func (p *page) line(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
	p.WriteByte('\n')
}

// wrapped writes words, broken into lines; first and further ones begin with the given indents.
func (p *page) wrapped(first, further string, words []string) {
	line, empty := first, true
	for _, word := range words {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > p.width {
			p.line(strings.TrimRight(line, " "))
			line, empty = further, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	p.line(strings.TrimRight(line, " "))
}

// para writes text indented by indent columns.
func (p *page) para(indent int, text string) {
	in := strings.Repeat(" ", indent)
	p.wrapped(in, in, wordsOf(text))
}

// wordsOf splits text at its spaces and keeps every one of them: what a peer sent may hold several in a row.
func wordsOf(text string) []string { return strings.Split(text, " ") }

// label writes text behind a label, both indented by two columns; nothing if text is empty.
func (p *page) label(name, text string) {
	if text == "" {
		return
	}
	in := strings.Repeat(" ", 2+labelWidth)
	p.wrapped("  "+pad(name, labelWidth), in, wordsOf(text))
}

// whole writes text behind a label on one line, however long, so that it can be copied.
func (p *page) whole(name, text string) {
	if text != "" {
		p.line("  ", pad(name, labelWidth), text)
	}
}

// heading writes a line that begins a part of the page.
func (p *page) heading(text string) {
	p.line()
	p.line(bold.apply(p.color, text))
	p.line(dim.apply(p.color, strings.Repeat("─", min(utf8.RuneCountInString(text), p.width))))
}

// pad returns s followed by spaces up to width columns, at least one.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 1))
}

// padLeft returns s behind spaces up to width columns.
func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0)) + s
}
