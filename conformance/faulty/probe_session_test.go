package faulty

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// openMany opens n sessions, lets use have them, and closes them.
func (sub *subject) openMany(n int, use func([]*peer) error) error {
	var all []*peer
	for range n {
		p, err := sub.dial()
		if err != nil {
			return err
		}
		defer p.conn.Close()
		all = append(all, p)
	}
	return use(all)
}

func probeState(sub *subject) error {
	err := sub.openMany(2, func(p []*peer) error {
		wire := frames([]byte("from the first"))
		if err := p[0].sendTaken(wire[:9]); err != nil {
			return err
		}
		if err := p[1].echo([]byte("the other")); err != nil {
			return fmt.Errorf("second: %w", err)
		}
		p[0].send(wire[9:])
		return errors.Join(p[0].expect([]byte("from the first")), p[1].quiet(20*time.Millisecond))
	})
	if err != nil {
		return err
	}
	err = sub.openMany(3, func(p []*peer) error {
		if err := errors.Join(p[0].echo(hi), p[1].echo(hi), p[2].echo(hi)); err != nil {
			return err
		}
		p[1].send(empty)
		return errors.Join(p[1].expectClosed(), p[0].echo(hi), p[2].echo(hi))
	})
	if err != nil {
		return err
	}
	err = sub.openMany(4, func(p []*peer) error { return errors.Join(p[0].echo(hi), p[3].echo(hi)) })
	for i := range 20 {
		err = errors.Join(err, sub.with(func(p *peer) error {
			if i%2 == 0 {
				if _, err := p.conn.Write(frames(hi)[:5]); err != nil {
					return err
				}
				_ = p.conn.CloseWrite()
				return p.expectClosed()
			}
			time.Sleep(30 * time.Millisecond)
			return p.echo(hi)
		}))
	}
	if err != nil {
		return err
	}
	err = sub.openMany(30, func(p []*peer) error {
		for _, one := range p {
			if err := one.echo(hi); err != nil {
				return err
			}
		}
		return p[0].echo(hi)
	})
	return errors.Join(err, abandon(sub), sub.with(func(p *peer) error { return p.quiet(100 * time.Millisecond) }))
}

// abandon leaves while a large reply is on its way.
func abandon(sub *subject) error {
	err := sub.with(func(p *peer) error {
		p.send(large(1 << 21))
		_ = p.conn.SetReadDeadline(time.Now().Add(p.patience))
		_, err := p.conn.Read(make([]byte, 1))
		return err
	})
	time.Sleep(50 * time.Millisecond)
	return err
}

func probeConcurrency(sub *subject) error {
	err := sub.openMany(2, func(p []*peer) error {
		if err := p[0].sendTaken(frames(hi)[:5]); err != nil {
			return err
		}
		if err := p[1].echo(hi); err != nil {
			return fmt.Errorf("beside an incomplete message: %w", err)
		}
		return nil
	})
	err = errors.Join(err, sub.openMany(2, func(p []*peer) error {
		p[0].send(large(1 << 22))
		if _, err := p[0].conn.Read(make([]byte, 1)); err != nil {
			return err
		}
		if err := p[1].echo(hi); err != nil {
			return fmt.Errorf("beside an unread reply: %w", err)
		}
		return nil
	}))
	return errors.Join(err, sub.openMany(8, func(p []*peer) error {
		errs := make([]error, len(p))
		var all sync.WaitGroup
		for i, one := range p {
			all.Go(func() {
				var many [][]byte
				for j := range 300 {
					many = append(many, pattern(1+i*3, j))
				}
				errs[i] = one.echo(many...)
			})
		}
		all.Wait()
		return errors.Join(errs...)
	}))
}

func probeUnsolicited(sub *subject) error {
	err := sub.openMany(2, func(p []*peer) error {
		return errors.Join(p[0].quiet(50*time.Millisecond), p[0].echo(hi, []byte("foo")), p[0].quiet(1100*time.Millisecond))
	})
	err = errors.Join(err, sub.with(func(p *peer) error {
		_ = p.conn.CloseWrite()
		return p.expectClosed()
	}))
	return errors.Join(err, sub.with(func(p *peer) error {
		p.send(empty)
		return p.expectClosed()
	}))
}

func probeIdle(sub *subject) error {
	const idle = 1100 * time.Millisecond
	err := sub.with(func(p *peer) error {
		time.Sleep(idle)
		return p.echo(hi)
	})
	err = errors.Join(err, sub.with(func(p *peer) error {
		wire := frames(hi)
		if err := p.sendTaken(wire[:2]); err != nil {
			return err
		}
		time.Sleep(idle)
		if _, err := p.conn.Write(wire[2:]); err != nil {
			return err
		}
		return p.expect(hi)
	}))
	return errors.Join(err, sub.with(func(p *peer) error {
		if err := p.echo(hi); err != nil {
			return err
		}
		time.Sleep(idle)
		return errors.Join(p.echo(hi), p.echo(hi))
	}))
}

func probeClose(sub *subject) error {
	rows := map[string][]byte{
		"empty": empty, "reserved": badByte, "empty and bait": append(empty[:4:4], frames(hi)...),
	}
	for name, sent := range rows {
		for _, before := range [][][]byte{{}, {hi}} {
			if err := sub.with(func(p *peer) error {
				if err := p.echo(before...); err != nil {
					return err
				}
				p.send(sent)
				return p.expectClosed()
			}); err != nil {
				return fmt.Errorf("%s after %d messages: %w", name, len(before), err)
			}
		}
	}
	var many [][]byte
	for range 1001 {
		many = append(many, hi)
	}
	return errors.Join(
		sub.with(func(p *peer) error {
			_ = p.conn.CloseWrite()
			return p.expectClosed()
		}),
		sub.with(func(p *peer) error { return p.echo(many...) }),
	)
}

func probeTruncation(sub *subject) error {
	for _, sent := range [][]byte{{0}, {0, 0, 0}, {0, 0, 0, 2}, {0, 0, 0, 2, 'H'}} {
		for _, before := range [][][]byte{{}, {hi}} {
			if err := sub.with(func(p *peer) error {
				if err := p.echo(before...); err != nil {
					return err
				}
				if _, err := p.conn.Write(sent); err != nil {
					return err
				}
				_ = p.conn.CloseWrite()
				return p.expectClosed()
			}); err != nil {
				return fmt.Errorf("%x: %w", sent, err)
			}
		}
	}
	return nil
}

// served makes sure that the server lives and serves a new session.
func served(sub *subject) error {
	if err := sub.with(func(p *peer) error { return p.echo(hi) }); err != nil {
		return err
	}
	if !sub.alive() {
		return errors.New("the process is gone")
	}
	return nil
}

func probeCrash(sub *subject) error {
	for name, sent := range map[string][]byte{
		"empty": empty, "truncated header": {0}, "truncated content": {0, 0, 0, 2, 'H'}, "not UTF-8": {0, 0, 0, 1, 0xFF},
		"unread reply": frames(pattern(5000, 0)),
	} {
		_ = sub.with(func(p *peer) error {
			_, err := p.conn.Write(sent)
			time.Sleep(20 * time.Millisecond)
			return err
		})
		time.Sleep(20 * time.Millisecond)
		if err := served(sub); err != nil {
			return fmt.Errorf("after %s: %w", name, err)
		}
	}
	if err := errors.Join(abandon(sub), served(sub), sub.with(func(p *peer) error { return p.echoWire(large(9 << 20)) })); err != nil {
		return err
	}
	if err := sub.openMany(40, func([]*peer) error { time.Sleep(50 * time.Millisecond); return nil }); err != nil {
		return err
	}
	for range 200 {
		if err := served(sub); err != nil {
			return err
		}
	}
	return nil
}

func probeHang(sub *subject) error {
	var many [][]byte
	for i := range 300 {
		many = append(many, pattern(10, i))
	}
	alone := func(p *peer) error { return p.echo([]byte("no line end")) }
	long := func(p *peer) error { return p.echoWire(slices.Concat(large(1<<20), large(1<<20))) }
	burst := func(p *peer) error { return p.echo(many...) }
	invalid := func(p *peer) error {
		p.send(empty)
		return p.expectClosed()
	}
	if err := errors.Join(sub.with(alone), sub.with(long), sub.with(burst)); err != nil {
		return err
	}
	if err := errors.Join(sub.with(invalid), served(sub), abandon(sub), served(sub)); err != nil {
		return err
	}
	err := sub.openMany(60, func([]*peer) error { time.Sleep(100 * time.Millisecond); return nil })
	for range 140 {
		if err == nil {
			err = errors.Join(sub.with(invalid), served(sub))
		}
	}
	return err
}
