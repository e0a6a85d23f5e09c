package selftest

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrPartial is returned when a page is asked for of which some peers were not run.
var ErrPartial = errors.New("the page needs every peer of every role")

// WriteMarkdown writes the kill matrix as a page. It holds what the same suite always comes to, and so neither times nor
// how many cases failed: one peer a line, what it breaks, what became of it. The error is [ErrPartial] for a matrix of
// some peers only.
func (m *Matrix) WriteMarkdown(w io.Writer) error {
	if m.Partial {
		return ErrPartial
	}
	var b strings.Builder
	b.WriteString("# Kill matrix\n\n")
	b.WriteString("What the suite makes of peers with one known defect each, and of odd ones that conform. Written by\n")
	b.WriteString("`oizys selftest --report md=docs/kill-matrix.md`; [selftest.md](selftest.md) says how to read it.\n\n")
	b.WriteString("| role | defects found | odd but conforming, no false alarm |\n|---|--:|--:|\n")
	for _, role := range m.Roles() {
		found, all := m.Defects(role)
		quiet, habits := m.Habits(role)
		fmt.Fprintf(&b, "| %s | %d of %d | %d of %d |\n", role, found, all, quiet, habits)
	}
	if bad := m.Of(Survived, Misattributed, FalseAlarm, Unjudged); len(bad) > 0 {
		b.WriteString("\n## Not as it should be\n\n| role | peer | outcome |\n|---|---|---|\n")
		for _, row := range bad {
			fmt.Fprintf(&b, "| %s | `%s` | %s |\n", row.Role, row.Name, row.Outcome)
		}
	}
	for _, role := range m.Roles() {
		fmt.Fprintf(&b, "\n## Role %s\n\n| peer | class | breaks | outcome |\n|---|---|---|---|\n", role)
		for _, row := range m.Rows {
			if row.Role == role {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", row.Name, row.Class, links(row.Breaks, row.Warns), row.Outcome)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// links names requirements with a link to each; a dash stands for none.
func links(ids ...[]string) string {
	var all []string
	for _, list := range ids {
		for _, id := range list {
			all = append(all, fmt.Sprintf("[%s](../spec/PROTOCOL.md#%s)", id, id))
		}
	}
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, ", ")
}
