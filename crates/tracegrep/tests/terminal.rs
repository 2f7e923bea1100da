//! The program in a pseudo-terminal, which a terminal emulator reads.
#![cfg(unix)]

mod support;

use rustix::{
    io::Errno,
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use serde_json::json;
use std::{
    fs,
    io::{self, Read as _},
    os::unix::ffi::OsStrExt as _,
    path::Path,
    process::{Command, Stdio},
};
use support::{GATEWAY, TRACE, close, failing_request, line, text, with};
use tempfile::TempDir;

const ROWS: u16 = 60;

/// A terminal after the program has ended, with its exit code.
struct Terminal(vt100::Parser, Option<i32>);

impl Terminal {
    /// Runs the program with a trace in a file.
    fn run(log: &str, arguments: &[&str], columns: u16, environment: &[(&str, &str)]) -> Self {
        let arguments = [&[TRACE], arguments].concat();
        Self::run_any(log, &arguments, columns, environment)
    }

    /// Runs the program with a file.
    fn run_any(log: &str, arguments: &[&str], columns: u16, environment: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("app.log"), log).expect("the file is written");
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&controller).expect("it is ours");
        unlockpt(&controller).expect("it can be opened");
        let name = ptsname(&controller, Vec::new()).expect("a name");
        let name = Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()));
        let user = fs::File::options()
            .read(true)
            .write(true)
            .open(name)
            .expect("it opens");
        let size = Winsize {
            ws_row: ROWS,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&user, size).expect("the size is set");
        let clone = || Stdio::from(user.try_clone().expect("a second handle"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracegrep"));
        command
            .args(arguments)
            .arg("app.log")
            .current_dir(folder.path())
            .env("TERM", "xterm-256color")
            .env("PAGER", "cat")
            .env_remove("COLUMNS")
            .env_remove("NO_COLOR")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(clone())
            .stderr(clone());
        let mut child = command.spawn().expect("it starts");
        // The terminal ends when the program has ended, if nobody else has it open.
        drop((command, user));
        let mut output = Vec::new();
        match fs::File::from(controller).read_to_end(&mut output) {
            // Linux ends a terminal with this error.
            Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => {}
            other => {
                other.expect("the output is read");
            }
        }
        let status = child.wait().expect("it ends");
        let [rows, columns] = [ROWS, columns].map(|size| size.try_into().expect("not zero"));
        let mut parser = vt100::Parser::new(rows, columns, 0);
        parser.process(&output);
        Self(parser, status.code())
    }

    fn text(&self) -> String {
        self.0.screen().contents() + "\n"
    }

    /// Whether any cell has a color.
    fn is_colored(&self) -> bool {
        let screen = self.0.screen();
        let (rows, columns) = screen.size();
        let (rows, columns) = (rows.get(), columns.get());
        let mut cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        cells.any(|(row, column)| {
            screen
                .cell(row, column)
                .is_some_and(|cell| cell.fgcolor() != vt100::Color::Default)
        })
    }
}

/// Compares with the expected drawing of the library.
fn assert_screen(name: &str, terminal: &Terminal) -> io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/drawings")
        .join(name);
    assert_eq!(terminal.text(), fs::read_to_string(path)?, "{name}");
    Ok(())
}

#[test]
fn a_terminal_of_60_100_or_160_columns_shows_the_tree_in_its_width() -> io::Result<()> {
    let log = text(&failing_request());
    for columns in [60, 100, 160] {
        let terminal = Terminal::run(&log, &[], columns, &[]);
        assert_screen(&format!("{columns}-columns.txt"), &terminal)?;
        assert_eq!(terminal.1, Some(0));
        assert!(terminal.is_colored());
        let plain = Terminal::run(&log, &[], columns, &[("NO_COLOR", "1")]);
        assert!(!plain.is_colored());
        assert_eq!(plain.text(), terminal.text());
    }
    Ok(())
}

#[test]
fn the_table_of_traces_has_short_ids_and_times_where_it_would_not_fit() -> io::Result<()> {
    let of = |id: &str, micros: u64, message: &str| {
        let line = line("payments", GATEWAY, micros, "ERROR", message);
        with(line, json!({"trace_id": id}))
    };
    let mut log = failing_request();
    log.extend([
        of(
            "0af7651916cd43dd8448eb211c80319c",
            90_000,
            "the bank has refused this card",
        ),
        of("b3ce929d0e0e4736", 150_000, "a trace of Datadog"),
    ]);
    let top = ["--top", "errors"];
    for columns in [60, 80, 100, 160] {
        let terminal = Terminal::run_any(&text(&log), &top, columns, &[]);
        assert_screen(&format!("top-{columns}-columns.txt"), &terminal)?;
        let wide = Terminal::run_any(&text(&log), &["--top", "errors", "--wide"], 300, &[]);
        assert_screen("top-160-columns.txt", &wide)?;
    }
    Ok(())
}

#[test]
fn a_narrow_table_keeps_the_date_of_several_days_and_ids_that_differ_late() {
    let log = text(&failing_request());
    let later = log
        .replace("2026-11-29", "2026-11-30")
        .replace(TRACE, "0af7651916cd43dd8448eb211c80319c");
    let terminal = Terminal::run_any(&(log.clone() + &later), &["--top", "errors"], 80, &[]);
    let shown = terminal.text();
    assert!(shown.contains("0af76519…  2026-11-30T16:00:00Z"), "{shown}");
    let of_xray = log.replace(TRACE, "4bf92f3577b3aaaaaaaaaaaaaaaaaaaa");
    let terminal = Terminal::run_any(&(log + &of_xray), &["--top", "errors"], 80, &[]);
    let shown = terminal.text();
    assert!(shown.contains(TRACE), "prefixes would be equal: {shown}");
}

#[test]
fn no_row_of_the_tree_is_wrapped() {
    let log = text(&failing_request());
    for columns in [40, 60, 61, 79, 80, 100, 160] {
        let terminal = Terminal::run(&log, &[], columns, &[]);
        let screen = terminal.0.screen();
        let wrapped: Vec<u16> = (0..ROWS).filter(|row| screen.row_wrapped(*row)).collect();
        assert!(
            wrapped.is_empty(),
            "{columns}: {wrapped:?}\n{}",
            terminal.text()
        );
    }
}

#[test]
fn hostile_text_changes_neither_the_screen_nor_the_title_nor_the_colors_after_it() {
    let hostile = "\u{1b}[2J\u{1b}[H\u{1b}[31mred\u{1b}]0;title\u{7}\r\u{8}\u{9b}1A\u{1b}c\u{1b}[?25l\u{1b}(0\u{e}";
    let of = |text: &str| {
        let lines = [
            with(
                line("shop", GATEWAY, 1_000, "INFO", text),
                json!({"k": text, "error": text}),
            ),
            close(text, GATEWAY, text, 500, 2_000),
        ];
        support::text(&lines) + &format!("{TRACE} {text}\n")
    };
    for form in [
        &["--tree", "--wide"][..],
        &["--lines"],
        &["--markdown"],
        &[],
    ] {
        let terminal = Terminal::run(&of(hostile), form, 4_000, &[("NO_COLOR", "1")]);
        let shown = terminal.text();
        assert!(shown.contains("\\u{1b}[2J"), "{form:?}\n{shown}");
        let screen = terminal.0.screen();
        assert!(!terminal.is_colored(), "{form:?}\n{shown}");
        assert!(!screen.hide_cursor(), "{form:?}");
        let rows = shown.trim_end().lines().count();
        assert_eq!(
            usize::from(screen.cursor_position().0),
            rows,
            "{form:?}\n{shown}"
        );
    }
}

#[test]
fn a_terminal_shows_why_nothing_was_printed() {
    let terminal = Terminal::run("no id\n", &[], 100, &[]);
    assert_eq!(terminal.1, Some(1));
    let expected = "tracegrep: the id is not in the file that was searched\n";
    assert_eq!(terminal.text(), expected);
}

#[test]
fn only_a_text_that_is_longer_than_the_screen_is_shown_in_the_pager() {
    let pager = [("TRACEGREP_PAGER", "sed s/^/paged:/")];
    let of = |count: u64| {
        let lines = (0..count).map(|number| line("shop", GATEWAY, number, "INFO", "step"));
        text(&lines.collect::<Vec<_>>())
    };
    let last_row = |terminal: &Terminal| terminal.text().lines().last().map(str::to_owned);
    let long = Terminal::run(&of(100), &["--lines"], 300, &pager);
    assert_eq!(long.1, Some(0));
    let row = last_row(&long).expect("rows");
    assert!(row.starts_with("paged:{"), "{row}");
    for (count, arguments) in [(20, &["--lines"][..]), (100, &["--lines", "--no-pager"])] {
        let terminal = Terminal::run(&of(count), arguments, 300, &pager);
        let row = last_row(&terminal).expect("rows");
        assert!(row.starts_with('{'), "{row}");
    }
}
