package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

func formats() []string { return []string{"text", "md", "json"} }

// write writes the report in one of the formats.
func (r *report) write(out io.Writer, format string) error {
	if format == "json" {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	var b strings.Builder
	for _, t := range r.tables() {
		if format == "md" {
			t.markdown(&b)
		} else {
			t.text(&b)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

type table struct {
	title string
	lines []string // Below the title.
	head  []string // The first columns are aligned left, the others right.
	left  int
	rows  [][]string
}

func (r *report) tables() []table {
	var shown []table
	for _, t := range []table{r.about(), r.oneWay(), r.roundTrip(), r.idle(), r.aims()} {
		if len(t.rows) > 0 {
			shown = append(shown, t)
		}
	}
	return shown
}

func (r *report) about() table {
	t := table{title: "Contenders", head: []string{"contender", "how it is used"}, left: 2}
	t.lines = append(t.lines, fmt.Sprintf("%s %s, %d CPUs; load average %s before, %s after. Medians of %d rounds.",
		r.System.Go, r.System.Platform, r.System.CPUs, orDash(r.System.LoadBefore), orDash(r.System.LoadAfter), r.Rounds))
	if r.SendBuffer > 0 {
		t.lines = append(t.lines, fmt.Sprintf("All sockets with a send buffer of %d bytes.", r.SendBuffer))
	}
	for _, c := range r.Contenders {
		t.rows = append(t.rows, []string{c.Name, c.What})
	}
	return t
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (r *report) oneWay() table {
	t := table{title: "One way", left: 2}
	t.head = []string{"size", "contender", "messages/s", "MB/s", "× raw", "× naive", "spread", "CPU µs", "allocs sent", "received"}
	t.lines = []string{"MB is 10^6 bytes of content. Per message: processor time of both processes, and the allocations of each."}
	for _, c := range r.inOrder(oneWay) {
		t.rows = append(t.rows, []string{
			sizeName(c.Size), c.marked(), grouped(c.PerSecond), significant(c.bytesPerSecond() / 1e6),
			ratio(c.ToRaw), ratio(c.ToNaive), percent(c.Spread), significant(c.CPU),
			allocations(c.SendAllocs), allocations(c.ReceiveAllocs),
		})
	}
	t.addNotes(r.inOrder(oneWay))
	return t
}

func (r *report) roundTrip() table {
	t := table{title: "Round trip", left: 2}
	t.head = []string{"size", "contender", "µs", "× raw", "× naive", "spread", "CPU µs", "allocs pinging", "echoing"}
	t.lines = []string{"One message there and back, and no other meanwhile; here a ratio is one of times: below 1 is faster."}
	for _, c := range r.inOrder(roundTrip) {
		t.rows = append(t.rows, []string{
			sizeName(c.Size), c.marked(), significant(c.microseconds()),
			ratio(inverse(c.ToRaw)), ratio(inverse(c.ToNaive)), percent(c.Spread), significant(c.CPU),
			allocations(c.SendAllocs), allocations(c.ReceiveAllocs),
		})
	}
	t.addNotes(r.inOrder(roundTrip))
	return t
}

// marked returns the contender's name, with a mark when there is a note.
func (c *cell) marked() string {
	if c.Note == "" {
		return c.Contender
	}
	return c.Contender + "*"
}

// addNotes adds each note once, with the sizes that it is for.
func (t *table) addNotes(cells []*cell) {
	type note struct{ contender, text string }
	var notes []note
	sizes := map[note][]string{}
	for _, c := range cells {
		n := note{c.Contender, c.Note}
		if c.Note == "" {
			continue
		}
		if sizes[n] == nil {
			notes = append(notes, n)
		}
		sizes[n] = append(sizes[n], sizeName(c.Size))
	}
	for _, n := range notes {
		t.lines = append(t.lines, fmt.Sprintf("%s* at %s: %s.", n.contender, strings.Join(sizes[n], ", "), n.text))
	}
}

func (r *report) idle() table {
	t := table{title: "Idle connections", head: []string{"contender", "heap and stack", "resident"}, left: 1}
	if len(r.Idle) == 0 {
		return t
	}
	t.lines = []string{fmt.Sprintf("KiB of the accepting process for each of %d connections that have carried a message each way.", r.Idle[0].Count)}
	for _, i := range r.Idle {
		resident := "-"
		if i.RSS > 0 {
			resident = fmt.Sprintf("%.1f", i.RSS/1024)
		}
		t.rows = append(t.rows, []string{i.Contender, fmt.Sprintf("%.1f", i.Go/1024), resident})
	}
	return t
}

func (r *report) aims() table {
	t := table{title: "Aims of the session", head: []string{"", "aim", "wanted", "measured"}, left: 2}
	for _, a := range r.Aims {
		mark := "✗ miss"
		if a.Pass {
			mark = "✓ pass"
		}
		t.rows = append(t.rows, []string{mark, a.What, a.Want, significant(a.Value)})
	}
	return t
}

// inOrder returns the cells of a kind by size and then by contender.
func (r *report) inOrder(kind string) []*cell {
	var found []*cell
	var sizes []int
	for _, c := range r.Cells {
		if c.Kind == kind && !slices.Contains(sizes, c.Size) {
			sizes = append(sizes, c.Size)
		}
	}
	for _, size := range sizes {
		for _, e := range r.Contenders {
			if c := r.cell(kind, size, e.Name); c != nil {
				found = append(found, c)
			}
		}
	}
	return found
}

func (t table) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n", t.title)
	for _, line := range t.lines {
		fmt.Fprintf(b, "%s\n\n", line)
	}
	row := func(cells []string) { fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | ")) }
	rules := slices.Repeat([]string{"---"}, len(t.head))
	for i := t.left; i < len(rules); i++ {
		rules[i] = "---:"
	}
	row(t.head)
	row(rules)
	for _, cells := range t.rows {
		row(cells)
	}
	b.WriteString("\n")
}

func (t table) text(b *strings.Builder) {
	fmt.Fprintf(b, "%s\n", strings.ToUpper(t.title))
	for _, line := range t.lines {
		fmt.Fprintf(b, "%s\n", line)
	}
	all := append([][]string{t.head}, t.rows...)
	widths := make([]int, len(t.head))
	for _, cells := range all {
		for i, text := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	for n, cells := range all {
		if n > 1 && t.head[0] == "size" && cells[0] != all[n-1][0] {
			b.WriteString("\n")
		}
		var line strings.Builder
		for i, text := range cells {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
			if i < t.left {
				line.WriteString("  " + text + pad)
			} else {
				line.WriteString("  " + pad + text)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	b.WriteString("\n")
}
