//! Shows a long text in a pager, as `git` does.

use signal_hook::{consts::SIGINT, flag};
use std::{
    env,
    io::{self, IsTerminal as _, Write as _},
    process::{Command, Stdio},
    sync::{Arc, atomic::AtomicBool},
};
use terminal_size::{Height, terminal_size};

/// The pager that most systems have.
const DEFAULT: &str = "less";
/// Of `less`: end at once if the text fits on the screen, show colors, and leave the text on the screen.
const LESS: &str = "FRX";

/// Shows a text in the pager if it is longer than the screen. Returns whether it was shown.
pub(crate) fn show(text: &[u8]) -> bool {
    let is_terminal = io::stdout().is_terminal();
    let Some((_, Height(rows))) = terminal_size().filter(|_| is_terminal) else {
        return false;
    };
    let lines = text.iter().filter(|byte| **byte == b'\n').count();
    let is_long = lines >= usize::from(rows);
    is_long && command(|name| env::var(name).ok()).is_some_and(|command| run(command, text))
}

/// Returns the command of the pager: that of `TRACEGREP_PAGER`, or of `PAGER`, or `less`. An empty one and `cat` are none.
fn command(variable: impl Fn(&str) -> Option<String>) -> Option<Command> {
    let set = variable("TRACEGREP_PAGER").or_else(|| variable("PAGER"));
    let set = set.unwrap_or_else(|| DEFAULT.to_owned());
    let mut words = set.split_whitespace();
    let program = words.next().filter(|program| *program != "cat")?;
    let mut command = Command::new(program);
    command.args(words);
    if variable("LESS").is_none() {
        command.env("LESS", LESS);
    }
    Some(command)
}

/// Returns `false` if the pager cannot be started. The user may leave it before it has read the whole text.
fn run(mut command: Command, text: &[u8]) -> bool {
    // Ctrl-C is for the pager. This program must not end before it.
    let _ = flag::register(SIGINT, Arc::new(AtomicBool::new(false)));
    let Ok(mut child) = command.stdin(Stdio::piped()).spawn() else {
        return false;
    };
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(text);
    }
    let _ = child.wait();
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    fn words(variables: &[(&str, &str)]) -> Option<Vec<String>> {
        let command = command(|name| {
            let set = variables.iter().find(|(known, _)| *known == name);
            set.map(|(_, value)| (*value).to_owned())
        })?;
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let mut words: Vec<String> = words.map(|word| word.to_string_lossy().into()).collect();
        let less = command
            .get_envs()
            .find(|(name, _)| *name == OsStr::new("LESS"));
        words.extend(less.map(|_| "LESS".to_owned()));
        Some(words)
    }

    #[test]
    fn the_pager_is_the_one_that_the_variables_name() {
        for (variables, expected) in [
            (&[][..], Some(&["less", "LESS"][..])),
            (&[("LESS", "R")], Some(&["less"])),
            (&[("PAGER", "most -s")], Some(&["most", "-s", "LESS"])),
            (
                &[("PAGER", "most"), ("TRACEGREP_PAGER", "less -S")],
                Some(&["less", "-S", "LESS"]),
            ),
            (&[("PAGER", "cat")], None),
            (&[("PAGER", "most"), ("TRACEGREP_PAGER", "")], None),
        ] {
            let expected =
                expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
            assert_eq!(words(variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn a_pager_that_is_not_there_has_shown_nothing_and_one_that_ends_early_has() {
        assert!(!run(Command::new("no-such-pager-anywhere"), b"text"));
        let long = vec![b'x'; 1 << 20];
        let mut early = Command::new(env!("CARGO"));
        early.arg("--version").stdout(Stdio::null());
        assert!(run(early, &long));
    }
}
