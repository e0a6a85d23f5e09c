package spec_test

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

// The table of limits has every constant of limits.go, with its value.
func TestTextHasExactlyTheLimitsOfTheData(t *testing.T) {
	rows := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\d+) \\|").FindAllStringSubmatch(readProtocol(t).text, -1)
	require.NotEmpty(t, rows)
	got := map[string]string{}
	for _, row := range rows {
		require.NotContains(t, got, row[1], "twice in the table")
		got[row[1]] = row[2]
	}
	require.Equal(t, constants(t, "limits.go"), got)
}

// constants returns the exported constants that a file declares, with their values.
func constants(t *testing.T, file string) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, nil, 0)
	require.NoError(t, err)
	checked, err := (&types.Config{}).Check("spec", files, []*ast.File{parsed}, nil)
	require.NoError(t, err)
	values := map[string]string{}
	for _, name := range checked.Scope().Names() {
		if c, ok := checked.Scope().Lookup(name).(*types.Const); ok && c.Exported() {
			values[name] = constant.ToInt(c.Val()).ExactString()
		}
	}
	require.NotEmpty(t, values)
	return values
}

// The table of lengths and headers says what the header's definition says.
func TestTextHeadersOfLengths(t *testing.T) {
	rows := regexp.MustCompile("(?m)^\\| (\\d+) \\| `([0-9a-f ]{11})` \\|$").FindAllStringSubmatch(readProtocol(t).text, -1)
	require.GreaterOrEqual(t, len(rows), 6)
	for _, row := range rows {
		n, err := strconv.Atoi(row[1])
		require.NoError(t, err)
		require.LessOrEqual(t, n, spec.MaxContentLen)
		require.Equal(t, fmt.Sprintf("%02x %02x %02x %02x", spec.Reserved, n/65536, n/256%256, n%256), row[2], "the header of %d bytes", n)
	}
}
