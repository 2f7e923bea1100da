use std::path::Path;

/// The name of standard input among the paths.
pub(crate) const STANDARD_INPUT: &str = "-";

/// Other names of standard input, on Unix.
const DEVICES: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Whether a path is a name of standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    let is_device = || DEVICES.iter().any(|name| path == Path::new(name));
    path == Path::new(STANDARD_INPUT) || cfg!(unix) && is_device()
}
