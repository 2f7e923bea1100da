/// How a text is shown, if colors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Bold,
    Dim,
    Error,
    Warning,
    /// The color of a service, by its number.
    Service(usize),
}

/// The colors of services: cyan, green, blue, magenta, and their bright ones. Red and yellow are for errors and warnings.
const SERVICES: [&str; 8] = ["36", "32", "34", "35", "96", "92", "94", "95"];

impl Style {
    /// The parameter of the escape that sets it (ECMA-48, "SGR").
    pub(super) fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Dim => Some("2"),
            Self::Error => Some("31"),
            Self::Warning => Some("33"),
            Self::Service(number) => SERVICES.get(number % SERVICES.len()).copied(),
        }
    }
}
