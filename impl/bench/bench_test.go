package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/bench/internal/contender"
)

// The test's binary is its own receiving process, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == receiverCommand {
		exitOn(receive(os.Args[2], os.Stdin, os.Stdout), 1)
		return
	}
	os.Exit(m.Run())
}

func smoke() options {
	return options{
		kinds:      allKinds(),
		sizes:      []int{16, 1<<16 + 1},
		contenders: contender.All(),
		rounds:     2,
		duration:   time.Millisecond,
		count:      50,
		idle:       3,
		format:     "json",
	}
}

// Every contender carries all messages between two processes; the receiver has counted them and looked at them.
func TestEveryContenderBetweenTwoProcesses(t *testing.T) {
	opts := smoke()
	var out bytes.Buffer
	require.NoError(t, bench(opts, &out, io.Discard))

	var rep report
	dec := json.NewDecoder(&out)
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&rep))
	require.Len(t, rep.Contenders, 6)
	require.Len(t, rep.Cells, 6*2*2)
	for _, c := range rep.Cells {
		name := fmt.Sprint(c.Kind, c.Size, c.Contender)
		require.Len(t, c.Samples, opts.rounds, name)
		for _, s := range c.Samples {
			require.Equal(t, opts.count, s.Count, name)
			require.Positive(t, s.Elapsed, name)
		}
		require.Positive(t, c.PerSecond, name)
		require.Positive(t, c.ToRaw, name)
		require.Positive(t, c.ToNaive, name)
		require.Equal(t, c.Contender == "coder" && c.Size > 1<<15, c.Note != "", name)
	}
	require.Len(t, rep.Idle, 6)
	for _, i := range rep.Idle {
		require.Equal(t, opts.idle, i.Count)
	}
	require.NotEmpty(t, rep.Aims)
}

func TestByDuration(t *testing.T) {
	opts := smoke()
	opts.count, opts.idle, opts.rounds, opts.sizes = 0, 0, 1, []int{16}
	rep, err := measure(opts, io.Discard)
	require.NoError(t, err)
	require.Len(t, rep.Cells, 6*2)
	for _, c := range rep.Cells {
		require.Positive(t, c.Samples[0].Count)
	}
	require.Empty(t, rep.Idle)
}

func TestProfiles(t *testing.T) {
	opts := smoke()
	opts.cpuProfile = t.TempDir() + "/cpu"
	opts.idle = 0
	require.NoError(t, bench(opts, io.Discard, io.Discard))
	for _, name := range []string{opts.cpuProfile, opts.cpuProfile + ".receiver"} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Positive(t, info.Size())
	}
}

// The receiving process says what it finds wrong, and goes on.
func TestReceiverReportsErrors(t *testing.T) {
	p, err := startReceiver()
	require.NoError(t, err)
	for _, o := range []order{{Do: "dance"}, {Do: doAccept, Contender: "nobody"}} {
		_, err = p.ask(o)
		require.ErrorContains(t, err, "receiving process, "+o.Do)
	}
	a, err := p.ask(order{Do: doMemory})
	require.NoError(t, err)
	require.Positive(t, a.Memory.Heap)
	require.NoError(t, p.stop())
	_, err = os.Stat(p.folder)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// What arrives wrong fails the run, in both processes.
func TestWrongContentFailsTheRun(t *testing.T) {
	r, err := newRig(smoke())
	require.NoError(t, err)
	for i := range r.pattern {
		r.pattern[i] ^= 0xff
	}
	for _, kind := range allKinds() {
		for _, c := range contender.All() {
			_, err = r.measureCell(kind, 16, c)
			require.ErrorContains(t, err, "wrong content", "%s, %s", kind, c.Name)
		}
	}
	require.NoError(t, r.peer.stop())
}
