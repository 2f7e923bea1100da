use crate::{
    redact::redacted,
    setup::{env::Env, headers::headers, sdk::milliseconds},
};
use std::{fmt, path::PathBuf, time::Duration};
use ureq::http::Uri;

/// Where spans are to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::setup) enum Target {
    /// Nowhere: ids are made all the same.
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

/// How spans go out by OTLP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::setup) struct Otlp {
    pub(in crate::setup) endpoint: String,
    pub(in crate::setup) timeout: Duration,
    pub(in crate::setup) protocol: Protocol,
    pub(in crate::setup) is_compressed: bool,
    pub(in crate::setup) headers: Vec<(String, String)>,
    /// A file of certificates in PEM, trusted in place of the usual ones.
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
    /// `None` where nothing was said.
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
        // Wrong values are told whatever the exporter.
        let shorter = |timeout: Option<Duration>| {
            let timeout = timeout.unwrap_or(TIMEOUT);
            export_timeout.map_or(timeout, |export| export.min(timeout))
        };
        let (is_given, mut otlp) = otlp(env);
        otlp.timeout = shorter(Some(otlp.timeout));
        let zipkin = url(env, "OTEL_EXPORTER_ZIPKIN_ENDPOINT");
        let zipkin_timeout = milliseconds(env, "OTEL_EXPORTER_ZIPKIN_TIMEOUT");
        // An endpoint says what is meant; without one a laptop with nothing running is at peace.
        let exporter = exporter.or(is_given.then_some(Exporter::Otlp))?;
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

/// What is said of OTLP, and whether an endpoint is.
fn otlp(env: &Env<'_>) -> (bool, Otlp) {
    let of_traces_or_all = |name: &str| {
        [
            format!("OTEL_EXPORTER_OTLP_TRACES_{name}"),
            format!("OTEL_EXPORTER_OTLP_{name}"),
        ]
    };
    let names = of_traces_or_all("PROTOCOL");
    let protocol = env.first_of(&[&names[0], &names[1]], |name| {
        let words = [
            ("http/protobuf", Protocol::HttpProtobuf),
            ("http/json", Protocol::HttpJson),
            ("grpc", Protocol::Grpc),
        ];
        env.one_of(name, &words)
    });
    let protocol = protocol.unwrap_or(Protocol::HttpProtobuf);
    let names = of_traces_or_all("ENDPOINT");
    let of_traces = url(env, &names[0]);
    let of_all = url(env, &names[1]).map(|endpoint| match protocol {
        Protocol::HttpProtobuf | Protocol::HttpJson => {
            format!("{}/v1/traces", endpoint.trim_end_matches('/'))
        }
        Protocol::Grpc => endpoint,
    });
    let endpoint = of_traces.or(of_all);
    let names = of_traces_or_all("TIMEOUT");
    let timeout = env.first_of(&[&names[0], &names[1]], |name| milliseconds(env, name));
    let names = of_traces_or_all("COMPRESSION");
    let is_compressed = env.first_of(&[&names[0], &names[1]], |name| {
        env.one_of(name, &[("gzip", true), ("none", false)])
    });
    let names = of_traces_or_all("HEADERS");
    let headers = env.first_of(&[&names[0], &names[1]], |name| headers(env, name));
    let names = of_traces_or_all("CERTIFICATE");
    // Whether it can be read is seen when spans are sent: a file that is missing for now does not stop the service.
    let certificate = env
        .first_of(&[&names[0], &names[1]], |name| env.text(name))
        .map(PathBuf::from);
    let default = match protocol {
        Protocol::HttpProtobuf | Protocol::HttpJson => "http://localhost:4318/v1/traces",
        Protocol::Grpc => "http://localhost:4317",
    };
    let is_given = endpoint.is_some();
    let otlp = Otlp {
        endpoint: endpoint.unwrap_or_else(|| default.to_owned()),
        timeout: timeout.unwrap_or(TIMEOUT),
        protocol,
        is_compressed: is_compressed.unwrap_or(false),
        headers: headers.unwrap_or_default(),
        certificate,
    };
    (is_given, otlp)
}

/// A URL of HTTP.
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
    env.wrong(name, &value, "a URL such as `http://localhost:4318`");
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
