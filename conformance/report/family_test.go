package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFamily(t *testing.T) {
	for id, want := range map[string]string{
		"a/b/c": "a/b", "a/b/c/d": "a/b", "a/b": "a/b", "a": "a", "": "",
	} {
		require.Equal(t, want, family(id), id)
	}
	require.Equal(t, "hdr", area("hdr/length/256"))
	require.Equal(t, "hdr", area("hdr"))
}

func TestShape(t *testing.T) {
	for _, tc := range []struct {
		name, a, b string
		same       bool
	}{
		{"numbers", "closed after 0.4 ms", "closed after 1,003 ms", true},
		{"one and several", "1 byte came back", "12 bytes came back", true},
		{"bytes in hex", "reserved byte 0x7f", "reserved byte 0xFF", true},
		{"bare bytes", "got 7f", "got ff", true},
		{"rows of bytes", "got 00 01 02", "got ff", true},
		{"long hex", "digest deadbeefcafe", "digest 0123456789ab", true},
		{"quoted content", `got "a \" b"`, `got "c"`, true},
		{"two ways to close", "closed the session (end of stream) after 1 byte", "closed the session (ECONNRESET) after 2 bytes", true},
		{"another event", "the connection was closed", "the connection stayed open", false},
		{"another unit", "2 bytes", "2 messages", false},
		{"nothing", "", "closed", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.same, shape(tc.a) == shape(tc.b), "%q %q", shape(tc.a), shape(tc.b))
		})
	}
}

func TestGroups(t *testing.T) {
	r := &Report{Cases: []Case{
		{ID: "hdr/r/01", Verdict: Fail, Expected: "closed", Actual: "echoed 1 byte"},
		{ID: "hdr/l/1", Verdict: Fail, Expected: "closed", Actual: "echoed 1 byte"},
		{ID: "hdr/r/02", Verdict: Fail, Expected: "closed", Actual: "echoed 2 bytes"},
		{ID: "hdr/r/03", Verdict: Fail, Expected: "closed", Actual: "nothing came"},
		{ID: "hdr/r/04", Verdict: Warn, Expected: "closed", Actual: "echoed 2 bytes"},
		{ID: "hdr/r/05", Verdict: Fail, Expected: "closed", Actual: "echoed 3 bytes", Flaky: true},
		{ID: "hdr/r/06", Verdict: Fail, Expected: "closed", Actual: "echoed 4 bytes"},
		{ID: "srv/a/1", Verdict: Skip, Actual: "one at a time"},
		{ID: "srv/b/1", Verdict: Skip, Actual: "one at a time"},
		{ID: "srv/b/2", Verdict: Skip, Actual: "attached"},
		{ID: "odd/a/1", Verdict: "unheard of"},
	}}
	ids := func(v Verdict) (all []string) {
		for _, g := range groups(r, v) {
			var of []string
			for _, c := range g.cases {
				of = append(of, c.ID)
			}
			all = append(all, strings.Join(of, " "))
		}
		return all
	}
	require.Equal(t, []string{"hdr/r/01 hdr/r/02 hdr/r/06", "hdr/l/1", "hdr/r/03", "hdr/r/05"}, ids(Fail))
	require.Equal(t, []string{"hdr/r/04"}, ids(Warn))
	require.Equal(t, []string{"srv/a/1 srv/b/1", "srv/b/2"}, ids(Skip))
	require.Equal(t, []string{"odd/a/1"}, ids(Error))
	require.Empty(t, ids(Pass))

	require.Equal(t, "…/02 …/06", groups(r, Fail)[0].others(2))
	require.Equal(t, "…/02 and 1 other", groups(r, Fail)[0].others(1))
	require.Equal(t, "srv/b/1", groups(r, Skip)[0].others(8))
	require.Empty(t, groups(r, Warn)[0].others(8))
}
