//! Counters for Prometheus, and whether it is alive.

use std::{
    fmt::Write as _,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};
use tracing_stamp::ship::ShipStats;

/// Answers on a thread until the process ends.
pub(crate) fn serve(address: SocketAddr, stats: ShipStats) -> io::Result<()> {
    if !address.ip().is_loopback() {
        return Err(io::Error::other(
            "it is served on the machine itself alone: use an address such as 127.0.0.1:9102",
        ));
    }
    let listener = TcpListener::bind(address)?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Whoever asks slowly is left.
            let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
            let _ = answer(&stream, &stats);
        }
    });
    Ok(())
}

fn answer(mut stream: &TcpStream, stats: &ShipStats) -> io::Result<()> {
    let mut request = String::new();
    // A line, and no more of it than one has.
    BufReader::new(stream.take(1_024)).read_line(&mut request)?;
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

fn metrics(stats: &ShipStats) -> String {
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
        // To a `String`: it cannot fail.
        let _ = write!(
            text,
            "# TYPE traceship_{name} {kind}\ntraceship_{name} {value}\n"
        );
    }
    text
}
