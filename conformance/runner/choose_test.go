package runner

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/suite"
)

func TestMatches(t *testing.T) {
	for _, row := range []struct {
		id, pattern string
		want        bool
	}{
		{"msg/sizes/256", "msg/sizes/256", true},
		{"msg/sizes/256", "msg/sizes/25", false},
		{"msg/sizes/256", "msg/sizes", true},
		{"msg/sizes/256", "msg", true},
		{"msg/sizes/256", "ms", false},
		{"msg/sizes/256", "sizes", false},
		{"msg/sizes/256", "msg/*", true},
		{"msg/sizes/256", "*", true},
		{"msg/sizes/256", "**", true},
		{"msg/sizes/256", "*/*/256", true},
		{"msg/sizes/256", "*/256", false},
		{"msg/sizes/256", "**/256", true},
		{"msg/sizes/256", "msg/sizes/2?6", true},
		{"msg/sizes/256", "msg/sizes/[0-9]*", true},
		{"msg/sizes/256", "{msg,hdr}/**", true},
		{"stream/split", "{msg,hdr}/**", false},
		{"msg/sizes/256", "MSG/**", false},
		{"msg/sizes/256", "msg/sizes/256/", true},
		{"msg/sizes/256", "", false},
	} {
		t.Run(row.id+" "+row.pattern, func(t *testing.T) { require.Equal(t, row.want, Matches(row.id, []string{row.pattern})) })
	}
	require.False(t, Matches("a/b", nil))
	require.True(t, Matches("a/b", []string{"x", "a"}), "one of several is enough")
}

func TestChoose(t *testing.T) {
	cases := []suite.Case{{ID: "hdr/length/a"}, {ID: "hdr/length/b"}, {ID: "msg/empty/a"}, {ID: "close/on-error/a"}}
	for _, row := range []struct {
		name       string
		only, skip []string
		want       []string
		says       string
	}{
		{"all", nil, nil, []string{"hdr/length/a", "hdr/length/b", "msg/empty/a", "close/on-error/a"}, ""},
		{"in the order of the catalogue", []string{"msg", "hdr"}, nil, []string{"hdr/length/a", "hdr/length/b", "msg/empty/a"}, ""},
		{"left out", nil, []string{"hdr"}, []string{"msg/empty/a", "close/on-error/a"}, ""},
		{"both", []string{"hdr"}, []string{"**/a"}, []string{"hdr/length/b"}, ""},
		{"twice chosen is once run", []string{"hdr/length/a", "**/a"}, nil, []string{"hdr/length/a", "msg/empty/a", "close/on-error/a"}, ""},
		{"one matches nothing", []string{"hdr", "hrd"}, nil, nil, `no case matches "hrd"`},
		{"nothing to leave out", nil, []string{"hrd"}, nil, `no case matches "hrd"`},
		{"no pattern", []string{"hdr/[a"}, nil, nil, `"hdr/[a" is no pattern`},
		{"no pattern to leave out", nil, []string{"{a"}, nil, `"{a" is no pattern`},
		{"an empty one", []string{""}, nil, nil, `no case matches ""`},
		{"none is left", []string{"hdr"}, []string{"hdr"}, nil, "leave no case"},
	} {
		t.Run(row.name, func(t *testing.T) {
			chosen, err := Choose(cases, row.only, row.skip)
			if row.says != "" {
				require.ErrorIs(t, err, ErrUsage)
				require.ErrorContains(t, err, row.says)
				return
			}
			require.NoError(t, err)
			var ids []string
			for _, c := range chosen {
				ids = append(ids, c.ID)
			}
			require.Equal(t, row.want, ids)
		})
	}
}

func TestFamily(t *testing.T) {
	require.Equal(t, "msg/sizes", family("msg/sizes/256"))
	require.Equal(t, "msg/sizes", family("msg/sizes/256/more"))
	require.Equal(t, "msg/sizes", family("msg/sizes"))
	require.Equal(t, "msg", family("msg"))
}
