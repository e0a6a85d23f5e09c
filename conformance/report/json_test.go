package report

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

const schemaPath = "../../docs/report.schema.json"

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(schemaPath)
	require.NoError(t, err)
	return s
}

func requireValid(t *testing.T, s *jsonschema.Schema, text string) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	require.NoError(t, s.Validate(doc))
}

func TestJSONFitsItsSchema(t *testing.T) {
	s := compiled(t)
	full := sample()
	full.Peer.Attach, full.Peer.Embedded = "/run/echo.sock", true
	odd := &Report{Role: "server", Result: "unheard of", Cases: []Case{{ID: "a/b", Verdict: "unheard of"}}, Summary: Summary{Error: 1}}
	odd.Cases[0].Measured = map[string]float64{"a": math.NaN(), "b": math.Inf(1)}
	odd.DurationMS = math.Inf(-1)
	for name, r := range map[string]*Report{"sample": full, "empty": reportOf(nil), "nothing set": {Role: "server"}, "odd": odd} {
		t.Run(name, func(t *testing.T) {
			text := written(t, JSON, r)
			requireValid(t, s, text)
			_, err := Read(strings.NewReader(text))
			require.NoError(t, err)
		})
	}
}

// The schema has exactly the fields of the types, and describes each.
func TestSchemaHasTheTypesFields(t *testing.T) {
	type object struct {
		Properties map[string]struct {
			Description string `json:"description"`
			Ref         string `json:"$ref"`
		} `json:"properties"`
		Required []string `json:"required"`
	}
	var root struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	text, err := os.ReadFile(schemaPath)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &root))
	objects := root.Defs
	objects["report"] = root.object
	delete(objects, "verdict")
	types := map[string]reflect.Type{
		"report": reflect.TypeFor[Report](), "suite": reflect.TypeFor[Suite](), "shard": reflect.TypeFor[Shard](), "peer": reflect.TypeFor[Peer](),
		"summary": reflect.TypeFor[Summary](), "case": reflect.TypeFor[Case](), "evidence": reflect.TypeFor[Evidence](),
		"known": reflect.TypeFor[Known](), "recording": reflect.TypeFor[Recording](), "tape": reflect.TypeFor[Tape](), "run": reflect.TypeFor[Run](), "heard": reflect.TypeFor[Heard](), "piece": reflect.TypeFor[Piece](), "presents": reflect.TypeFor[Presents](), "rule": reflect.TypeFor[Rule](), "diagnosis": reflect.TypeFor[Diagnosis](), "candidate": reflect.TypeFor[Candidate](), "transcript": reflect.TypeFor[Transcript](), "event": reflect.TypeFor[Event](),
	}
	require.Len(t, objects, len(types))
	for name, typ := range types {
		var fields, required []string
		for i := range typ.NumField() {
			field, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			fields = append(fields, field)
			if options == "" {
				required = append(required, field)
			}
		}
		var have []string
		for field, p := range objects[name].Properties {
			have = append(have, field)
			require.NotEmpty(t, p.Description+p.Ref, "%s.%s has no description", name, field)
		}
		require.ElementsMatch(t, fields, have, name)
		require.ElementsMatch(t, required, objects[name].Required, "%s: required", name)
	}
}

func TestJSONRoundTrip(t *testing.T) {
	r := sample()
	for i := range r.Cases { // what the peer sent changes on its way: what is no UTF-8 is spelled out
		r.Cases[i].Actual = validUTF8(r.Cases[i].Actual)
		if e := r.Cases[i].Evidence; e != nil {
			e.PeerOutput = validUTF8(e.PeerOutput)
		}
	}
	r.Peer.Output = validUTF8(r.Peer.Output)
	text := written(t, JSON, r)
	got, err := Read(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, text, written(t, JSON, got))
	for i := range r.Cases {
		require.Equal(t, r.Cases[i].Actual, got.Cases[i].Actual)
	}
	require.Equal(t, r.Peer, got.Peer)
	require.Equal(t, r.Summary, got.Summary)
	require.Equal(t, r.Started, got.Started)
}

func TestJSONSpellsOutWhatIsNoText(t *testing.T) {
	r := reportOf(nil)
	r.Peer.Output = "a\xffb\x1b\U000E0001c"
	text := written(t, JSON, r)
	require.Contains(t, text, `"a\\xffb\u001b\udb40\udc01c"`)
	got, err := Read(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, "a\\xffb\x1b\U000E0001c", got.Peer.Output)
}

func TestJSONEndsWithComplete(t *testing.T) {
	require.True(t, strings.HasSuffix(written(t, JSON, sample()), "  ],\n  \"complete\": true\n}\n"))
}

func TestReadRefuses(t *testing.T) {
	text := written(t, JSON, sample())
	edit := func(from, to string) string {
		require.Contains(t, text, from)
		return strings.Replace(text, from, to, 1)
	}
	for _, tc := range []struct{ name, text, says string }{
		{"nothing", "", "it is empty"},
		{"no JSON", "PASS", "invalid character"},
		{"no UTF-8", edit(`"oizys-report/1"`, "\"oizys-report/1\xff\""), "it is not UTF-8"},
		{"a list", "[]", "cannot unmarshal array"},
		{"null", "null", `its schema is missing, not "oizys-report/1"`},
		{"another schema", edit(`"oizys-report/1"`, `"oizys-report/2"`), `its schema is "oizys-report/2", not "oizys-report/1"`},
		{"cut off", text[:len(text)/2], "unexpected EOF"},
		{"not complete", edit(",\n  \"complete\": true", ""), `the field "complete" is missing`},
		{"only its last character missing", strings.TrimSuffix(text, "}\n"), "unexpected EOF"},
		{"another last character", strings.TrimSuffix(text, "}\n") + "]", "invalid character ']'"},
		{"an unfinished word at the end", strings.TrimSuffix(text, "true\n}\n") + "trux", "invalid character 'x'"},
		{"only space", " \n", "it is empty"},
		{"something behind", text + "{}", "something follows"},
		{"a letter behind", text + "x", "something follows"},
		{"a comma behind", strings.TrimSuffix(text, "\n") + ",", "something follows"},
		{"a letter behind a case", edit("    }\n  ],", "    } x\n  ],"), "invalid character 'x'"},
		{"unknown field", edit(`"why":`, `"because": "", "why":`), `unknown field "because"`},
		{"unknown field of a case", edit(`"title":`, `"name": "", "title":`), `unknown field "name"`},
		{"unknown verdict", edit(`"verdict": "pass"`, `"verdict": "passed"`), `case "msg/echo/hi" has the unknown verdict "passed"`},
		{"unknown verdict of a repetition", edit(`"verdicts": [
        "fail"`, `"verdicts": [
        "failed"`), `unknown verdict "failed"`},
		{"unknown result", edit(`"result": "non-conforming"`, `"result": "ok"`), `unknown result "ok"`},
		{"more shards than there are", edit(`"summary":`, `"shard": {"index": 1, "count": 4000000000000000000, "chosen": 4, "digest": "d"}, "summary":`), `shard 1 of 4000000000000000000 of 4 cases cannot be`},
		{"unknown role", edit(`"role": "server"`, `"role": "proxy"`), `unknown role "proxy"`},
		{"unknown level", edit(`"level": "MUST"`, `"level": "MAY"`), `unknown level "MAY"`},
		{"unknown direction", edit(`"direction": "sent"`, `"direction": "out"`), `unknown direction "out"`},
		{"no ID", edit(`"id": "msg/echo/hi"`, `"id": ""`), "case 1 of the list has no id"},
		{"a case twice", edit(`"id": "msg/echo/hi"`, `"id": "hdr/length/256"`), `case "hdr/length/256" is there twice`},
		{"wrong summary", edit(`"pass": 1`, `"pass": 2`), "does not count its cases"},
		{"a failure made a pass", strings.NewReplacer(`"verdict": "fail"`, `"verdict": "pass"`, `"fail": 1`, `"fail": 0`).Replace(text), "evidence against it"},
		{"a reason that counts others", edit(`cases show a MUST broken`, `0 cases show a MUST broken`), "0 cases show a MUST broken, and its cases make it"},
		{"wrong type", edit(`"seed": 42`, `"seed": -1`), "seed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(tc.text))
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, tc.says)
			require.True(t, isPrintable(err.Error()))
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

func TestReadReportsTheReadersError(t *testing.T) {
	_, err := Read(brokenReader{})
	require.ErrorIs(t, err, errBroken)
	require.NotErrorIs(t, err, ErrInvalid)
}

func TestReadIsBounded(t *testing.T) {
	text := written(t, JSON, reportOf(nil))
	_, err := readAtMost(strings.NewReader(text), int64(len(text)))
	require.NoError(t, err)
	_, err = readAtMost(strings.NewReader(text+strings.Repeat(" ", 1<<20)), int64(len(text)))
	require.ErrorIs(t, err, ErrInvalid)
	require.ErrorContains(t, err, "longer than")
}
