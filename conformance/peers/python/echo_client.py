#!/usr/bin/env python3
"""A client that speaks the oizys protocol, with Python's standard library only (3.9 or later).

    python3 echo_client.py -e SOCKET -m MESSAGE          (without -e: OIZYS_SOCKET in the environment)

Sends one message, the bytes of the argument, waits for one reply, closes the session, and prints the reply's content
and a line end. Exit status: 0 replied, 1 the session failed (nothing on stdout, one line on stderr), 2 wrong usage, to
which an empty message belongs: the protocol prohibits it, so nothing is sent, not even a connection made.

A message is a 4-byte header and its content: a reserved byte 0x00, then the content's length, 1 to 16,777,215, as three
bytes, most significant first. A reply of any other form, or one that is cut short, is an error.
"""

import os
import socket
import sys

HEADER_LEN = 4
MAX_LEN = 0xFFFFFF
CHUNK = 256 * 1024
USAGE = "usage: echo_client.py -e SOCKET -m MESSAGE (or OIZYS_SOCKET in the environment for -e)"


class UsageError(Exception):
    """The command line asks for something that cannot be done."""


class SessionError(Exception):
    """The session ended without a valid reply."""


def send(connection, content):
    connection.sendall(len(content).to_bytes(HEADER_LEN, "big") + content)


def receive_exactly(connection, length):
    """Returns the next length bytes. Memory grows with what arrives: an announced length is only a promise."""
    received = bytearray()
    while len(received) < length:
        piece = connection.recv(min(length - len(received), CHUNK))
        if not piece:
            raise SessionError("the session ended before the reply was whole")
        received += piece
    return received


def receive(connection):
    """Returns one message's content."""
    header = receive_exactly(connection, HEADER_LEN)
    if header[0] != 0:
        raise SessionError("invalid reply: the reserved byte is not zero")
    length = int.from_bytes(header[1:], "big")
    if length == 0:
        raise SessionError("invalid reply: a message without content")
    return receive_exactly(connection, length)


def parse(arguments):
    """Returns the socket's path and the message. The value of an option may begin with a dash."""
    options = {"-e": os.environ.get("OIZYS_SOCKET"), "-m": None}
    if len(arguments) % 2 != 0:
        raise UsageError(USAGE)
    for name, value in zip(arguments[::2], arguments[1::2]):
        if name not in options:
            raise UsageError(USAGE)
        options[name] = value
    if not options["-e"] or options["-m"] is None:
        raise UsageError(USAGE)
    message = os.fsencode(options["-m"])  # the argument's own bytes, whether they are text or not
    if not message:
        raise UsageError("echo_client.py: an empty message must not be sent")
    if len(message) > MAX_LEN:
        raise UsageError(f"echo_client.py: the message is longer than {MAX_LEN} bytes")
    return options["-e"], message


def main():
    try:
        path, message = parse(sys.argv[1:])
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            send(connection, message)
            reply = receive(connection)
        reply += b"\n"
        sys.stdout.buffer.write(reply)
        sys.stdout.buffer.flush()
    except (SessionError, OSError) as error:
        print(f"echo_client.py: {error}", file=sys.stderr)
        sys.stdout = None  # what could not be written stays unwritten
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
