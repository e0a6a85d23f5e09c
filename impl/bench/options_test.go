package main

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDefaults(t *testing.T) {
	opts, err := parseOptions(nil, io.Discard)
	require.NoError(t, err)
	require.Equal(t, []int{16, 1 << 10, 1 << 16, 1 << 20, 1<<24 - 1}, opts.sizes)
	require.Len(t, opts.contenders, 6)
	require.Equal(t, 1000, opts.idle)
}

func TestOptions(t *testing.T) {
	opts, err := parseOptions([]string{"-sizes", "1B,3KiB-1", "-contenders", "raw,session", "-count", "7", "-format", "md"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, []int{1, 3071}, opts.sizes)
	require.Equal(t, "raw", opts.contenders[0].Name)
	require.Equal(t, "session", opts.contenders[1].Name)
	require.Equal(t, allKinds(), opts.kinds)
	require.Equal(t, 7, opts.count)
	require.Equal(t, "md", opts.format)
}

func TestQuickIsShort(t *testing.T) {
	opts, err := parseOptions([]string{"-quick"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, 2, opts.rounds)
	require.LessOrEqual(t, opts.duration, 50*time.Millisecond)
}

func TestOptionsRefused(t *testing.T) {
	rows := [][]string{
		{"-sizes", ""}, {"-sizes", "0"}, {"-sizes", "16MiB"}, {"-sizes", "16,16"}, {"-sizes", "16,16B"}, {"-sizes", "1KB"}, {"-sizes", "-5"},
		{"-kinds", ""}, {"-kinds", "both"}, {"-kinds", "one-way,one-way"},
		{"-contenders", ""}, {"-contenders", "raw,nobody"}, {"-contenders", "raw,raw"},
		{"-rounds", "0"}, {"-duration", "0s"}, {"-count", "-1"}, {"-idle", "-1"}, {"-sendbuffer", "-1"}, {"-format", "html"},
		{"-what"}, {"something"},
	}
	for _, args := range rows {
		_, err := parseOptions(args, io.Discard)
		require.Error(t, err, "%q", args)
	}
}

func TestSizeNames(t *testing.T) {
	for size, name := range map[int]string{1: "1 B", 16: "16 B", 1 << 10: "1 KiB", 1500: "1500 B", 1 << 16: "64 KiB", 1 << 20: "1 MiB", 1<<24 - 1: "16 MiB−1"} {
		require.Equal(t, name, sizeName(size))
	}
}
