package main

import (
	"errors"
	"math"
	"time"

	"github.com/oizys-protocol/oizys/impl/bench/internal/contender"
	"github.com/oizys-protocol/oizys/impl/bench/internal/content"
)

// idle is the memory of one idle connection in the receiving process, in bytes.
type idle struct {
	Contender string  `json:"contender"`
	Count     int     `json:"count"`
	Go        float64 `json:"go"`  // HeapInuse and StackInuse.
	RSS       float64 `json:"rss"` // 0 where it cannot be read.
}

// Before it is idle a connection carries one message of this size each way: one that was never used would be too cheap.
const idleSize = 1 << 10

// measureIdle opens connections to a new receiving process, whose memory grows by nothing else.
func measureIdle(c contender.Contender, opts options) (result idle, err error) {
	peer, err := startReceiver()
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, peer.stop()) }()
	if _, err := peer.ask(order{Do: doPattern, Size: idleSize}); err != nil {
		return result, err
	}
	before, err := peer.ask(order{Do: doMemory})
	if err != nil {
		return result, err
	}
	buffer := opts.sendBufferFor(c)
	if err := peer.order(order{Do: doHold, Contender: c.Name, Size: idleSize, Count: opts.idle, SendBuffer: buffer}); err != nil {
		return result, err
	}
	links := make([]contender.Link, 0, opts.idle)
	defer func() {
		for _, link := range links {
			_ = link.Close()
		}
	}()
	watch := time.AfterFunc(watchTime, func() { _ = peer.cmd.Process.Kill() })
	defer watch.Stop()
	for range opts.idle {
		link, err := peer.connect(c, buffer)
		if err != nil {
			return result, err
		}
		links = append(links, link)
	}
	if _, err := peer.answer(); err != nil {
		return result, err
	}
	load := contender.Load{Pattern: content.New(idleSize), Size: idleSize, Count: 1}
	for _, link := range links {
		if err := link.Ping(load); err != nil {
			return result, err
		}
	}
	after, err := peer.ask(order{Do: doMemory})
	if err != nil {
		return result, err
	}
	return idleOf(c.Name, opts.idle, before.Memory, after.Memory), nil
}

func idleOf(name string, count int, before, after memory) idle {
	each := func(before, after uint64) float64 {
		return math.Max(0, float64(after)-float64(before)) / float64(count)
	}
	return idle{
		Contender: name,
		Count:     count,
		Go:        each(before.Heap+before.Stack, after.Heap+after.Stack),
		RSS:       each(before.RSS, after.RSS),
	}
}
