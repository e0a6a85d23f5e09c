package scenario

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func player(t testing.TB, socket string) *Player {
	t.Helper()
	p, err := NewPlayer(socket, Options{Patience: 10 * time.Second})
	require.NoError(t, err)
	return p
}

// The reference does with every scenario as the model predicts.
func TestReferenceKeepsEveryPrediction(t *testing.T) {
	p := player(t, reference(t))
	g := Generator{Seed: 1, MaxLength: 1 << 17}
	var s Scenario
	ends := map[string]int{}
	for i := range uint64(4000) {
		g.Fill(i, &s)
		require.NoError(t, s.Check(), "%d: %s", i, &s)
		r := p.Play(&s)
		require.Equal(t, None, r.Breach, "%d: %s\n%s", i, &s, r)
		ends[s.Close.String()+" "+string(r.Prediction.End)]++
	}
	require.Len(t, ends, 13, "%v", ends)
}
