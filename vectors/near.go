package vectors

import (
	"cmp"
	"slices"
	"strings"
)

// Near returns up to n of the set's IDs that whoever wrote id may have meant; see [Near].
func (s *Set) Near(id string, n int) []string {
	all := make([]string, len(s.all))
	for i, v := range s.all {
		all[i] = v.ID
	}
	return Near(id, all, n)
}

// Near returns up to n of the names that whoever wrote id may have meant, the likeliest first: those that end in it, those
// that hold it, and those that a few changed letters make of it.
func Near(id string, names []string, n int) []string {
	type candidate struct {
		id       string
		distance int
	}
	var list []candidate
	id = strings.Trim(strings.ToLower(id), "/")
	if id == "" {
		return nil
	}
	for _, name := range names {
		d := distance(id, name)
		switch {
		case strings.HasSuffix(name, "/"+id):
			d = -1
		case strings.Contains(name, id):
			d = 0
		}
		if d <= max(2, len(id)/4) {
			list = append(list, candidate{name, d})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var ids []string
	for _, c := range list[:min(n, len(list))] {
		ids = append(ids, c.id)
	}
	return ids
}

// distance counts the bytes to insert, delete or replace to turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
