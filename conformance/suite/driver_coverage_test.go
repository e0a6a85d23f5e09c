package suite_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

func driverCases(t *testing.T) []suite.Case {
	t.Helper()
	set, err := vectors.Embedded()
	require.NoError(t, err)
	cases, err := suite.Drivers(set)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(cases), 480)
	return cases
}

// Every requirement that binds a driver has a case; the session's own have several.
func TestEveryRequirementOfADriverHasACase(t *testing.T) {
	shown := map[string]int{}
	for _, c := range driverCases(t) {
		for _, id := range c.Requirements {
			shown[id]++
		}
	}
	bound := 0
	for _, r := range spec.Requirements() {
		if !r.Binds(spec.Driver) {
			continue
		}
		bound++
		least := 1
		if strings.HasPrefix(r.ID, "sess/") {
			least = 2
		}
		require.GreaterOrEqual(t, shown[r.ID], least, r.ID)
	}
	require.GreaterOrEqual(t, bound, 30)
}

func TestCasesNameRequirementsOfADriver(t *testing.T) {
	ids := map[string]bool{}
	cases := driverCases(t)
	for _, c := range cases {
		ids[c.ID] = true
	}
	requireNamed(t, spec.Driver, cases)
	for _, c := range cases {
		require.NotNil(t, c.Run, c.ID)
		for _, need := range c.Needs {
			require.True(t, ids[need], "%s needs %s, which is no case", c.ID, need)
		}
	}
}

// The lines that the contract's page shows are those that its schema describes.
func TestSchemaDescribesTheLinesOfTheContract(t *testing.T) {
	c := jsonschema.NewCompiler()
	schema, err := c.Compile("../../docs/driver.schema.json")
	require.NoError(t, err)
	page, err := os.ReadFile("../../docs/driver.md")
	require.NoError(t, err)
	lines := regexp.MustCompile("(?m)^[→←] (.*)$|`(\\{\"id\".*?\\})`").FindAllSubmatch(page, -1)
	require.GreaterOrEqual(t, len(lines), 14)
	for _, l := range lines {
		require.NoError(t, schema.Validate(decoded(t, append(l[1], l[2]...))), "%s", l[0])
	}
	for _, wrong := range []string{`{}`, `{"id":1}`, `{"id":1,"ok":false}`, `{"id":1,"do":"dance"}`, `{"event":"message","session":"s","length":1}`, `{"event":"close","session":"s"}`, `{"id":1,"ok":true,"more":1}`, `{"id":1,"do":"open","session":"s"}`} {
		require.Error(t, schema.Validate(decoded(t, []byte(wrong))), wrong)
	}
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err, "%s", text)
	require.True(t, json.Valid(text))
	return value
}
