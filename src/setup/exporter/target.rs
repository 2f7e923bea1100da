use crate::setup::{checks::number, env::Env};
use std::{fmt, path::PathBuf, time::Duration};

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
    },
}

/// What the exporter does not read itself, or not right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::setup) struct Otlp {
    /// For telling.
    pub(in crate::setup) endpoint: String,
    pub(in crate::setup) timeout: Duration,
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Http,
    Grpc,
}

const ZIPKIN_DEFAULT: &str = "http://localhost:9411/api/v2/spans";

impl Target {
    /// `None` where nothing was said.
    pub(in crate::setup) fn from_env(env: &Env<'_>) -> Option<Self> {
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
        let (protocol, endpoint, otlp) = otlp(env);
        let zipkin = url(env, "OTEL_EXPORTER_ZIPKIN_ENDPOINT");
        // An endpoint says what is meant; without one a laptop with nothing running is at peace.
        let exporter = exporter.or(endpoint.is_some().then_some(Exporter::Otlp))?;
        Some(match exporter {
            Exporter::None => Self::None,
            Exporter::Console => Self::Console,
            Exporter::Zipkin => Self::Zipkin {
                endpoint: zipkin.unwrap_or_else(|| ZIPKIN_DEFAULT.to_owned()),
            },
            Exporter::Otlp if protocol == Protocol::Grpc => Self::OtlpGrpc(otlp),
            Exporter::Otlp => Self::OtlpHttp(otlp),
        })
    }
}

fn otlp(env: &Env<'_>) -> (Protocol, Option<String>, Otlp) {
    let of_traces_or_all = |name: &str| {
        [
            format!("OTEL_EXPORTER_OTLP_TRACES_{name}"),
            format!("OTEL_EXPORTER_OTLP_{name}"),
        ]
    };
    let names = of_traces_or_all("PROTOCOL");
    let protocol = env.first_of(&[&names[0], &names[1]], |name| {
        let words = [
            ("http/protobuf", Protocol::Http),
            ("http/json", Protocol::Http),
            ("grpc", Protocol::Grpc),
        ];
        env.one_of(name, &words)
    });
    let protocol = protocol.unwrap_or(Protocol::Http);
    let names = of_traces_or_all("ENDPOINT");
    let of_traces = url(env, &names[0]);
    let of_all = url(env, &names[1]).map(|endpoint| match protocol {
        Protocol::Http => format!("{}/v1/traces", endpoint.trim_end_matches('/')),
        Protocol::Grpc => endpoint,
    });
    let endpoint = of_traces.or(of_all);
    let names = of_traces_or_all("TIMEOUT");
    let timeout = env.first_of(&[&names[0], &names[1]], |name| {
        number::<u64>(env, name, "a number of milliseconds")
    });
    for name in of_traces_or_all("COMPRESSION") {
        env.one_of(&name, &[("gzip", ()), ("none", ())]);
    }
    for name in of_traces_or_all("HEADERS") {
        if let Some(headers) = env.text(&name)
            && !headers.split(',').all(is_header)
        {
            // Not the value, in which there may be a password.
            env.problem(format!(
                "{name} has a member that is no `key=value`, and takes those with commas between them"
            ));
        }
    }
    let names = of_traces_or_all("CERTIFICATE");
    let certificate = env.first_of(&[&names[0], &names[1]], |name| {
        env.parsed(
            name,
            "the path of a file that can be read, of certificates in PEM",
            |path| {
                let pem = std::fs::read(path).ok()?;
                let begin = b"-----BEGIN CERTIFICATE-----";
                let is_pem = pem.windows(begin.len()).any(|part| part == begin);
                is_pem.then(|| PathBuf::from(path))
            },
        )
    });
    let default = match protocol {
        Protocol::Http => "http://localhost:4318/v1/traces",
        Protocol::Grpc => "http://localhost:4317",
    };
    let otlp = Otlp {
        endpoint: endpoint.clone().unwrap_or_else(|| default.to_owned()),
        timeout: Duration::from_millis(timeout.unwrap_or(10_000)),
        certificate,
    };
    (protocol, endpoint, otlp)
}

fn is_header(member: &str) -> bool {
    member.trim().is_empty()
        || member
            .split_once('=')
            .is_some_and(|(key, _)| !key.trim().is_empty())
}

fn url(env: &Env<'_>, name: &str) -> Option<String> {
    env.parsed(name, "a URL such as `http://localhost:4318`", |value| {
        let host = value
            .strip_prefix("http://")
            .or_else(|| value.strip_prefix("https://"))?;
        let is_url =
            !host.is_empty() && !host.starts_with('/') && !host.contains(char::is_whitespace);
        is_url.then(|| value.to_owned())
    })
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("nowhere"),
            Self::Console => f.write_str("standard error"),
            Self::OtlpHttp(Otlp { endpoint, .. })
            | Self::OtlpGrpc(Otlp { endpoint, .. })
            | Self::Zipkin { endpoint } => f.write_str(&without_password(endpoint)),
        }
    }
}

/// A URL without what may be a secret in it.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    match host.rsplit_once('@') {
        Some((secret, _)) => format!("{scheme}://{}", &rest[secret.len() + 1..]),
        None => url.to_owned(),
    }
}
