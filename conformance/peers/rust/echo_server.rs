//! An echo server that speaks the oizys protocol, with Rust's standard library only.
//!
//!     rustc --edition 2021 -O echo_server.rs
//!     ./echo_server SOCKET          (or OIZYS_SOCKET in the environment)
//!
//! Prints "ready" once it listens; ends on SIGTERM or SIGINT and removes its socket. Exit status: 0 ended by a signal,
//! 1 failed, 2 wrong usage.
//!
//! A message is a 4-byte header and its content: a reserved byte 0x00, then the content's length, 1 to 16,777,215, as
//! three bytes, most significant first. Anything else is an error, and an error closes the session: nothing more is
//! read, replies to the messages that came whole before it are still sent, then the socket is closed.
//!
//! One thread per session, sockets that block: a peer that does not read stops being read, and needs no bound in memory.
//! To make your own server, replace `on_message`.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;
use std::time::Duration;

const HEADER_LEN: usize = 4;
const MAX_LEN: usize = 0xff_ffff;
const BUFFER_LEN: usize = 64 * 1024;
const STACK_LEN: usize = 256 * 1024;
const MAX_PATH_LEN: usize = 107;
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

type Reader<'a> = BufReader<&'a UnixStream>;
type Writer<'a> = BufWriter<&'a UnixStream>;

/// The length that a header announces.
fn decode_header(header: [u8; HEADER_LEN]) -> io::Result<usize> {
    let [reserved, high, middle, low] = header;
    match (reserved, u32::from_be_bytes([0, high, middle, low])) {
        (0, 0) => Err(io::Error::new(
            ErrorKind::InvalidData,
            "a message without content",
        )),
        (0, len) => Ok(len as usize),
        _ => Err(io::Error::new(
            ErrorKind::InvalidData,
            "the reserved byte is not zero",
        )),
    }
}

/// The next message's content, or `None` when the peer has ended the stream between two messages.
fn receive(reader: &mut Reader) -> io::Result<Option<Vec<u8>>> {
    while match reader.fill_buf() {
        Ok([]) => return Ok(None),
        Ok(_) => false,
        Err(error) if error.kind() == ErrorKind::Interrupted => true,
        Err(error) => return Err(error),
    } {}
    let mut header = [0; HEADER_LEN];
    reader.read_exact(&mut header)?;
    let len = decode_header(header)?;
    // read_to_end grows the vector with what arrives; nothing is set aside for a length that is only announced.
    let mut content = Vec::new();
    if reader.take(len as u64).read_to_end(&mut content)? < len {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(content))
}

fn send(writer: &mut Writer, content: &[u8]) -> io::Result<()> {
    if content.is_empty() || content.len() > MAX_LEN {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "content of this length cannot be sent",
        ));
    }
    writer.write_all(&(content.len() as u32).to_be_bytes())?;
    writer.write_all(content)
}

/// What this server does with a message: it echoes it.
fn on_message(writer: &mut Writer, content: &[u8]) -> io::Result<()> {
    send(writer, content)
}

/// Whether the next message can be received without waiting for the peer.
fn has_message(buffered: &[u8]) -> bool {
    match buffered.first_chunk() {
        Some(&header) => {
            decode_header(header).map_or(true, |len| buffered.len() - HEADER_LEN >= len)
        }
        None => false,
    }
}

/// Serves one session until it ends. Any error ends it; replies that are still buffered are sent all the same.
fn serve_session(stream: &UnixStream) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(BUFFER_LEN, stream);
    let mut writer = BufWriter::with_capacity(BUFFER_LEN, stream);
    loop {
        // The peer may be waiting for our replies before it sends more.
        if !has_message(reader.buffer()) {
            writer.flush()?;
        }
        match receive(&mut reader) {
            Ok(Some(content)) => on_message(&mut writer, &content)?,
            Ok(None) => return writer.flush(),
            Err(error) => return writer.flush().and(Err(error)),
        }
    }
}

/// Accepts for ever; a session that fails, or cannot even begin, is no reason to stop.
fn serve(listener: &UnixListener) -> ! {
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Interrupted | ErrorKind::ConnectionAborted
                ) =>
            {
                continue
            }
            Err(_) => {
                // Descriptors or memory have run out: they come back when sessions end.
                thread::sleep(ACCEPT_PAUSE);
                continue;
            }
        };
        let session = move || {
            let _ = serve_session(&stream);
        };
        if thread::Builder::new()
            .stack_size(STACK_LEN)
            .spawn(session)
            .is_err()
        {
            thread::sleep(ACCEPT_PAUSE); // no thread to be had: the connection has been closed
        }
    }
}

/// Signals, which the standard library leaves out: the C library's own functions, which every Rust program on Unix has.
mod signals {
    use super::*;

    extern "C" {
        fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
        fn write(fd: i32, bytes: *const u8, len: usize) -> isize;
    }

    static PIPE: AtomicI32 = AtomicI32::new(-1);
    const SIGINT: i32 = 2;
    const SIGTERM: i32 = 15;

    extern "C" fn on_signal(_: i32) {
        // write is one of the few functions that a handler may call.
        unsafe { write(PIPE.load(Ordering::Relaxed), [1].as_ptr(), 1) };
    }

    /// Calls `end` on a thread of its own when SIGTERM or SIGINT comes.
    pub fn on_end(end: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let (mut receiver, sender) = UnixStream::pair()?;
        PIPE.store(sender.as_raw_fd(), Ordering::Relaxed);
        thread::Builder::new().spawn(move || {
            let _open = sender;
            let _ = receiver.read_exact(&mut [0]);
            end();
        })?;
        for number in [SIGTERM, SIGINT] {
            unsafe { signal(number, on_signal) };
        }
        Ok(())
    }
}

/// Whether the file at `path` is a socket that nobody serves any more.
fn is_stale(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket())
        && UnixStream::connect(path)
            .is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

/// Listens at `path`. Only a stale socket is replaced.
fn listen_at(path: &Path) -> io::Result<UnixListener> {
    match UnixListener::bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if !is_stale(path) {
                let problem = "taken by a running server, or by something that is not a socket";
                return Err(io::Error::new(ErrorKind::AddrInUse, problem));
            }
            fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        result => result,
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}

fn run(path: OsString) -> io::Result<()> {
    let listener = listen_at(Path::new(&path))?;
    let ours = identity(Path::new(&path))?;
    signals::on_end(move || {
        // Remove the socket while it is still ours: someone may have put another one in its place.
        if identity(Path::new(&path)).is_ok_and(|now| now == ours) {
            let _ = fs::remove_file(&path);
        }
        std::process::exit(0);
    })?;
    let mut stdout = io::stdout();
    let _ = stdout.write_all(b"ready\n").and_then(|()| stdout.flush());
    serve(&listener)
}

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let path = arguments
        .next()
        .or_else(|| env::var_os("OIZYS_SOCKET"))
        .filter(|path| !path.is_empty());
    let (Some(path), None) = (path, arguments.next()) else {
        eprintln!("usage: echo_server SOCKET (or OIZYS_SOCKET in the environment)");
        return ExitCode::from(2);
    };
    let shown = |path: &OsStr| path.to_string_lossy().into_owned();
    if path.as_bytes().len() > MAX_PATH_LEN {
        eprintln!(
            "echo_server: {}: the path is too long for a socket",
            shown(&path)
        );
        return ExitCode::from(2);
    }
    let name = shown(&path);
    if let Err(error) = run(path) {
        eprintln!("echo_server: {name}: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
