use crate::setup::{env::Env, headers::headers, sdk::milliseconds};
use collector_client::ureq::http::Uri;
use log_files::redacted;
use std::{fmt, path::PathBuf, time::Duration};

/// Where spans are exported to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::setup) enum Target {
    /// Nowhere. Spans still get ids.
    None,
    /// Standard error.
    Console,
    OtlpHttp(Otlp),
    OtlpGrpc(Otlp),
    Zipkin {
        endpoint: String,
        timeout: Duration,
    },
}

/// The settings of an exporter for OTLP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::setup) struct Otlp {
    pub(in crate::setup) endpoint: String,
    pub(in crate::setup) timeout: Duration,
    pub(in crate::setup) protocol: Protocol,
    pub(in crate::setup) is_compressed: bool,
    pub(in crate::setup) headers: Vec<(String, String)>,
    /// A PEM file of certificates that are trusted in place of the usual ones.
    pub(in crate::setup) certificate: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Exporter {
    Otlp,
    Zipkin,
    Console,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::setup) enum Protocol {
    HttpProtobuf,
    HttpJson,
    Grpc,
}

const ZIPKIN_DEFAULT: &str = "http://localhost:9411/api/v2/spans";

impl Target {
    /// `None` if no variable names an exporter or an endpoint.
    pub(in crate::setup) fn from_env(
        env: &Env<'_>,
        export_timeout: Option<Duration>,
    ) -> Option<Self> {
        let exporter = env.one_of(
            "OTEL_TRACES_EXPORTER",
            &[
                ("otlp", Exporter::Otlp),
                ("zipkin", Exporter::Zipkin),
                ("console", Exporter::Console),
                ("none", Exporter::None),
            ],
        );
        // The variables of all exporters are read, so that an invalid value is reported even if its exporter is not used.
        let shorter = |timeout: Option<Duration>| {
            let timeout = timeout.unwrap_or(TIMEOUT);
            export_timeout.map_or(timeout, |export| export.min(timeout))
        };
        let (has_endpoint, mut otlp) = otlp(env);
        otlp.timeout = shorter(Some(otlp.timeout));
        let zipkin = url(env, "OTEL_EXPORTER_ZIPKIN_ENDPOINT");
        let zipkin_timeout = milliseconds(env, "OTEL_EXPORTER_ZIPKIN_TIMEOUT");
        // The specification's default is `otlp`. Here it is `none` if no endpoint is set, so that a machine without a backend sees no
        // failures.
        let exporter = exporter.or(has_endpoint.then_some(Exporter::Otlp))?;
        Some(match exporter {
            Exporter::None => Self::None,
            Exporter::Console => Self::Console,
            Exporter::Zipkin => Self::Zipkin {
                endpoint: zipkin.unwrap_or_else(|| ZIPKIN_DEFAULT.to_owned()),
                timeout: shorter(zipkin_timeout),
            },
            Exporter::Otlp if otlp.protocol == Protocol::Grpc => Self::OtlpGrpc(otlp),
            Exporter::Otlp => Self::OtlpHttp(otlp),
        })
    }
}

/// The specification's default for both exporters.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of OTLP, and whether a variable sets the endpoint.
fn otlp(env: &Env<'_>) -> (bool, Otlp) {
    let names_of = |name: &str| {
        [
            format!("OTEL_EXPORTER_OTLP_TRACES_{name}"),
            format!("OTEL_EXPORTER_OTLP_{name}"),
        ]
    };
    let names = names_of("PROTOCOL");
    let protocol = env.first_of(&[&names[0], &names[1]], |name| {
        let words = [
            ("http/protobuf", Protocol::HttpProtobuf),
            ("http/json", Protocol::HttpJson),
            ("grpc", Protocol::Grpc),
        ];
        env.one_of(name, &words)
    });
    let protocol = protocol.unwrap_or(Protocol::HttpProtobuf);
    let names = names_of("ENDPOINT");
    // Of OTLP's two endpoints, the one for all signals is a base URL: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
    let for_traces = url(env, &names[0]);
    let for_all = url(env, &names[1]).map(|endpoint| match protocol {
        Protocol::HttpProtobuf | Protocol::HttpJson => {
            format!("{}/v1/traces", endpoint.trim_end_matches('/'))
        }
        Protocol::Grpc => endpoint,
    });
    let endpoint = for_traces.or(for_all);
    let names = names_of("TIMEOUT");
    let timeout = env.first_of(&[&names[0], &names[1]], |name| milliseconds(env, name));
    let names = names_of("COMPRESSION");
    let is_compressed = env.first_of(&[&names[0], &names[1]], |name| {
        env.one_of(name, &[("gzip", true), ("none", false)])
    });
    let names = names_of("HEADERS");
    let headers = env.first_of(&[&names[0], &names[1]], |name| headers(env, name));
    let names = names_of("CERTIFICATE");
    // The file is read when spans are sent, so a missing file does not stop the service.
    let certificate = env
        .first_of(&[&names[0], &names[1]], |name| env.text(name))
        .map(PathBuf::from);
    let default = match protocol {
        Protocol::HttpProtobuf | Protocol::HttpJson => "http://localhost:4318/v1/traces",
        Protocol::Grpc => "http://localhost:4317",
    };
    let has_endpoint = endpoint.is_some();
    let otlp = Otlp {
        endpoint: endpoint.unwrap_or_else(|| default.to_owned()),
        timeout: timeout.unwrap_or(TIMEOUT),
        protocol,
        is_compressed: is_compressed.unwrap_or(false),
        headers: headers.unwrap_or_default(),
        certificate,
    };
    (has_endpoint, otlp)
}

/// The `http` or `https` URL in a variable.
fn url(env: &Env<'_>, name: &str) -> Option<String> {
    let value = env.text(name)?;
    let host = value
        .strip_prefix("http://")
        .or_else(|| value.strip_prefix("https://"));
    let is_url = host.is_some_and(|host| {
        !host.is_empty()
            && !host.starts_with('/')
            && host.matches('[').count() == host.matches(']').count()
            && !host.contains(|character: char| character.is_whitespace() || character.is_control())
    });
    if is_url && value.parse::<Uri>().is_ok_and(|uri| uri.host().is_some()) {
        return Some(value);
    }
    env.invalid(name, &value, "a URL such as `http://localhost:4318`");
    None
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("nowhere"),
            Self::Console => f.write_str("standard error"),
            Self::OtlpHttp(Otlp { endpoint, .. })
            | Self::OtlpGrpc(Otlp { endpoint, .. })
            | Self::Zipkin { endpoint, .. } => f.write_str(&redacted(endpoint)),
        }
    }
}
