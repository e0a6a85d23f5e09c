package suite

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/vectors"
)

func TestPiecesAreTheWholeMessage(t *testing.T) {
	unit := []byte("unit of 11.")
	for _, row := range []struct {
		name    string
		content []part
		want    []byte
	}{
		{"one byte", []part{words("x")}, []byte("x")},
		{"two stretches", []part{words("one"), words("two")}, []byte("onetwo")},
		{"a count", []part{{Hex: literal(unit).Hex, Count: 3}}, bytes.Repeat(unit, 3)},
		{"a block", []part{{Hex: literal(unit).Hex, Count: 1 + longBlock/11}}, bytes.Repeat(unit, 1+longBlock/11)},
		{"a block and a unit", []part{{Hex: literal(unit).Hex, Count: 2 + longBlock/11}}, bytes.Repeat(unit, 2+longBlock/11)},
		{"many blocks and a rest", append([]part{{Hex: literal(unit).Hex, Count: 100_000}}, words("rest")), append(bytes.Repeat(unit, 100_000), "rest"...)},
		{"a unit longer than a block", []part{literal(bytes.Repeat(unit, 10_000)), words("behind")}, append(bytes.Repeat(unit, 10_000), "behind"...)},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, frame(row.want), join(pieces(row.content)...))
		})
	}
	for _, n := range []int{1, 250, 251, 252, 65536, 1 << 20} {
		content := join(pieces(run251(n))...)[4:]
		require.Len(t, content, n)
		for i := range content {
			if content[i] != byte(i%251) {
				require.Equal(t, byte(i%251), content[i], "at offset %d of %d", i, n)
			}
		}
	}
}

func TestAbilitiesNameCases(t *testing.T) {
	set, err := vectors.Embedded()
	require.NoError(t, err)
	cases, err := Drivers(set)
	require.NoError(t, err)
	ids := map[string]bool{}
	for _, c := range cases {
		ids[c.ID] = true
	}
	require.NotEmpty(t, abilities())
	for _, a := range abilities() {
		require.NotEmpty(t, a.used, a.shown)
		for _, id := range append(a.used, a.shown) {
			require.True(t, ids[id], "%s is no case", id)
		}
	}
}
