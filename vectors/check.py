#!/usr/bin/env python3
"""Checks the golden vectors without anything of this project but their files.

Usage: check.py [DIRECTORY]     (default: data beside this file)

Rebuilds each wire and each content, checks lengths and hashes, decodes every wire with the decoder below, which was
written from the specification alone, and compares what it finds with what the vector says. Ends with status 0 when all
agree, 1 when something does not, 2 when there is nothing to check.
"""

import hashlib
import json
import pathlib
import sys

LONGEST = 16_777_215


def join(runs):
    """Returns the bytes that segments, or the parts of a content, stand for."""
    return b"".join(bytes.fromhex(r["hex"]) * r.get("repeat", 1) for r in runs)


def decode(wire, end_of_stream):
    """Returns the messages of a wire and how it ends: None while open, or (error, offset of its header)."""
    messages, at = [], 0
    while at < len(wire):
        header = wire[at:at + 4]
        if len(header) < 4:
            return messages, ("truncated-header", at) if end_of_stream else None
        if header[0] != 0:
            return messages, ("reserved-byte", at)
        length = int.from_bytes(header[1:], "big")
        if length == 0:
            return messages, ("empty-message", at)
        content = wire[at + 4:at + 4 + length]
        if len(content) < length:
            return messages, ("truncated-content", at) if end_of_stream else None
        messages.append(content)
        at += 4 + length
    return messages, ("end-of-stream", at) if end_of_stream else None


def encode(messages):
    """Returns the wire of valid messages."""
    return b"".join(b"\0" + len(m).to_bytes(3, "big") + m for m in messages)


def refused(content):
    """Returns why a sender refuses content, or None if it may be sent."""
    return "empty-message" if not content else "too-long" if len(content) > LONGEST else None


def problems(vector):
    """Yields what is wrong with a vector."""
    wire = join(vector["segments"])
    contents = [join(m["content"]) for m in vector["messages"]]
    outcome = vector["outcome"]
    if (len(wire), hashlib.sha256(wire).hexdigest()) != (vector["wire_length"], vector["wire_sha256"]):
        yield "the wire has another length or hash"
    for m, content in zip(vector["messages"], contents):
        if (len(content), hashlib.sha256(content).hexdigest()) != (m["length"], m["sha256"]):
            yield "a message has another length or hash"
    if vector["pieces"] and sum(vector["pieces"]) != len(wire):
        yield "the pieces do not add up to the wire"
    if vector["kind"] == "refusal":
        if wire or [refused(c) for c in contents] != [outcome["error"]]:
            yield "the content is not refused, or not for that reason"
        return
    messages, end = decode(wire, vector["end_of_stream"])
    if messages != contents:
        yield f"decodes to {len(messages)} messages, other than those listed"
    said = (outcome["error"], outcome["offset"]) if outcome["state"] == "closed" else None
    if end != said:
        yield f"ends with {end}, not {said}"
    if (said is None or said[0] == "end-of-stream") and encode(contents) != wire:
        yield "the messages encode to other bytes"


def main():
    default = pathlib.Path(__file__).parent / "data"
    directory = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    count = wrong = 0
    seen = set()
    for path in sorted(directory.glob("*.json")):
        try:
            vectors = json.loads(path.read_text(encoding="utf-8"))["vectors"]
            identified = [(vector["id"], vector) for vector in vectors]
        except (ValueError, KeyError, TypeError):
            wrong += 1
            print(f"{path.name}: this is no file of vectors", file=sys.stderr)
            continue
        for name, vector in identified:
            count += 1
            try:
                found = list(problems(vector))
            except (ValueError, KeyError, TypeError) as problem:
                found = [f"it is not written as a vector is: {problem!r}"]
            if name in seen:
                found.append("the ID is used twice")
            seen.add(name)
            for problem in found:
                wrong += 1
                print(f"{path.name}: {name}: {problem}", file=sys.stderr)
    if count == 0 and wrong == 0:
        print(f"no vectors in {directory}", file=sys.stderr)
        return 2
    print(f"{count} vectors, {wrong} problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
