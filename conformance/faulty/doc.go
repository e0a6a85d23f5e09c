// Package faulty is the suite's own test: one correct echo server with many switchable defects.
//
// A conformance suite is worth what it catches. Each [Fault] here is one realistic defect of one hook in a peer that is
// otherwise correct, so that a case which fails tells of that defect and of nothing else. [Faults] are defects that the
// suite has to find, [Habits] are odd ways that conform and that it has to leave alone. Begin with [Serve].
//
// The peer has its own codec and loop: it shares no code with the reference implementation, nor with the judge, and it
// is drawn from how such programs go wrong, not from what the suite looks for. Some faults end their process, by a
// signal too, and some habits start others: run one server per process, as `oizys faulty server NAME SOCKET` does.
// The package is not for production use, and runs on Linux.
package faulty
