use serde_json::Value;

/// The role of a span in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// The fields of spans that have their kind.
const NAMES: [&str; 3] = ["otel.kind", "span.kind", "span_kind"];

impl Kind {
    pub(super) fn is_its_field(name: &str) -> bool {
        NAMES.contains(&name)
    }

    /// Returns the kind that the fields of a span name.
    pub(super) fn of(fields: &[(String, Value)]) -> Option<Self> {
        let mut fields = fields.iter().filter(|(name, _)| Self::is_its_field(name));
        fields.find_map(|(_, value)| Self::of_name(value.as_str()?))
    }

    fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Some(match name.strip_prefix("span_kind_").unwrap_or(&name) {
            "internal" => Self::Internal,
            "server" => Self::Server,
            "client" => Self::Client,
            "producer" => Self::Producer,
            "consumer" => Self::Consumer,
            _ => return None,
        })
    }

    /// The name in Jaeger.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }

    /// The number in OpenTelemetry's protocol.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Server => 2,
            Self::Client => 3,
            Self::Producer => 4,
            Self::Consumer => 5,
        }
    }
}
