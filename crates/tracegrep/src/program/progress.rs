//! Shows the progress of a search that takes long, on one line.

use super::arguments::Arguments;
use std::{
    io::{self, IsTerminal as _, Write},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};
use tracegrep::{Progress, Search};

/// A search that takes less shows no progress.
const LONG: Duration = Duration::from_secs(1);

const BETWEEN_LINES: Duration = Duration::from_millis(100);

/// To the start of the line, and clear all of it (ECMA-48, "EL").
const CLEAR: &str = "\r\x1b[K";

/// Runs a search, and shows its progress on standard error if that is a terminal.
pub(crate) fn watch<T>(arguments: &Arguments, search: Search, run: impl FnOnce(Search) -> T) -> T {
    if !(arguments.has_progress && io::stderr().is_terminal()) {
        return run(search);
    }
    let progress = Progress::new();
    let search = search.with_progress(progress.clone());
    let (end, ended) = channel();
    thread::scope(|scope| {
        let show = || {
            let ended = ended;
            show(&progress, &ended, &mut io::stderr(), LONG);
        };
        // If no thread can be started, nothing is shown.
        let shown = thread::Builder::new().spawn_scoped(scope, show);
        let result = run(search);
        drop(end);
        if let Ok(shown) = shown {
            let _ = shown.join();
        }
        result
    })
}

/// Writes the progress from time to time, until the sender of `ended` is dropped. A failure of the terminal is no reason to end the search.
fn show(progress: &Progress, ended: &Receiver<()>, out: &mut impl Write, after: Duration) {
    let mut pause = after;
    let mut is_shown = false;
    while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        pause = BETWEEN_LINES;
        is_shown = true;
        let text = text(progress.read(), progress.total());
        let _ = write!(out, "{CLEAR}{text}").and_then(|()| out.flush());
    }
    if is_shown {
        let _ = write!(out, "{CLEAR}").and_then(|()| out.flush());
    }
}

fn text(read: u64, total: u64) -> String {
    let percent = read
        .min(total)
        .saturating_mul(100)
        .checked_div(total)
        .unwrap_or(0);
    let total = total as f64;
    let size = match total < 1e9 {
        true => format!("{:.0} MB", total / 1e6),
        false => format!("{:.2} GB", total / 1e9),
    };
    format!("{percent} % of {size} searched")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_progress_is_a_part_of_all_bytes() {
        assert_eq!(text(0, 0), "0 % of 0 MB searched");
        assert_eq!(text(11_999_999, 12_000_000), "99 % of 12 MB searched");
        assert_eq!(
            text(5_000_000_000, 10_000_000_000),
            "50 % of 10.00 GB searched"
        );
    }

    #[test]
    fn nothing_is_shown_of_a_short_search_and_the_line_of_a_long_one_is_cleared() {
        let mut shown = Vec::new();
        let (end, ended) = channel();
        drop(end);
        show(&Progress::new(), &ended, &mut shown, LONG);
        assert_eq!(shown, b"");

        let (end, ended) = channel();
        let mut out = Ending(Vec::new(), Some(end));
        show(&Progress::new(), &ended, &mut out, Duration::ZERO);
        let shown = String::from_utf8(out.0).expect("UTF-8");
        assert_eq!(shown, format!("{CLEAR}0 % of 0 MB searched{CLEAR}"));
    }

    /// Ends the search when the first line was written.
    struct Ending(Vec<u8>, Option<std::sync::mpsc::Sender<()>>);

    impl Write for Ending {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            self.1 = None;
            Ok(())
        }
    }
}
