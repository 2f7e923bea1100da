//! Sends lines to Loki by its push API: protobuf, compressed with snappy.

mod labels;
mod push;

use self::labels::Labels;
use super::{
    batch::{Batch, Line},
    body::Body,
    client::Client,
    server::Server,
    verdict::Verdict,
};
use crate::error::Error;
use std::time::Duration;

/// By how much the times of the lines of a request differ at most. Loki refuses an entry that is more than an hour older than the newest one
/// of its stream, even if it has stored that entry already.
pub(super) const MAX_SPREAD: Duration = Duration::from_secs(55 * 60);

/// Loki, reached by its [push API](https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs).
///
/// Each set of label values creates a stream, so there are few labels:
///
/// - `service_name` is the service of the line, or `unknown_service`.
/// - `level` is the level in lower case.
/// - [`with_label`](Self::with_label) and [`with_label_of`](Self::with_label_of) add labels.
///
/// `trace_id`, `span_id` and `trace_flags` are structured metadata, and so is `log_iostream`, the stream of a container's line.
///
/// Loki stores one entry of the same time and text in a stream. See [Delivery](crate#delivery) for what this means for repeated lines.
///
/// All of these come from the fixed keys and the resource of the line's schema, never from another field. On a line of another logger, level
/// and ids are found under any name that a schema has for them, but the service under `service.name` alone.
/// `with_label_of("service_name", "service")` reads it from another member.
///
/// ```
/// use traceship::Loki;
///
/// let loki = Loki::new("https://logs.example.com")?
///     .with_tenant("orders")
///     .with_label("env", "production")?;
/// assert!(loki.with_label("trace_id", "1").is_err(), "an id would make a stream of each line");
/// # Ok::<(), traceship::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Loki {
    pub(super) server: Server,
    labels: Labels,
    tenant: Option<String>,
    max_line_bytes: usize,
}

impl Loki {
    /// Creates a target from a [`Server`] or an address, with or without `/loki/api/v1/push` at its end.
    ///
    /// # Errors
    ///
    /// If the address is not a valid HTTP URL. See [`Server::new`].
    ///
    /// ```
    /// use traceship::{Loki, Server};
    ///
    /// Loki::new("http://localhost:3100")?;
    /// Loki::new(Server::new("https://logs.example.com")?.with_basic("user", "secret"))?;
    /// let error = Loki::new("localhost:3100").expect_err("the scheme is missing");
    /// assert!(error.to_string().contains("http://"));
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn new(server: impl TryInto<Server, Error: Into<Error>>) -> Result<Self, Error> {
        Ok(Self {
            server: Server::for_api(server, push::PATH)?,
            labels: Labels::default(),
            tenant: None,
            max_line_bytes: 256 << 10,
        })
    }

    /// Sets the tenant (`X-Scope-OrgID`).
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<String>) -> Self {
        let tenant = tenant.into();
        self.server = self.server.with_header("x-scope-orgid", &tenant);
        self.tenant = Some(tenant);
        self
    }

    /// Adds a label with the same value for all lines. A label `service_name` applies only to lines without a service of their own.
    ///
    /// # Errors
    ///
    /// If the name is not a valid label name, is used already (`level` always is), or is a name for an id or for another value that
    /// differs in each line, such as `order_id` or `timestamp`.
    pub fn with_label(mut self, name: &str, value: &str) -> Result<Self, Error> {
        self.labels.add(name, value)?;
        Ok(self)
    }

    /// Adds a label with the value of a member of the line. Choose a member with few values, since each value creates a stream.
    ///
    /// # Errors
    ///
    /// For the same reasons as [`with_label`](Self::with_label), and if the member is an id.
    ///
    /// ```
    /// # use traceship::Loki;
    /// let loki = Loki::new("http://localhost:3100")?.with_label_of("route", "http.route")?;
    /// assert!(loki.with_label_of("request", "request.id").is_err());
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn with_label_of(mut self, name: &str, member: &str) -> Result<Self, Error> {
        self.labels.add_member(name, member)?;
        Ok(self)
    }

    /// Sets the maximum size of a line in bytes. This is Loki's `max_line_size`; the default is 256 KiB, the minimum 1 KiB. A longer line is
    /// cut, stays valid JSON and has `"truncated":true`.
    #[must_use]
    pub fn with_max_line_bytes(mut self, bytes: usize) -> Self {
        self.max_line_bytes = bytes.max(1_024);
        self
    }

    pub(super) fn name(&self) -> String {
        let tenant = self.tenant.as_deref().unwrap_or_default();
        format!("loki {} tenant {tenant:?}", self.server.url())
    }

    pub(super) fn encode(&self, batch: &Batch, lines: &[usize], body: &mut Body) {
        push::encode(&self.labels, self.max_line_bytes, batch, lines, body);
    }

    pub(super) fn stream_key(&self, line: Line<'_>) -> Vec<u8> {
        let mut key = Vec::new();
        self.labels.push_key(line, &mut key);
        key
    }

    pub(super) fn labels(&self, line: Line<'_>) -> String {
        self.labels.render(line)
    }

    pub(super) fn send(&self, client: &Client, body: &[u8]) -> Verdict {
        push::send(client, body)
    }
}
