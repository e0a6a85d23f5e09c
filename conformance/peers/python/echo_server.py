#!/usr/bin/env python3
"""An echo server that speaks the oizys protocol, with Python's standard library only (3.9 or later).

    python3 echo_server.py SOCKET          (or OIZYS_SOCKET in the environment)

Prints "ready" once it listens; ends on SIGTERM or SIGINT and removes its socket. Exit status: 0 ended by a signal,
1 failed, 2 wrong usage.

A message is a 4-byte header and its content: a reserved byte 0x00, then the content's length, 1 to 16,777,215, as three
bytes, most significant first. Anything else is an error, and an error closes the session: nothing more is read, replies
to the messages that came whole before it are still sent, then the socket is closed.

One thread, one selector, sockets that never block. To make your own server, replace on_message().
"""

import contextlib
import errno
import os
import selectors
import signal
import socket
import stat
import struct
import sys
from selectors import EVENT_READ, EVENT_WRITE

HEADER = struct.Struct(">I")  # the reserved byte and the length, read as one number
MAX_LEN = 0xFFFFFF
CHUNK = 256 * 1024
PENDING_LIMIT = 1024 * 1024  # with more unsent output than this, nothing is read or decoded
BACKLOG = 1024
ACCEPT_PAUSE = 0.05  # seconds that accepting rests when descriptors or memory have run out


class ProtocolError(Exception):
    """The peer sent something that is no message."""


class Session:
    def __init__(self, sock):
        self.sock = sock
        self.received = bytearray()  # not yet decoded
        self.unsent = bytearray()
        self.closing = False  # reads no more: ends as soon as nothing is unsent

    def send(self, content):
        """Queues one message."""
        if not 1 <= len(content) <= MAX_LEN:
            raise ValueError(f"cannot send {len(content)} bytes in one message")
        self.unsent += HEADER.pack(len(content))
        self.unsent += content

    def wanted(self):
        """Returns the events that the session waits for; none when it is over."""
        read = not self.closing and len(self.unsent) < PENDING_LIMIT
        return (EVENT_READ if read else 0) | (EVENT_WRITE if self.unsent else 0)

    def step(self, events):
        """Does what the events made possible. An OSError says that the connection is gone."""
        if events & EVENT_READ:
            self._receive()
        while True:
            self._flush()
            if len(self.unsent) >= PENDING_LIMIT:
                return  # goes on when the peer has read some
            try:
                if not self._decode():
                    return
            except ProtocolError:
                self._fail()

    def _receive(self):
        # Memory grows with what arrives; nothing is set aside for a length that is only announced.
        with contextlib.suppress(BlockingIOError):
            piece = self.sock.recv(CHUNK)
            self.received += piece
            # Between messages, an end of stream is the peer's close or half-close; inside one it is an error. Either way
            # there is nothing more to deliver.
            self.closing = not piece

    def _decode(self):
        """Delivers whole messages while there is room for replies, and returns whether there was any."""
        start = 0
        while len(self.received) - start >= HEADER.size and len(self.unsent) < PENDING_LIMIT:
            (length,) = HEADER.unpack_from(self.received, start)
            if length > MAX_LEN:
                raise ProtocolError("the reserved byte is not zero")
            if length == 0:
                raise ProtocolError("a message without content")
            end = start + HEADER.size + length
            if end > len(self.received):
                break
            with memoryview(self.received) as received, received[start + HEADER.size : end] as content:
                on_message(self, content)
            start = end
        del self.received[:start]
        return start > 0

    def _flush(self):
        with contextlib.suppress(BlockingIOError):
            while self.unsent:
                del self.unsent[: self.sock.send(self.unsent)]

    def _fail(self):
        """Stops reading for good, and lets a peer that is still writing know at once."""
        self.closing = True
        self.received.clear()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RD)


def on_message(session, content):
    """What this server does with a message: it echoes it.

    content is a memoryview that is valid until this returns: bytes(content) is a copy to keep.
    """
    session.send(content)


class Server:
    def __init__(self, listener, stop):
        self.listener = listener
        self.stop = stop
        self.resting = False  # whether accepting rests
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, EVENT_READ)
        self.selector.register(stop, EVENT_READ)

    def serve(self):
        """Serves until there is something to read from the socket stop."""
        while True:
            ready = self.selector.select(ACCEPT_PAUSE if self.resting else None)
            if self.resting:
                self.resting = False
                self.selector.register(self.listener, EVENT_READ)
            for key, events in ready:
                if key.fileobj is self.stop:
                    return
                if key.fileobj is self.listener:
                    self._accept()
                else:
                    self._step(key.data, events)

    def _accept(self):
        try:
            sock, _ = self.listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError:
            self.selector.unregister(self.listener)
            self.resting = True
            return
        sock.setblocking(False)
        self.selector.register(sock, EVENT_READ, Session(sock))

    def _step(self, session, events):
        try:
            session.step(events)
            wanted = session.wanted()
        except (OSError, MemoryError):
            wanted = 0  # whatever went wrong ends this session, and this session only
        if wanted == 0:
            self.selector.unregister(session.sock)
            session.sock.close()
        elif wanted != self.selector.get_key(session.sock).events:
            self.selector.modify(session.sock, wanted, session)


def is_stale(path):
    """Whether the file at path is a socket that nobody serves any more."""
    if not stat.S_ISSOCK(os.lstat(path).st_mode):
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        return probe.connect_ex(path) == errno.ECONNREFUSED


def listen_at(path):
    """Returns a listening socket at path. Only a stale socket is replaced."""
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(path)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        if not is_stale(path):
            problem = "taken by a running server, or by something that is not a socket"
            raise OSError(errno.EADDRINUSE, problem) from None
        os.unlink(path)
        listener.bind(path)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def identity(path):
    found = os.lstat(path)
    return found.st_dev, found.st_ino


def catch_signals():
    """Returns a socket that becomes readable when SIGTERM or SIGINT comes."""
    stop, wakeup = socket.socketpair()
    wakeup.setblocking(False)
    signal.set_wakeup_fd(wakeup.detach())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return stop


def main():
    path = sys.argv[1] if len(sys.argv) == 2 else os.environ.get("OIZYS_SOCKET") if len(sys.argv) == 1 else None
    if not path:
        print("usage: echo_server.py SOCKET (or OIZYS_SOCKET in the environment)", file=sys.stderr)
        return 2
    stop = catch_signals()
    try:
        listener = listen_at(path)
        ours = identity(path)
    except OSError as error:
        print(f"echo_server.py: {path}: {error.strerror or error}", file=sys.stderr)
        return 1 if error.errno else 2  # a path that is too long for a socket has no error number
    try:
        server = Server(listener, stop)
        if sys.stdout is not None:
            with contextlib.suppress(OSError):  # nobody has to be reading
                os.write(sys.stdout.fileno(), b"ready\n")
        server.serve()
    finally:
        # Remove the socket while it is still ours: someone may have put another one in its place.
        with contextlib.suppress(OSError):
            if identity(path) == ours:
                os.unlink(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
