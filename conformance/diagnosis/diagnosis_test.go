package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// Every fault of the catalogue is in the dictionary, but for those that no finding is known of, and whatever it names is
// a case of the suite.
func TestEmbeddedDictionariesAreOfThisSuite(t *testing.T) {
	set, err := vectors.Embedded()
	require.NoError(t, err)
	for _, role := range spec.Roles() {
		d, err := Embedded(role)
		require.NoError(t, err)
		cases, err := runner.Catalogue(role, set)
		require.NoError(t, err)
		known := map[string]bool{}
		for _, c := range cases {
			known[c.ID] = true
		}
		for _, f := range faulty.Faults(role) {
			ids := d.Cases(f.Name)
			require.NotEmptyf(t, ids, "%s %s: oizys selftest --full --role %s --report dictionary=conformance/diagnosis/data", role, f.Name, role)
			for _, id := range ids {
				require.Truef(t, known[id], "%s: there is no case %s any more", f.Name, id)
			}
		}
	}
}

// found is an observation of a server whose cases all ran and of which some failed.
func found(actual string, cases ...string) Observation {
	o := Observation{Role: spec.Server, Judged: map[string]bool{"msg/sizes/1": true, "msg/sizes/2": true, "msg/empty/only": true, "stream/split/at-1": true}}
	for _, id := range cases {
		o.Judged[id] = true
		o.Findings = append(o.Findings, Finding{Case: id, Requirement: "msg/sizes", Actual: actual})
	}
	return o
}

func learnt(t *testing.T) *Dictionary {
	t.Helper()
	d := Learn(spec.Server, []string{"msg/sizes/1", "msg/sizes/2", "msg/empty/only", "stream/split/at-1", "stream/idle/x"}, map[string]Observation{
		"length-16-bit":        found("answer 1 has the header 00 00 00 01, expected 00 01 00 01", "msg/sizes/1", "msg/sizes/2"),
		"empty-echoed":         found("the session was still open", "msg/empty/only"),
		"split-header-lost":    found("no byte of an answer came", "stream/split/at-1"),
		"length-little-endian": {Role: spec.Server},
	})
	require.Len(t, d.Faults(), 3, "what found nothing teaches nothing")
	return d
}

func TestSameFindingsAreAlmostCertain(t *testing.T) {
	d := learnt(t).Diagnose(found("answer 1 has the header 00 00 00 02, expected 00 02 00 02", "msg/sizes/1", "msg/sizes/2"))
	require.Equal(t, report.AlmostCertain, d.Sure)
	require.Equal(t, "length-16-bit", d.Candidates[0].Fault)
	require.Equal(t, []string{"msg/sizes/1", "msg/sizes/2"}, d.Candidates[0].Shared)
	require.Empty(t, d.Candidates[0].Missing)
	require.Contains(t, d.Summary, "length-16-bit")
}

func TestOtherFindingsFitNoFault(t *testing.T) {
	o := found("something that no fault says", "hdr/other/one", "hdr/other/two")
	for i := range o.Findings {
		o.Findings[i].Requirement = "hdr/length"
	}
	d := learnt(t).Diagnose(o)
	require.Empty(t, d.Sure)
	require.Empty(t, d.Candidates)
	require.Equal(t, "no known fault fits", d.Summary)
}

// Words alone name no fault: of the cases that find it one must have found something.
func TestAFaultNoneOfWhoseCasesFoundAnythingDoesNotFit(t *testing.T) {
	d := learnt(t)
	o := found("no byte of an answer came", "stream/split/at-2")
	require.GreaterOrEqual(t, d.Rank(o)[0].Likeness, possible)
	told := d.Diagnose(o)
	require.Empty(t, told.Sure)
	require.Empty(t, told.Candidates)
	require.Equal(t, "no known fault fits", told.Summary)
	require.NotEmpty(t, told.Class)
	for _, c := range d.Diagnose(found("no byte of an answer came", "stream/split/at-2", "msg/empty/only")).Candidates {
		require.NotEmpty(t, c.Shared)
	}
}

// One case of which nothing more is known than that there was no answer leaves much open where little else was judged.
func TestWhereLittleWasJudgedAFaultIsPossible(t *testing.T) {
	o := found("no byte of an answer came", "stream/split/at-1")
	require.Equal(t, report.AlmostCertain, learnt(t).Diagnose(o).Sure)
	o.Judged = map[string]bool{"stream/split/at-1": true}
	told := learnt(t).Diagnose(o)
	require.Equal(t, "split-header-lost", told.Candidates[0].Fault)
	require.Equal(t, 1.0, told.Candidates[0].Likeness)
	require.Equal(t, report.Possible, told.Sure)

	o = found("answer 1 has the header 00 00 01 00, expected 00 01 00 00", "msg/sizes/1")
	d := Learn(spec.Server, []string{"msg/sizes/1", "msg/sizes/2", "msg/empty/only", "stream/split/at-1"}, map[string]Observation{
		"length-little-endian": o, "length-16-bit": found("answer 1 has the header 00 00 00 01, expected 00 01 00 01", "msg/sizes/1", "msg/sizes/2"),
		"empty-echoed": found("the session was still open", "msg/empty/only"), "split-header-lost": found("no byte of an answer came", "stream/split/at-1"),
	})
	o.Judged = map[string]bool{"msg/sizes/1": true}
	require.Equal(t, report.Likely, d.Diagnose(o).Sure, "how what came differs leaves less open")
}

func TestWithoutFindingsThereIsNoDiagnosis(t *testing.T) {
	require.Nil(t, learnt(t).Diagnose(Observation{Role: spec.Server}))
	require.Nil(t, Diagnose(&report.Report{Role: "server"}))
	require.Nil(t, Diagnose(&report.Report{Role: "mystery", Cases: []report.Case{{ID: "a", Verdict: report.Fail}}}))
}

// What was not run speaks neither for a fault nor against it.
func TestCasesThatWereNotRunDoNotCount(t *testing.T) {
	o := found("answer 1 has the header 00 00 00 02, expected 00 02 00 02", "msg/sizes/1")
	delete(o.Judged, "msg/sizes/2")
	d := learnt(t).Diagnose(o)
	require.Equal(t, "length-16-bit", d.Candidates[0].Fault)
	require.Empty(t, d.Candidates[0].Missing)
	less := learnt(t).Diagnose(found("answer 1 has the header 00 00 00 02, expected 00 02 00 02", "msg/sizes/1"))
	require.Equal(t, []string{"msg/sizes/2"}, less.Candidates[0].Missing, "that it ran and passed speaks against it")
	require.Less(t, less.Candidates[0].Likeness, d.Candidates[0].Likeness)
}

func TestAFaultCanBeLeftOut(t *testing.T) {
	d := learnt(t)
	o := found("the session was still open", "msg/empty/only")
	require.Equal(t, "empty-echoed", d.Rank(o)[0].Fault)
	require.NotEqual(t, "empty-echoed", d.Rank(o, "empty-echoed")[0].Fault)
}

func TestDictionaryIsReadAsWritten(t *testing.T) {
	d := learnt(t)
	b, err := d.Format()
	require.NoError(t, err)
	again, err := Read(b)
	require.NoError(t, err)
	require.Equal(t, d, again)
	for _, damaged := range []string{
		"", "{}", `{"schema":"oizys-dictionary/1","role":"server","entries":[]}`, `{"schema":"oizys-dictionary/1","role":"server","entries":[{"fault":"no-such-fault","marks":[]}]}`,
		`{"schema":"oizys-dictionary/1","role":"client","entries":[{"fault":"empty-echoed","marks":[]}]}`, `{"shema":1}`,
	} {
		_, err := Read([]byte(damaged))
		require.ErrorIs(t, err, ErrDamaged, damaged)
	}
}

func TestNewerKnowledgeReplacesOlder(t *testing.T) {
	newer := Learn(spec.Server, []string{"msg/sizes/1"}, map[string]Observation{"empty-echoed": found("something else", "msg/sizes/1")})
	both := learnt(t).Update(newer)
	require.Equal(t, learnt(t).Faults(), both.Faults())
	require.Equal(t, []string{"msg/sizes/1"}, both.Cases("empty-echoed"))
	require.Equal(t, []string{"msg/sizes/1", "msg/sizes/2"}, both.Cases("length-16-bit"))
	var nothing *Dictionary
	require.Equal(t, []string{"empty-echoed"}, nothing.Update(newer).Faults())
}

func TestPhrasesHoldForEveryPeer(t *testing.T) {
	require.Equal(t, phrase(`answer 65 has the header 00 00 0f fd, and it printed "no"…`), phrase(`answer 7 has the header ff 00 00 01, and it printed "a \" b"`))
	require.Equal(t, "it ran", phrase("it ran; again so alone, with a longer deadline"))
}

func TestRelations(t *testing.T) {
	for _, row := range []struct{ expected, actual, want string }{
		{"", "answer 1 has the header 00 05 00 00 (x), expected 00 00 00 05", "length's bytes swapped"},
		{"the message, with the header 00 00 01 2c", "the header is 00 00 00 2c (x)", "low bytes of the length"},
		{"the message, with the header 00 00 00 07", "the header is 00 00 00 0b (x)", "length with the header's"},
		{"the message, with the header 00 00 00 07", "the header is 00 00 00 08 (x)", "length a little more"},
		{"the message, with the header 00 00 00 07", "the header is 00 00 00 06 (x)", "length a little less"},
		{"the message, with the header 00 00 00 07", "the header is 02 00 00 07 (x)", "reserved byte differs"},
		{"the message, with the header 00 00 00 07", "the header is 48 69 20 21 (x)", "text where the header should be"},
		{"the message, with the header 00 00 00 07", "the header is 00 00 00 07 (x)", "header as expected"},
		{"the reply of 300 bytes", "it printed 44 bytes", "as long as the low bytes of the length say"},
		{"the reply of 300 bytes", "it printed 301 bytes", "a few bytes longer"},
		{"the reply of 300 bytes", "it printed 299 bytes", "a few bytes shorter"},
		{"the reply of 300 bytes", "it printed 300 bytes", "as long as expected"},
		{"the reply of 300 bytes", "it printed 3,000 bytes", "longer"},
		{"the reply of 300 bytes", "it printed 100 bytes", "shorter"},
	} {
		require.Contains(t, relations(row.expected, row.actual), row.want, row.actual)
	}
	require.Empty(t, relations("the session is closed", "the session was still open"))
}
