#!/usr/bin/env python3
"""An echo server that speaks the oizys protocol, with Python's standard library only (3.9 or later).

    python3 echo_server.py SOCKET          (or OIZYS_SOCKET in the environment)

Prints "ready" once it listens; ends on SIGTERM or SIGINT and removes its socket. Exit status: 0 ended by a signal,
1 failed, 2 wrong usage.

A message is a 4-byte header and its content: a reserved byte 0x00, then the content's length, 1 to 16,777,215, as three
bytes, most significant first. Anything else is an error, and an error closes the session: nothing more is read, replies
to the messages that came whole before it are still sent, then the socket is closed.

To make your own server, replace on_message().
"""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import stat
import sys

HEADER_LEN = 4
MAX_LEN = 0xFFFFFF
BACKLOG = 1024
READ_LIMIT = 64 * 1024  # reading pauses when twice this much waits to be decoded


class ProtocolError(Exception):
    """The peer sent something that is no message."""


async def receive(reader):
    """Returns the next message's content, or None when the peer has ended the stream between two messages.

    Raises ProtocolError for an invalid header and asyncio.IncompleteReadError for a message that is cut short.
    """
    try:
        header = await reader.readexactly(HEADER_LEN)
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise
        return None
    if header[0] != 0:
        raise ProtocolError("the reserved byte is not zero")
    length = int.from_bytes(header[1:], "big")
    if length == 0:
        raise ProtocolError("a message without content")
    # The reader's buffer grows with what arrives; nothing is set aside for a length that is only announced.
    return await reader.readexactly(length)


async def send(writer, content):
    """Sends one message. Waits while too much is unsent, so that a peer that does not read stops being read."""
    if not 1 <= len(content) <= MAX_LEN:
        raise ValueError(f"cannot send {len(content)} bytes in one message")
    writer.write(len(content).to_bytes(HEADER_LEN, "big") + content)
    await writer.drain()


async def on_message(writer, content):
    """What this server does with a message: it echoes it."""
    await send(writer, content)


async def serve_session(reader, writer):
    try:
        while (content := await receive(reader)) is not None:
            await on_message(writer, content)
            content = None  # an idle session keeps no message
    except (ProtocolError, asyncio.IncompleteReadError, OSError, MemoryError):
        pass  # any error closes the session, and the session only
    except asyncio.CancelledError:
        pass  # the server ends
    finally:
        writer.close()  # sends what is still unsent first


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
            raise OSError(errno.EADDRINUSE, "taken by a running server, or by something that is not a socket") from None
        os.unlink(path)
        listener.bind(path)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def identity(path):
    found = os.lstat(path)
    return found.st_dev, found.st_ino


async def serve(listener):
    """Serves until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await asyncio.start_unix_server(serve_session, sock=listener, limit=READ_LIMIT, backlog=BACKLOG)
    with contextlib.suppress(OSError):  # nobody has to be listening
        os.write(sys.stdout.fileno(), b"ready\n")
    await stop.wait()
    server.close()


def main():
    path = sys.argv[1] if len(sys.argv) == 2 else os.environ.get("OIZYS_SOCKET") if len(sys.argv) == 1 else None
    if not path:
        print("usage: echo_server.py SOCKET (or OIZYS_SOCKET in the environment)", file=sys.stderr)
        return 2
    try:
        listener = listen_at(path)
        ours = identity(path)
    except OSError as error:
        # Python itself refuses a path that is too long for a socket, and gives no error number then.
        print(f"echo_server.py: {path}: {error.strerror or error}", file=sys.stderr)
        return 1 if error.errno else 2
    try:
        asyncio.run(serve(listener))
    finally:
        # Remove the socket while it is still ours: someone may have put another one in its place.
        with contextlib.suppress(OSError):
            if identity(path) == ours:
                os.unlink(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
