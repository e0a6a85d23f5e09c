package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

// inModule returns the path of a file, given from the module's root.
func inModule(name string) string { return filepath.Join("..", "..", filepath.FromSlash(name)) }

func readDoc(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(inModule(name))
	require.NoError(t, err)
	return string(b)
}

// documents returns the names of all Markdown pages that are written by hand, from the module's root.
func documents(t *testing.T) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.WalkDir(inModule("."), func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := entry.Name(); entry.IsDir() && (base == "testdata" || base == "bin" || base == ".git") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".md") {
			relative, err := filepath.Rel(inModule("."), name)
			if err != nil {
				return err
			}
			names = append(names, filepath.ToSlash(relative))
		}
		return nil
	}))
	require.GreaterOrEqual(t, len(names), 9)
	return names
}

// The catalogue is what the program prints.
func TestCatalogueIsFresh(t *testing.T) {
	for _, row := range []struct {
		role       spec.Role
		page, args string
	}{
		{spec.Server, "docs/cases.md", ""},
		{spec.Client, "docs/cases-client.md", " --role client"},
		{spec.Driver, "docs/cases-driver.md", " --role driver"},
	} {
		cases, _, err := catalogue(row.role)
		require.NoError(t, err)
		var page bytes.Buffer
		require.NoError(t, listMarkdown(&page, row.role, cases))
		if readDoc(t, row.page) != page.String() {
			require.Fail(t, row.page+" is stale", "go run ./cmd/oizys list%s --format md > %s", row.args, row.page)
		}
		require.Equal(t, len(cases), strings.Count(page.String(), "\n| <a id="), "a row for each case")
	}
}

var (
	markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	markdownHead = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	anchorTag    = regexp.MustCompile(`<a id="([^"]+)"></a>`)
	codeBlock    = regexp.MustCompile("(?ms)^```.*?^```$")
)

// anchorsOf returns what a link into a page may name.
func anchorsOf(text string) []string {
	var all []string
	for _, m := range anchorTag.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	notInSlug := regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
	for _, m := range markdownHead.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		all = append(all, strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

// Every link from page to page, or within one, leads somewhere.
func TestLinksLeadSomewhere(t *testing.T) {
	links, anchors := 0, map[string][]string{}
	for _, name := range documents(t) {
		for _, m := range markdownLink.FindAllStringSubmatch(codeBlock.ReplaceAllString(readDoc(t, name), ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			links++
			page := name
			if target != "" {
				page = filepath.ToSlash(filepath.Join(filepath.Dir(name), target))
				_, err := os.Stat(inModule(page))
				require.NoError(t, err, "%s links to %s", name, m[1])
			}
			if anchor != "" {
				if anchors[page] == nil {
					anchors[page] = anchorsOf(readDoc(t, page))
				}
				require.Contains(t, anchors[page], anchor, "%s links to %s", name, m[1])
			}
		}
	}
	require.GreaterOrEqual(t, links, 50)
}

// Whatever in a page looks like an ID is one: of a requirement, or of a case or vector.
func TestDocumentsNameKnownIDs(t *testing.T) {
	cases, set, err := everyCatalogue()
	require.NoError(t, err)
	known := map[string]bool{}
	for _, r := range spec.Requirements() {
		known[r.ID] = true
	}
	for _, c := range cases {
		known[c.ID] = true
	}
	for _, v := range set.All() {
		known[v.ID] = true
	}
	id := regexp.MustCompile("`((?:hdr|msg|stream|close|sess|srv|cli)/[a-z0-9/-]+)`")
	named := 0
	for _, name := range documents(t) {
		for _, m := range id.FindAllStringSubmatch(readDoc(t, name), -1) {
			named++
			require.True(t, known[m[1]], "%s names %s, which is neither a requirement nor a case nor a vector", name, m[1])
		}
	}
	require.GreaterOrEqual(t, named, 100)
}

// The page on certifying has a row for each flag of the command, and no other.
func TestCertifyFlagsAreDocumented(t *testing.T) {
	var want, got []string
	for _, m := range regexp.MustCompile(`(?m)^ .*?(--[a-z-]+)`).FindAllStringSubmatch(newCertifyCommand().Flags().FlagUsages(), -1) {
		want = append(want, m[1])
	}
	require.NotEmpty(t, want)
	for _, m := range regexp.MustCompile("(?m)^\\| `(--[a-z-]+)").FindAllStringSubmatch(readDoc(t, "docs/certify.md"), -1) {
		got = append(got, m[1])
	}
	require.ElementsMatch(t, want, got)
}

// Each module that is imported has its row in the table of dependencies.
func TestDependenciesAreExplained(t *testing.T) {
	var rows []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z]+\\.[^`]+)` \\|").FindAllStringSubmatch(readDoc(t, "docs/decisions.md"), -1) {
		rows = append(rows, m[1])
	}
	require.NotEmpty(t, rows)
	used := map[string]bool{}
	for _, f := range moduleImports(t) {
		for _, what := range f.what {
			first, _, _ := strings.Cut(what, "/")
			if !strings.Contains(first, ".") || within(what, modulePath) {
				continue
			}
			i := slices.IndexFunc(rows, func(row string) bool { return within(what, row) })
			require.GreaterOrEqual(t, i, 0, "%s imports %s, and docs/decisions.md does not say why it was taken", f.file, what)
			used[rows[i]] = true
		}
	}
	require.GreaterOrEqual(t, len(used), 4)
}

// The set-up in the README is two commands, and CI runs both.
func TestSetUpIsTwoCommands(t *testing.T) {
	_, rest, found := strings.Cut(readDoc(t, "README.md"), "## Set up\n")
	require.True(t, found)
	block := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(rest)
	require.NotNil(t, block)
	var commands []string
	for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
		command, _, _ := strings.Cut(line, "#")
		commands = append(commands, strings.TrimSpace(command))
	}
	require.Equal(t, []string{"go run ./cmd/oizys certify", "go test ./..."}, commands)
	for _, command := range commands {
		require.Contains(t, readDoc(t, ".ci/run"), command)
	}
}
