package pattern

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMatches(t *testing.T) {
	for _, tc := range []struct {
		name, pattern, id string
		want              bool
	}{
		{"itself", "msg/empty/only", "msg/empty/only", true},
		{"its beginning", "msg/empty", "msg/empty/only", true},
		{"its area", "msg", "msg/empty/only", true},
		{"its beginning and a slash", "msg/empty/", "msg/empty/only", true},
		{"a slash alone", "/", "msg/empty/only", false},
		{"longer than the ID", "msg/empty/only/twice", "msg/empty/only", false},
		{"a word in braces", "msg/{empty,sizes}", "msg/empty/only", true},
		{"half a word", "msg/emp", "msg/empty/only", false},
		{"one star, one word", "msg/*/only", "msg/empty/only", true},
		{"one star, the beginning", "msg/*", "msg/empty/only", true},
		{"two stars", "**/only", "msg/empty/only", true},
		{"another", "hdr/**", "msg/empty/only", false},
		{"none at all", "msg/[", "msg/empty/only", false},
	} {
		t.Run(tc.name, func(t *testing.T) { require.Equal(t, tc.want, Matches(tc.id, "nothing", tc.pattern)) })
	}
	require.False(t, Matches("msg/empty/only"))
}

func TestValid(t *testing.T) {
	require.True(t, Valid("msg/**"))
	require.False(t, Valid("msg/["))
}

func TestFamily(t *testing.T) {
	require.Equal(t, "msg/empty", Family("msg/empty/only/twice"))
	require.Equal(t, "msg", Family("msg"))
}
