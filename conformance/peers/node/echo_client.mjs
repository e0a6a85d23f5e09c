#!/usr/bin/env node
// A client that speaks the oizys protocol, with Node's own modules only (Node 18 or later).
//
//     node echo_client.mjs -e SOCKET -m MESSAGE          (without -e: OIZYS_SOCKET in the environment)
//
// Sends one message, the bytes of the argument, waits for one reply, closes the session, and prints the reply's content
// and a line end. Exit status: 0 replied, 1 the session failed (nothing on stdout, one line on stderr), 2 wrong usage,
// to which an empty message belongs: the protocol prohibits it, so nothing is sent, not even a connection made.
//
// A message is a 4-byte header and its content: a reserved byte 0x00, then the content's length, 1 to 16,777,215, as
// three bytes, most significant first. A reply of any other form, or one that is cut short, is an error.

import fs from 'node:fs';
import net from 'node:net';

const HEADER_LEN = 4;
const MAX_LEN = 0xffffff;
const USAGE = 'usage: echo_client.mjs -e SOCKET -m MESSAGE (or OIZYS_SOCKET in the environment for -e)';

// Says what went wrong and ends.
function fail(status, problem) {
  console.error(problem);
  process.exit(status);
}

// The arguments' own bytes. Node decodes process.argv as UTF-8, and what is not UTF-8 is lost in it. Linux has the exact
// bytes in /proc; elsewhere only arguments that are valid UTF-8 come through unchanged.
function rawArguments() {
  const decoded = process.argv.slice(2);
  let line;
  try {
    line = fs.readFileSync('/proc/self/cmdline');
  } catch {
    return decoded.map((argument) => Buffer.from(argument));
  }
  // Every argument ends with a NUL; before ours are node, its own options, and this script.
  const all = [];
  for (let start = 0, end; (end = line.indexOf(0, start)) >= 0; start = end + 1) all.push(line.subarray(start, end));
  return all.slice(all.length - decoded.length);
}

// The socket's path and the message, both as bytes. The value of an option may begin with a dash.
function parse(args) {
  const options = { '-e': process.env.OIZYS_SOCKET && Buffer.from(process.env.OIZYS_SOCKET), '-m': undefined };
  if (args.length % 2 !== 0) fail(2, USAGE);
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i].toString();
    if (!Object.hasOwn(options, name)) fail(2, USAGE);
    options[name] = args[i + 1];
  }
  const { '-e': path, '-m': message } = options;
  if (!path?.length || !message) fail(2, USAGE);
  if (message.length === 0) fail(2, 'echo_client.mjs: an empty message must not be sent');
  if (message.length > MAX_LEN) fail(2, `echo_client.mjs: the message is longer than ${MAX_LEN} bytes`);
  return { path: path.toString(), message };
}

function encode(content) {
  const header = Buffer.alloc(HEADER_LEN);
  header.writeUIntBE(content.length, 1, 3);
  return Buffer.concat([header, content]);
}

// The length that a header announces.
function decodeHeader(header) {
  if (header[0] !== 0) throw new Error('invalid reply: the reserved byte is not zero');
  const length = header.readUIntBE(1, 3);
  if (length === 0) throw new Error('invalid reply: a message without content');
  return length;
}

// Resolves to the content of the first message on the socket. Memory grows with what arrives: the length that a header
// announces is only a promise.
async function receive(socket) {
  let store = Buffer.alloc(0);
  let filled = 0;
  for await (const piece of socket) {
    if (filled + piece.length > store.length) {
      const grown = Buffer.allocUnsafe(Math.max(filled + piece.length, 2 * filled));
      store.copy(grown, 0, 0, filled);
      store = grown;
    }
    piece.copy(store, filled);
    filled += piece.length;
    if (filled < HEADER_LEN) continue;
    const end = HEADER_LEN + decodeHeader(store);
    if (filled >= end) return store.subarray(HEADER_LEN, end);
  }
  throw new Error('the session ended before the reply was whole');
}

async function exchange(path, message) {
  const socket = net.connect(path);
  try {
    socket.write(encode(message));
    return await receive(socket);
  } finally {
    socket.destroy(); // before printing, which may have to wait for a reader
  }
}

const { path, message } = parse(rawArguments());
let reply;
try {
  reply = await exchange(path, message);
} catch (error) {
  fail(1, `echo_client.mjs: ${error.message}`);
}
process.stdout.on('error', (error) => fail(1, `echo_client.mjs: ${error.message}`));
process.stdout.write(Buffer.concat([reply, Buffer.from('\n')]));
