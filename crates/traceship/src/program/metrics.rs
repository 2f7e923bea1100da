//! Serves the counters for Prometheus, and a health check.

use std::{
    fmt::Write as _,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use traceship::Stats;

/// Number of clients that are served at once. More clients wait.
const MAX_CLIENTS: usize = 8;
/// Maximum time for a client to send its request, and to receive the response.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Serves requests until the process ends, on a fixed number of threads, so that a slow client does not delay others.
pub(crate) fn serve(address: SocketAddr, stats: Stats) -> io::Result<()> {
    if !address.ip().is_loopback() {
        return Err(io::Error::other(
            "it must be a loopback address, such as 127.0.0.1:9102",
        ));
    }
    let listener = Arc::new(TcpListener::bind(address)?);
    for number in 0..MAX_CLIENTS {
        let (listener, stats) = (Arc::clone(&listener), stats.clone());
        thread::Builder::new()
            .name(format!("traceship-metrics-{number}"))
            .stack_size(128 << 10)
            .spawn(move || {
                for stream in listener.incoming() {
                    match stream {
                        Ok(stream) => drop(respond(&stream, &stats)),
                        // While no file descriptor is free, each attempt fails immediately.
                        Err(_) => thread::sleep(Duration::from_millis(100)),
                    }
                }
            })?;
    }
    Ok(())
}

fn respond(mut stream: &TcpStream, stats: &Stats) -> io::Result<()> {
    stream.set_write_timeout(Some(TIMEOUT))?;
    let request = first_line(stream)?;
    let path = request
        .split(' ')
        .nth(1)
        .and_then(|path| path.split('?').next());
    let (status, body) = match path {
        Some("/metrics") => ("200 OK", metrics(stats)),
        Some("/health") => ("200 OK", "ok\n".to_owned()),
        _ => ("404 Not Found", String::new()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// Reads the first line of a request, or its first 1,024 bytes. The time limit is for the complete line: with a limit for each read, a
/// client that sends a byte a second could stay connected.
fn first_line(mut stream: &TcpStream) -> io::Result<String> {
    let end = Instant::now() + TIMEOUT;
    let (mut line, mut filled) = ([0; 1_024], 0);
    while filled < line.len() && !line[..filled].contains(&b'\n') {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut line[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(String::from_utf8_lossy(&line[..filled]).into_owned())
}

fn metrics(stats: &Stats) -> String {
    let mut text = String::new();
    for (name, kind, value) in [
        ("lines_shipped_total", "counter", stats.shipped()),
        ("bytes_shipped_total", "counter", stats.shipped_bytes()),
        ("lines_rejected_total", "counter", stats.rejected()),
        ("lines_cut_total", "counter", stats.cut()),
        ("requests_total", "counter", stats.requests()),
        ("requests_retried_total", "counter", stats.retried()),
        ("bytes_lost_total", "counter", stats.lost_bytes()),
        ("bytes_waiting", "gauge", stats.waiting_bytes()),
    ] {
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            "# TYPE traceship_{name} {kind}\ntraceship_{name} {value}\n"
        );
    }
    text
}
