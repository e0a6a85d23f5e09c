#!/usr/bin/env node
// An echo server that speaks the oizys protocol, with Node's own modules only (Node 18 or later).
//
//     node echo_server.mjs SOCKET          (or OIZYS_SOCKET in the environment)
//
// Prints "ready" once it listens; ends on SIGTERM or SIGINT and removes its socket. Exit status: 0 ended by a signal,
// 1 failed, 2 wrong usage.
//
// A message is a 4-byte header and its content: a reserved byte 0x00, then the content's length, 1 to 16,777,215, as
// three bytes, most significant first. Anything else is an error, and an error closes the session: nothing more is read,
// replies to the messages that came whole before it are still sent, then the socket is closed.
//
// To make your own server, replace onMessage().

import fs from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';

const HEADER_LEN = 4;
const MAX_LEN = 0xffffff;
const MAX_PATH_LEN = 107;
const BACKLOG = 1024;

class ProtocolError extends Error {}

// The length of the content that the header at the start of bytes announces.
function decodeHeader(bytes) {
  if (bytes[0] !== 0) throw new ProtocolError('the reserved byte is not zero');
  const length = bytes.readUIntBE(1, 3);
  if (length === 0) throw new ProtocolError('a message without content');
  return length;
}

// Cuts a stream of bytes into messages. What it holds is one unfinished message; memory for it grows with what arrives,
// and a length that is only announced costs nothing.
class Decoder {
  #store = Buffer.alloc(0);
  #length = 0; // of the store's bytes that are filled

  // Adds a piece and yields the content of each message that is now whole. Throws ProtocolError on an invalid header.
  *push(piece) {
    const bytes = this.#length > 0 ? this.#append(piece) : piece;
    let start = 0;
    while (bytes.length - start >= HEADER_LEN) {
      const end = start + HEADER_LEN + decodeHeader(bytes.subarray(start));
      if (end > bytes.length) break;
      yield bytes.subarray(start + HEADER_LEN, end);
      start = end;
    }
    if (start === 0 && this.#length > 0) return; // nothing came out of the store
    this.#store = Buffer.from(bytes.subarray(start)); // a copy: what was yielded may still be in use
    this.#length = this.#store.length;
  }

  // Adds a piece to the store and returns all that is filled.
  #append(piece) {
    const filled = this.#length + piece.length;
    if (filled > this.#store.length) {
      const grown = Buffer.allocUnsafe(Math.max(filled, 2 * this.#length));
      this.#store.copy(grown, 0, 0, this.#length);
      this.#store = grown;
    }
    piece.copy(this.#store, this.#length);
    this.#length = filled;
    return this.#store.subarray(0, filled);
  }
}

// Queues one message. Node keeps what the socket does not take at once.
function send(socket, content) {
  if (content.length < 1 || content.length > MAX_LEN) {
    throw new RangeError(`cannot send ${content.length} bytes in one message`);
  }
  const header = Buffer.alloc(HEADER_LEN);
  header.writeUIntBE(content.length, 1, 3);
  socket.write(header);
  socket.write(content);
}

// What this server does with a message: it echoes it.
function onMessage(socket, content) {
  send(socket, content);
}

function serveSession(socket) {
  const decoder = new Decoder();

  // Reads no more, sends what is unsent, then closes.
  const close = () => {
    socket.removeAllListeners('data');
    socket.pause();
    socket.destroySoon();
  };

  socket.on('data', (piece) => {
    socket.cork(); // the replies to one piece go out together
    try {
      for (const content of decoder.push(piece)) onMessage(socket, content);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      close();
    }
    socket.uncork();
    // A peer that does not read stops being read, until what is unsent has gone.
    if (socket.writableNeedDrain) socket.pause();
  });
  socket.on('drain', () => socket.resume());
  // Between messages this is the peer's close or half-close, inside one it is an error: either way nothing can follow.
  socket.on('end', close);
  socket.on('error', () => socket.destroy());
}

// Resolves to whether the file at path is a socket that nobody serves any more.
async function isStale(path) {
  if (!fs.lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return false;
  return new Promise((resolve) => {
    const probe = net.connect(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.on('error', (error) => resolve(error.code === 'ECONNREFUSED'));
  });
}

function listen(server, path) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, backlog: BACKLOG }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

// Listens at path. Only a stale socket is replaced.
async function listenAt(server, path) {
  fs.statSync(dirname(path)); // listen would call a missing directory a lack of permission
  try {
    await listen(server, path);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    if (!(await isStale(path))) throw new Error('taken by a running server, or by something that is not a socket');
    fs.unlinkSync(path);
    await listen(server, path);
  }
}

function identity(path) {
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino}`;
}

async function main() {
  const args = process.argv.slice(2);
  const path = args.length > 0 ? args[0] : process.env.OIZYS_SOCKET;
  if (args.length > 1 || !path) {
    console.error('usage: echo_server.mjs SOCKET (or OIZYS_SOCKET in the environment)');
    process.exit(2);
  }
  if (Buffer.byteLength(path) > MAX_PATH_LEN) {
    console.error(`echo_server.mjs: ${path}: the path is too long for a socket`);
    process.exit(2);
  }

  // allowHalfOpen: a peer that has ended its side still gets its replies.
  const server = net.createServer({ allowHalfOpen: true }, serveSession);
  try {
    await listenAt(server, path);
  } catch (error) {
    console.error(`echo_server.mjs: ${path}: ${error.message}`);
    process.exit(1);
  }
  const ours = identity(path);
  server.on('error', () => {}); // a connection that could not be accepted, for want of descriptors
  process.stdout.on('error', () => {});

  for (const name of ['SIGTERM', 'SIGINT']) {
    process.on(name, () => {
      // Remove the socket while it is still ours: someone may have put another one in its place. That is why this does
      // not end with server.close(), which removes whatever it finds.
      if (identity(path) === ours) fs.unlinkSync(path);
      process.exit(0);
    });
  }
  console.log('ready');
}

await main();
