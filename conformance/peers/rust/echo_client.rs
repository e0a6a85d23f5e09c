//! A client that speaks the oizys protocol, with Rust's standard library only.
//!
//!     rustc --edition 2021 -O echo_client.rs
//!     ./echo_client -e SOCKET -m MESSAGE          (without -e: OIZYS_SOCKET in the environment)
//!
//! Sends one message, the bytes of the argument, waits for one reply, closes the session, and prints the reply's content
//! and a line end. Exit status: 0 replied, 1 the session failed (nothing on stdout, one line on stderr), 2 wrong usage,
//! to which an empty message belongs: the protocol prohibits it, so nothing is sent, not even a connection made.
//!
//! A message is a 4-byte header and its content: a reserved byte 0x00, then the content's length, 1 to 16,777,215, as
//! three bytes, most significant first. A reply of any other form, or one that is cut short, is an error.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

const HEADER_LEN: usize = 4;
const MAX_LEN: usize = 0xff_ffff;
const USAGE: &str =
    "usage: echo_client -e SOCKET -m MESSAGE (or OIZYS_SOCKET in the environment for -e)";

fn invalid(problem: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, problem)
}

fn cut_short() -> io::Error {
    io::Error::new(
        ErrorKind::UnexpectedEof,
        "the session ended before the reply was whole",
    )
}

fn send(stream: &mut UnixStream, content: &[u8]) -> io::Result<()> {
    let mut message = Vec::with_capacity(HEADER_LEN + content.len());
    message.extend_from_slice(&(content.len() as u32).to_be_bytes());
    message.extend_from_slice(content);
    stream.write_all(&message)
}

fn receive(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut header = [0; HEADER_LEN];
    stream
        .read_exact(&mut header)
        .map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => cut_short(),
            _ => error,
        })?;
    let [reserved, high, middle, low] = header;
    if reserved != 0 {
        return Err(invalid("invalid reply: the reserved byte is not zero"));
    }
    let len = u32::from_be_bytes([0, high, middle, low]) as usize;
    if len == 0 {
        return Err(invalid("invalid reply: a message without content"));
    }
    // read_to_end grows the vector with what arrives: the length that a header announces is only a promise.
    let mut content = Vec::new();
    if stream.take(len as u64).read_to_end(&mut content)? < len {
        return Err(cut_short());
    }
    Ok(content)
}

/// The socket's path and the message. The value of an option may begin with a dash.
fn parse(
    mut arguments: impl Iterator<Item = OsString>,
) -> Result<(OsString, OsString), &'static str> {
    let (mut path, mut message) = (env::var_os("OIZYS_SOCKET"), None);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match name.to_str() {
            Some("-e") => path = Some(value),
            Some("-m") => message = Some(value),
            _ => return Err(USAGE),
        }
    }
    match (path, message) {
        (Some(path), Some(_)) if path.is_empty() => Err(USAGE),
        (Some(_), Some(message)) if message.is_empty() => {
            Err("echo_client: an empty message must not be sent")
        }
        (Some(_), Some(message)) if message.as_bytes().len() > MAX_LEN => {
            Err("echo_client: the message is longer than 16777215 bytes")
        }
        (Some(path), Some(message)) => Ok((path, message)),
        _ => Err(USAGE),
    }
}

fn run(path: &OsStr, message: &[u8]) -> io::Result<()> {
    let mut stream = UnixStream::connect(path)?;
    send(&mut stream, message)?;
    let mut reply = receive(&mut stream)?;
    drop(stream); // before printing, which may have to wait for a reader
    reply.push(b'\n');
    let mut stdout = io::stdout();
    stdout.write_all(&reply)?;
    stdout.flush()
}

fn main() -> ExitCode {
    let (path, message) = match parse(env::args_os().skip(1)) {
        Ok(parsed) => parsed,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    match run(&path, message.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo_client: {error}");
            ExitCode::FAILURE
        }
    }
}
