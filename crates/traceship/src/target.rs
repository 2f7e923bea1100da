//! Where lines are sent: the parts that all kinds of targets share.

use super::{
    batch::{Batch, Line},
    body::Body,
    client::Client,
    elasticsearch::Elasticsearch,
    loki::{self, Loki},
    otlp::Otlp,
    parse_target,
    server::Server,
    verdict::Verdict,
};
use crate::error::Error;
use std::{
    cell::Cell,
    env::{self, VarError},
    time::Duration,
};

/// Where a [`Shipper`](super::Shipper) sends lines: a [`Loki`], an [`Elasticsearch`] or an [`Otlp`] collector.
///
/// A program creates one of these types and passes it to [`Shipper::new`](super::Shipper::new), which converts it.
/// [`Target::named`] reads a target from a setting such as `loki=http://localhost:3100`.
#[derive(Clone, Debug)]
pub struct Target(pub(super) Kind);

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Loki(Loki),
    Elasticsearch(Elasticsearch),
    Otlp(Otlp),
}

/// The kinds of targets, as they appear in the names of cursors and of files of rejected lines.
pub(super) const KINDS: [&str; 3] = ["loki", "elasticsearch", "otlp"];

impl From<Loki> for Target {
    fn from(loki: Loki) -> Self {
        Self(Kind::Loki(loki))
    }
}

impl From<Elasticsearch> for Target {
    fn from(elasticsearch: Elasticsearch) -> Self {
        Self(Kind::Elasticsearch(elasticsearch))
    }
}

impl From<Otlp> for Target {
    fn from(otlp: Otlp) -> Self {
        Self(Kind::Otlp(otlp))
    }
}

impl Target {
    /// Reads a target from `loki=URL`, `elasticsearch=URL/INDEX`, `opensearch=URL/INDEX` or `otlp=URL`, and its credentials from the
    /// environment.
    ///
    /// `opensearch` means the same as `elasticsearch`, except for the [index template](Elasticsearch::index_template).
    ///
    /// [`VARIABLES`](super::VARIABLES) lists all variables. For Loki they are those of Loki's `logcli`:
    ///
    /// - `LOKI_USERNAME` and `LOKI_PASSWORD`, or else `LOKI_BEARER_TOKEN_FILE`, or else `LOKI_BEARER_TOKEN`,
    /// - `LOKI_ORG_ID`: the tenant,
    /// - `LOKI_CA_CERT_PATH`: a file with the certificates to trust, in PEM,
    /// - `LOKI_CLIENT_CERT_PATH` and `LOKI_CLIENT_KEY_PATH`: files with the client's certificates and its private key, in PEM,
    /// - `LOKI_URL`, or else `LOKI_ADDR`: the address, if the text is `loki` alone.
    ///
    /// For Elasticsearch and OpenSearch:
    ///
    /// - `ELASTICSEARCH_API_KEY`, or else `ELASTICSEARCH_USERNAME` and `ELASTICSEARCH_PASSWORD`,
    /// - `ELASTICSEARCH_CA_CERT_PATH`: a file with the certificates to trust, in PEM.
    ///
    /// Requests to any server go through a proxy, if there is one:
    ///
    /// - `https_proxy`, or else `HTTPS_PROXY`, for an `https` address; `http_proxy` for an `http` address,
    /// - `all_proxy`, or else `ALL_PROXY`, if none of these applies,
    /// - `no_proxy`, or else `NO_PROXY`: the hosts that are reached without a proxy.
    ///
    /// # Errors
    ///
    /// If the target is unknown, its address or its index is invalid, or a variable is not valid UTF-8.
    ///
    /// ```
    /// use traceship::Target;
    ///
    /// Target::named("loki=http://localhost:3100")?;
    /// Target::named("elasticsearch=http://localhost:9200/logs-orders-default")?;
    /// let error = Target::named("lokki=http://localhost:3100").expect_err("the name is misspelt");
    /// assert!(error.to_string().contains("loki=URL"));
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn named(text: &str) -> Result<Self, Error> {
        let not_unicode = Cell::new(None);
        let target = parse_target::parse(text, &|name| match env::var(name) {
            Ok(value) => Some(value).filter(|value| !value.trim().is_empty()),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(_)) => {
                not_unicode.set(Some(name));
                None
            }
        });
        match not_unicode.get() {
            // The message leaves out the value, which may be a password.
            Some(name) => Err(Error::invalid_input(format!("{name} is not valid UTF-8"))),
            None => target,
        }
    }

    /// Returns the number of concurrent requests with which a server that crashes loses nothing.
    ///
    /// Loki's ingester writes to its write-ahead log after it has released the stream. Of two requests to one stream, the later one can
    /// come first in that log, and the replay then drops the lines of the other.
    pub(super) fn in_flight(&self) -> usize {
        match self.0 {
            Kind::Loki(_) => 1,
            Kind::Elasticsearch(_) | Kind::Otlp(_) => 4,
        }
    }

    /// Changes the settings of a Loki. Returns other targets unchanged.
    ///
    /// # Errors
    ///
    /// The error that `change` returns.
    ///
    /// ```
    /// use traceship::Target;
    ///
    /// let target = Target::named("loki=http://localhost:3100")?.map_loki(|loki| loki.with_label("env", "production"))?;
    /// # let _ = target;
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn map_loki(self, change: impl FnOnce(Loki) -> Result<Loki, Error>) -> Result<Self, Error> {
        match self.0 {
            Kind::Loki(loki) => change(loki).map(Self::from),
            other => Ok(Self(other)),
        }
    }

    /// Returns the kind of this target, one of [`KINDS`].
    pub(super) fn kind(&self) -> &'static str {
        let [loki, elasticsearch, otlp] = KINDS;
        match &self.0 {
            Kind::Loki(_) => loki,
            Kind::Elasticsearch(_) => elasticsearch,
            Kind::Otlp(_) => otlp,
        }
    }

    /// Returns the text that identifies this target in the cursor and in messages. It contains no secrets.
    pub(super) fn name(&self) -> String {
        match &self.0 {
            Kind::Loki(loki) => loki.name(),
            Kind::Elasticsearch(elasticsearch) => elasticsearch.name(),
            Kind::Otlp(otlp) => otlp.name(),
        }
    }

    pub(super) fn client(&self) -> Client {
        Client::new(self.server().clone())
    }

    /// Encodes lines of a batch as the body of a request. The same lines always give the same bytes.
    pub(super) fn encode(&self, batch: &Batch, lines: &[usize], body: &mut Body) {
        body.cut = 0;
        match &self.0 {
            Kind::Loki(loki) => loki.encode(batch, lines, body),
            Kind::Elasticsearch(elasticsearch) => elasticsearch.encode(batch, lines, body),
            Kind::Otlp(otlp) => otlp.encode(batch, lines, body),
        }
    }

    /// Returns by how much the times of a request's lines may differ, so that the server takes all of them again if its response is lost.
    pub(super) fn max_spread(&self) -> Option<Duration> {
        match &self.0 {
            Kind::Loki(_) => Some(loki::MAX_SPREAD),
            Kind::Elasticsearch(_) | Kind::Otlp(_) => None,
        }
    }

    /// Returns what identifies the stream of a line, if the server has streams.
    pub(super) fn stream_key(&self, line: Line<'_>) -> Vec<u8> {
        match &self.0 {
            Kind::Loki(loki) => loki.stream_key(line),
            Kind::Elasticsearch(_) | Kind::Otlp(_) => Vec::new(),
        }
    }

    /// Returns the labels of a line, if the server has labels.
    pub(super) fn labels(&self, line: Line<'_>) -> Option<String> {
        match &self.0 {
            Kind::Loki(loki) => Some(loki.labels(line)),
            Kind::Elasticsearch(_) | Kind::Otlp(_) => None,
        }
    }

    pub(super) fn send(&self, client: &Client, body: &[u8], lines: usize) -> Verdict {
        match &self.0 {
            Kind::Loki(loki) => loki.send(client, body),
            Kind::Elasticsearch(elasticsearch) => elasticsearch.send(client, body, lines),
            Kind::Otlp(otlp) => otlp.send(client, body),
        }
    }

    fn server(&self) -> &Server {
        match &self.0 {
            Kind::Loki(loki) => &loki.server,
            Kind::Elasticsearch(elasticsearch) => &elasticsearch.server,
            Kind::Otlp(otlp) => &otlp.server,
        }
    }
}
