package spec_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

func TestRequirementsAreWellFormed(t *testing.T) {
	id := regexp.MustCompile(`^(hdr|msg|stream|close|sess|srv|cli)/[a-z]+(-[a-z]+)*$`)
	all := spec.Requirements()
	require.GreaterOrEqual(t, len(all), 40)
	seen := map[string]bool{}
	area := map[string]bool{}
	last := ""
	for _, r := range all {
		require.Regexp(t, id, r.ID)
		require.False(t, seen[r.ID], "%s stands twice", r.ID)
		seen[r.ID] = true
		require.Contains(t, []spec.Level{spec.Must, spec.Should}, r.Level, r.ID)
		requireSentence(t, r.Statement, r.ID)
		require.NotEmpty(t, r.Source, r.ID)
		requireRoles(t, r.Roles, r.ID)

		now, _, _ := strings.Cut(r.ID, "/")
		require.False(t, now != last && area[now], "%s stands apart from its area", r.ID)
		area[now], last = true, now
	}
}

func TestSilencesAreNumbered(t *testing.T) {
	all := spec.Silences()
	require.NotEmpty(t, all)
	for i, s := range all {
		require.Equal(t, i+1, s.Number)
		requireSentence(t, s.Topic, s.Topic)
		requireSentence(t, s.Reading, s.Topic)
		requireRoles(t, s.Roles, s.Topic)
	}
}

// requireSentence wants one line of text that begins with a capital and ends in a full stop, with nothing that Markdown
// or an XML attribute would take for its own.
func requireSentence(t *testing.T, text, of string) {
	t.Helper()
	require.Regexp(t, `^[A-Z].*\.$`, text, of)
	require.Equal(t, strings.Join(strings.Fields(text), " "), text, "white space in %s", of)
	require.False(t, strings.ContainsAny(text, "*_`|<>"), "a mark in the text of %s", of)
}

// requireRoles wants some of the known roles, each once, in the documents' order.
func requireRoles(t *testing.T, got []spec.Role, of string) {
	t.Helper()
	require.NotEmpty(t, got, of)
	var ordered []spec.Role
	for _, role := range spec.Roles() {
		for _, have := range got {
			if have == role {
				ordered = append(ordered, have)
			}
		}
	}
	require.Equal(t, ordered, got, of)
}

func TestFind(t *testing.T) {
	for _, want := range spec.Requirements() {
		got, ok := spec.Find(want.ID)
		require.True(t, ok, want.ID)
		require.Equal(t, want, got)
	}
	for _, id := range []string{"", "hdr", "hdr/", "hdr/length/", "hdr/length/example-hi", "HDR/LENGTH"} {
		_, ok := spec.Find(id)
		require.False(t, ok, "%q", id)
	}
}

func TestBinds(t *testing.T) {
	everyone, ok := spec.Find("hdr/length")
	require.True(t, ok)
	servers, ok := spec.Find("srv/stays-up")
	require.True(t, ok)
	for _, role := range spec.Roles() {
		require.True(t, everyone.Binds(role), role)
		require.Equal(t, role == spec.Server, servers.Binds(role), role)
	}
	require.False(t, everyone.Binds("peer"))
}

// What the caller does to a returned slice stays with the caller.
func TestSlicesAreTheCallersOwn(t *testing.T) {
	first := spec.Requirements()
	first[0].ID, first[0].Roles[0] = "changed", "changed"
	require.NotEqual(t, first[0], spec.Requirements()[0])
	require.Equal(t, spec.Server, spec.Requirements()[0].Roles[0])
	require.Equal(t, spec.Server, spec.Requirements()[1].Roles[0])

	silences := spec.Silences()
	silences[0].Number, silences[0].Roles[0] = 0, "changed"
	require.Equal(t, 1, spec.Silences()[0].Number)
	require.Equal(t, spec.Server, spec.Silences()[0].Roles[0])

	known := spec.Roles()
	known[0] = "changed"
	require.Equal(t, spec.Server, spec.Roles()[0])
}

// The package imports nothing outside the standard library.
func TestImports(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	looked := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		looked++
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, i := range parsed.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			require.NoError(t, err)
			first, _, _ := strings.Cut(path, "/")
			require.NotContains(t, first, ".", "%s imports %s", file, path)
		}
	}
	require.GreaterOrEqual(t, looked, 5)
}
