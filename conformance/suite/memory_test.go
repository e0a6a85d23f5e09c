package suite

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBuffersOfOpenCasesNeverOverlap(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	type user struct {
		env   *Env
		tags  []string
		bytes [][]byte
	}
	var users []*user
	fresh, before, steps := 0, len(arena.lent), 400
	if testing.Short() {
		steps = 100
	}
	for step := range steps {
		if len(users) > 0 && r.IntN(3) == 0 {
			i := r.IntN(len(users))
			for k, b := range users[i].bytes {
				require.Equal(t, content(users[i].tags[k], len(b)), b, "step %d", step)
			}
			users[i].env.Close()
			users = append(users[:i], users[i+1:]...)
			continue
		}
		u := &user{env: &Env{}}
		for range 1 + r.IntN(3) {
			n := 1 + r.IntN(6<<20)
			b := u.env.buffer(n)
			require.Empty(t, b)
			require.Equal(t, n, cap(b))
			tag := string(rune('a' + step%26))
			b = appendContent(b, tag, n)
			u.tags, u.bytes = append(u.tags, tag), append(u.bytes, b)
		}
		if len(u.env.lent) < len(u.bytes) {
			fresh++
		}
		users = append(users, u)
	}
	require.NotZero(t, fresh, "a full arena was never met")
	for _, u := range users {
		u.env.Close()
	}
	require.Len(t, arena.lent, before)
}

func TestLongBuffersBeginWhereTheLastOnesLay(t *testing.T) {
	first := &Env{}
	a := appendContent(first.buffer(1<<20), "a", 1<<20)
	first.Close()
	second := &Env{}
	defer second.Close()
	b := appendContent(second.buffer(2<<20), "b", 2<<20)
	require.Same(t, &a[0], &b[0])
}
