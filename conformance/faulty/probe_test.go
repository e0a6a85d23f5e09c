package faulty

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// probe is a small black-box test that every correct server passes and the faults of one class do not.
type probe struct {
	class    string
	sessions int // how many it needs at once
	run      func(*subject) error
}

func probes() []probe {
	return []probe{
		{Width, 1, probeSizes},
		{Reserved, 1, probeReserved},
		{Empty, 1, probeEmpty},
		{Segmentation, 1, probeSegmentation},
		{Text, 1, probeText},
		{Order, 1, probeOrder},
		{BufferReuse, 1, probeReuse},
		{StateSharing, 30, probeState},
		{Concurrency, 8, probeConcurrency},
		{Unsolicited, 2, probeUnsolicited},
		{Idle, 1, probeIdle},
		{Close, 1, probeClose},
		{Truncation, 1, probeTruncation},
		{Crash, 1, probeCrash},
		{Hang, 1, probeHang},
		{Leak, 1, probeLeak},
	}
}

// probeFor returns the probe for a class of faults.
func probeFor(class string) (probe, error) {
	switch class {
	case ByteOrder, Layout, Boundary, ShortWrite:
		class = Width
	}
	for _, p := range probes() {
		if p.class == class {
			return p, nil
		}
	}
	return probe{}, fmt.Errorf("no probe for class %q", class)
}

var (
	hi      = []byte("Hi")
	empty   = []byte{0, 0, 0, 0}
	badByte = []byte{1, 0, 0, 1, 'x'}
)

// sizes are messages of many lengths, each as bytes with another behind it, by length. They are made once.
var sizes = sync.OnceValues(func() (lengths []int, wires [][]byte) {
	lengths = []int{
		1, 2, 10, 127, 128, 255, 256, 257, 384, 1000, 4095, 4096, 4097, 8192, 32768, 40000, 65534, 65535, 65536, 65537,
		0x18000, 200_000, 1<<20 + 1, 1<<24 - 1,
	}
	for _, n := range lengths {
		wires = append(wires, frames(pattern(n, 0), hi))
	}
	return lengths, wires
})

func probeSizes(sub *subject) error {
	lengths, wires := sizes()
	for i, wire := range wires {
		if err := sub.with(func(p *peer) error { return p.echoWire(wire) }); err != nil {
			return fmt.Errorf("%d bytes: %w", lengths[i], err)
		}
	}
	return sub.with(func(p *peer) error {
		if err := p.echo(hi, []byte("é😀")); err != nil {
			return err
		}
		var many [][]byte
		for i := range 2000 {
			many = append(many, pattern(1000, i))
		}
		wire := frames(many...)
		p.send(wire) // unread for a while
		time.Sleep(700 * time.Millisecond)
		return p.expectWire(wire)
	})
}

func probeReserved(sub *subject) error {
	for _, b := range []byte{1, 2, 0x10, 0x7F, 0x80, 0xFF} {
		bad := append([]byte{b}, frames(hi)[1:]...)
		for _, before := range [][][]byte{{}, {hi}} {
			err := sub.with(func(p *peer) error {
				if err := p.echo(before...); err != nil {
					return err
				}
				p.send(append(bad, frames(hi)...))
				return p.expectClosed()
			})
			if err != nil {
				return fmt.Errorf("reserved byte %#x after %d messages: %w", b, len(before), err)
			}
		}
	}
	return errors.Join(
		sub.with(func(p *peer) error {
			p.send([]byte{1, 0, 0, 5})
			return p.expectClosed()
		}),
		sub.with(func(p *peer) error { return p.echoWire(reservedBehind()) }),
	)
}

// reservedBehind is a large message behind others, as bytes.
var reservedBehind = sync.OnceValue(func() []byte { return frames(hi, []byte{0xE9}, hi, pattern(1<<23, 0)) })

func probeEmpty(sub *subject) error {
	if err := emptyCloses(sub); err != nil {
		return err
	}
	for range 400 {
		if err := sub.with(func(*peer) error { return nil }); err != nil {
			return err
		}
	}
	return emptyCloses(sub)
}

func emptyCloses(sub *subject) error {
	for name, sent := range map[string][]byte{
		"alone":     empty,
		"with bait": append(empty[:4:4], frames(hi)...),
		"twice":     append(empty[:4:4], empty...),
	} {
		for _, before := range [][][]byte{{}, {hi}} {
			err := sub.with(func(p *peer) error {
				if err := p.echo(before...); err != nil {
					return err
				}
				p.send(sent)
				return p.expectClosed()
			})
			if err != nil {
				return fmt.Errorf("empty message %s after %d messages: %w", name, len(before), err)
			}
		}
	}
	return nil
}

func probeSegmentation(sub *subject) error {
	wire := frames(hi, []byte("foo"), hi)
	var many [][]byte
	for i := range 40 {
		many = append(many, pattern(10, i))
	}
	for name, row := range map[string]struct {
		pieces [][]byte
		pause  time.Duration
		want   [][]byte
	}{
		"byte by byte":    {bytewiseOf(wire), 0, [][]byte{hi, []byte("foo"), hi}},
		"header, content": {[][]byte{wire[:4], wire[4:]}, 0, [][]byte{hi, []byte("foo"), hi}},
		"in the header":   {[][]byte{wire[:8], wire[8:]}, 0, [][]byte{hi, []byte("foo"), hi}},
		"slowly":          {[][]byte{wire[:5], wire[5:]}, 200 * time.Millisecond, [][]byte{hi, []byte("foo"), hi}},
		"together":        {[][]byte{wire}, 0, [][]byte{hi, []byte("foo"), hi}},
		"many together":   {[][]byte{frames(many...)}, 0, many},
		"content's rest":  {[][]byte{wire[:11], append(wire[11:13:13], wire...)}, 0, [][]byte{hi, []byte("foo"), hi, []byte("foo"), hi}},
	} {
		if err := sub.with(func(p *peer) error {
			go func() {
				for _, piece := range row.pieces {
					if p.sendTaken(piece) != nil {
						return
					}
					time.Sleep(row.pause)
				}
			}()
			return p.expect(row.want...)
		}); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func bytewiseOf(wire []byte) (pieces [][]byte) {
	for i := range wire {
		pieces = append(pieces, wire[i:i+1])
	}
	return pieces
}

func probeText(sub *subject) error {
	all := pattern(256, 0)
	for i := range all {
		all[i] = byte(i)
	}
	for _, text := range []string{
		"a\nb", "a\r\nb\rc", "line\r\n", " x ", "\xEF\xBB\xBFx", "50%%", `a\\b`, "é😀", "a\x00b", "a\x1Ab", "a\xFFb", "\x80", string(all),
	} {
		if err := sub.with(func(p *peer) error { return p.echo([]byte(text), hi) }); err != nil {
			return fmt.Errorf("%q: %w", text, err)
		}
	}
	return nil
}

func probeOrder(sub *subject) error {
	var many [][]byte
	for i := range 1100 {
		many = append(many, pattern(1+i%30, i))
	}
	return errors.Join(
		sub.with(func(p *peer) error { return p.echo(many...) }),
		sub.with(func(p *peer) error { return p.echo(hi, hi, pattern(1<<20, 0), hi) }),
		sub.with(func(p *peer) error { return p.echo(hi) }),
		sub.with(func(p *peer) error { return errors.Join(p.echo(hi), p.echo([]byte("foo"))) }),
	)
}

func probeReuse(sub *subject) error {
	return sub.with(func(p *peer) error {
		return p.echo(pattern(10, 1), pattern(5, 2), pattern(10, 3), pattern(5000, 4), pattern(70000, 5))
	})
}

// probeLeak compares what the server holds after one round and after five. What it lets go of late is waited for.
func probeLeak(sub *subject) error {
	if err := leakRound(sub); err != nil {
		return err
	}
	time.Sleep(500 * time.Millisecond) // what it still lets go of then only makes less of a leak
	before := sub.usage()
	for range 4 {
		if err := leakRound(sub); err != nil {
			return err
		}
	}
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		after := sub.usage()
		if after.files <= before.files+20 && after.threads <= before.threads+20 && after.children <= before.children+20 &&
			after.pages <= before.pages+2500 {
			return errors.Join(probeAnnounced(sub), probeKept(sub))
		}
		if time.Since(begin) > sub.patience {
			return fmt.Errorf("before %+v, after %+v", before, after)
		}
	}
}

// leakRound is many sessions that end badly, and many messages.
func leakRound(sub *subject) error {
	for range 60 {
		err := sub.with(func(p *peer) error {
			p.send(append(frames(hi), empty...))
			_ = p.expect(hi)
			return p.expectClosed()
		})
		err = errors.Join(err, sub.with(func(p *peer) error { return p.echo(hi, hi, hi, hi, hi, hi, hi, hi) }))
		err = errors.Join(err, sub.with(func(p *peer) error {
			if _, err := p.conn.Write([]byte{0, 0}); err != nil {
				return err
			}
			return p.conn.CloseWrite()
		}))
		if err != nil {
			return err
		}
	}
	var many [][]byte
	for range 1000 {
		many = append(many, hi)
	}
	return sub.with(func(p *peer) error { return p.echo(many...) })
}

// probeKept sends large messages, which are garbage when they are answered.
func probeKept(sub *subject) error {
	before, wire := sub.usage(), large(1<<23)
	for range 16 {
		if err := sub.with(func(p *peer) error { return p.echoWire(wire) }); err != nil {
			return err
		}
		if err := sub.with(func(p *peer) error {
			if _, err := p.conn.Write(wire[:7<<20]); err != nil {
				return err
			}
			_ = p.conn.CloseWrite()
			return p.expectClosed()
		}); err != nil {
			return err
		}
	}
	if after := sub.usage(); after.pages > before.pages+20000 {
		return fmt.Errorf("large messages: before %+v, after %+v", before, after)
	}
	return nil
}

// probeAnnounced opens sessions that announce 16 MiB each and send nothing of it.
func probeAnnounced(sub *subject) error {
	before := sub.usage()
	for range 10 {
		p, err := sub.dial()
		if err != nil {
			return err
		}
		defer p.conn.Close()
		p.send([]byte{0, 0xFF, 0xFF, 0xFF})
	}
	sub.rest()
	if after := sub.usage(); after.pages > before.pages+8000 {
		return fmt.Errorf("announced: before %+v, after %+v", before, after)
	}
	return nil
}
