/// The severity of a line, as OpenTelemetry orders it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For following each step.
    Trace,
    /// For finding faults.
    Debug,
    /// Normal operation.
    Info,
    /// Something is wrong, and the program continues.
    Warn,
    /// An operation failed.
    Error,
    /// The program cannot continue.
    Fatal,
}
