use std::io::{self, IsTerminal as _};

/// Only terminals are recognized here.
pub(crate) fn is_file_or_pipe() -> io::Result<bool> {
    Ok(!io::stdin().is_terminal())
}
