#!/usr/bin/env python3
"""A driver, as docs/driver.md describes it, around a small session in Python, with the standard library only (3.9 or later).

    oizys certify --role driver -- python3 driver.py

Session is the library; Driver, below it, is what is around it. To certify your own library, replace Session.
One thread, one selector, sockets that never block.
"""

import hashlib
import json
import os
import selectors
import socket
import sys
from selectors import EVENT_READ, EVENT_WRITE

MAX_LEN = 0xFFFFFF
CHUNK = 256 * 1024


class Session:
    """An oizys session over a connected socket. Its handlers run in step(), and in close() and on_close()."""

    def __init__(self, sock, selector):
        sock.setblocking(False)
        self.sock = sock
        self.selector = selector
        self.received = bytearray()
        self.unsent = bytearray()
        self.ends = []  # where each queued message ends, counted in bytes that were ever queued
        self.queued = self.written = 0
        self.message_handler = self.close_handler = None
        self.had_close_handler = False
        self.closed = False
        self.events = 0

    def send(self, content):
        """Queues a message, and returns how many are queued then."""
        if self.closed:
            raise ValueError("closed")
        if not content:
            raise ValueError("empty")
        if len(content) > MAX_LEN:
            raise ValueError("too-long")
        self.unsent += len(content).to_bytes(4, "big") + content
        self.queued += 4 + len(content)
        self.ends.append(self.queued)
        self._wait()
        return len(self.ends)

    def on_message(self, handler):
        """Sets the message handler, once, and begins to read."""
        if self.closed:
            raise ValueError("closed")
        if self.message_handler:
            raise ValueError("handler-set")
        self.message_handler = handler
        self._wait()

    def on_close(self, handler):
        """Sets the close handler, once. On a closed session it is called at once."""
        if self.had_close_handler:
            raise ValueError("handler-set")
        self.had_close_handler = True
        if self.closed:
            self._call(handler, None)
        else:
            self.close_handler = handler

    def close(self, error=None):
        """Closes the session; of what is queued, what the socket has room for is still sent."""
        if self.closed:
            return
        self.closed = True
        try:
            self.sock.send(self.unsent)
        except OSError:
            pass  # there is no room, or nobody to read it
        if self.events:
            self.selector.unregister(self.sock)
        self.sock.close()
        handler, self.close_handler, self.message_handler = self.close_handler, None, None
        if handler:
            self._call(handler, error)

    def step(self, events):
        """Does what the events made possible."""
        try:
            if events & EVENT_WRITE:
                self._write()
            if events & EVENT_READ:
                self._read()
        except BlockingIOError:
            pass
        except OSError as error:
            self.close("reset" if isinstance(error, ConnectionError) else str(error))
        if not self.closed:
            self._wait()

    def _read(self):
        piece = self.sock.recv(CHUNK)
        self.received += piece
        while not self.closed and len(self.received) >= 4:
            length = int.from_bytes(self.received[:4], "big")
            if length > MAX_LEN or length == 0:
                self.close("empty" if length == 0 else "reserved-byte")
                return
            if len(self.received) < 4 + length:
                break
            content = bytes(self.received[4 : 4 + length])
            del self.received[: 4 + length]
            self._call(self.message_handler, content)
        if not piece:
            self.close("truncated" if self.received else "end-of-stream")

    def _write(self):
        try:
            n = self.sock.send(self.unsent)
        except BrokenPipeError:
            n = len(self.unsent)  # what the peer sent before it closed is still to be read
        del self.unsent[:n]
        self.written += n
        while self.ends and self.ends[0] <= self.written:
            del self.ends[0]

    def _wait(self):
        events = (EVENT_READ if self.message_handler else 0) | (EVENT_WRITE if self.unsent else 0)
        if events == self.events:
            return
        if not self.events:
            self.selector.register(self.sock, events, self)
        elif not events:
            self.selector.unregister(self.sock)
        else:
            self.selector.modify(self.sock, events, self)
        self.events = events

    @staticmethod
    def _call(handler, argument):
        try:
            handler(argument)
        except Exception as error:  # a handler that fails is contained
            print(f"a handler failed: {error}", file=sys.stderr)


class Driver:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.selector.register(sys.stdin.fileno(), EVENT_READ, None)
        self.sessions = {}

    def run(self):
        commands = b""
        while True:
            for key, events in self.selector.select():
                if key.data:
                    if not key.data.closed:
                        key.data.step(events)
                    continue
                piece = os.read(sys.stdin.fileno(), 1 << 20)
                if not piece:
                    for session in self.sessions.values():
                        session.close()
                    return
                *lines, commands = (commands + piece).split(b"\n")
                for line in lines:
                    self.obey(json.loads(line))

    def obey(self, command):
        reply = {"id": command["id"], "ok": True}
        try:
            queued = self.do(command)
            if queued:
                reply["queued"] = queued
        except (ValueError, OSError) as error:
            reply.update(ok=False, error=str(error))
        write(reply)

    def do(self, command):
        what, name = command["do"], command.get("session")
        if what == "sync":
            return None
        if what == "open":
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(command["socket"])
            self.sessions[name] = Session(sock, self.selector)
            return None
        session = self.sessions[name]
        if what == "send":
            return session.send(content_of(command))
        if what == "close":
            return session.close()
        if what == "release":
            return self.sessions.pop(name).close()
        if what in ("on_message", "on_close") and command["handler"] in ("plain", "fail", "close", "send"):
            return getattr(session, what)(handler_for(session, command))
        raise ValueError("unsupported")


def handler_for(session, command):
    name, then = command["session"], command["handler"]

    def act():
        if then == "fail":
            raise RuntimeError("it was told to")
        if then == "plain":
            return
        did = {"event": "did", "session": name, "do": then, "ok": True}
        try:
            session.close() if then == "close" else session.send(content_of(command))
        except ValueError as error:
            did.update(ok=False, error=str(error))
        write(did)

    def on_message(content):
        event = {"event": "message", "session": name, "length": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        if len(content) <= 64:
            event["hex"] = content.hex()
        write(event)
        act()

    def on_close(error):
        write({"event": "close", "session": name, "error": error})
        act()

    return on_message if command["do"] == "on_message" else on_close


def content_of(command):
    return b"".join(bytes.fromhex(part["hex"]) * part.get("count", 1) for part in command.get("content", []))


def write(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    Driver().run()
