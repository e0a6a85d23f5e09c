// Package faulty is the suite's own test: one correct echo server and one correct client, each with many switchable defects.
//
// A conformance suite is worth what it catches. Each [Fault] here is one realistic defect of one hook in a peer that is
// otherwise correct, so that a case which fails tells of that defect and of nothing else. [Faults] are defects that the
// suite has to find, [Habits] are odd ways that conform and that it has to leave alone. Begin with [Serve] for servers,
// and with [RunClient] for clients.
//
// The peers have their own codec and loop: they share no code with the reference implementation, nor with the judge, and
// are drawn from how such programs go wrong, not from what the suite looks for. Some faults end their process, by a
// signal too, and some habits start others: run one peer per process, as `oizys faulty server NAME SOCKET`
// and `oizys faulty client NAME -e SOCKET -m MESSAGE` do.
// The package is not for production use, and runs on Linux.
package faulty
