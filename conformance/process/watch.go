package process

// Watcher is told what a program does, before anybody else can see it. Its methods are called concurrently, and must not
// call the process.
type Watcher interface {
	// Printed is told how many bytes have come on stdout or stderr, and whether these are all.
	Printed(stderr bool, total int64, ended bool)
	// Exited is told that the program has ended.
	Exited()
}

// Watch has a captured program watched: the watcher is told at once of what has happened already. A program has one watcher,
// and one that is not captured can have none: it panics.
func (p *Process) Watch(w Watcher) {
	p.stdout.watched(func(total int64, ended bool) { w.Printed(false, total, ended) })
	p.stderr.watched(func(total int64, ended bool) { w.Printed(true, total, ended) })
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watch = w
	if p.over {
		w.Exited()
	}
}
