//! Loki's push API: protobuf, compressed by snappy.

mod labels;
mod push;

use self::labels::Labels;
use super::{
    answer::Verdict, batch::Batch, body::Body, client::Client, server::Server, target::into_server,
};
use crate::Error;

/// Loki, by its [push API](https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs).
///
/// Labels are few, since each set of their values is a stream: `service_name` and `level` of the line, and those that are named here.
/// `trace_id`, `span_id` and `trace_flags` are structured metadata. All of them come from the fixed keys and the resource of the line's
/// schema, never from another field. On a line of another logger they come from any name that a schema has for them, but the service from
/// `service.name` alone; `with_label_of("service_name", "service")` takes it from another member.
///
/// ```
/// use tracing_stamp::ship::Loki;
///
/// let loki = Loki::new("https://logs.example.com")?
///     .with_tenant("orders")
///     .with_label("env", "production")?;
/// assert!(Loki::new("http://localhost:3100")?.with_label("trace_id", "1").is_err(), "an id makes a stream of each line");
/// # let _ = loki;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Loki {
    pub(super) server: Server,
    labels: Labels,
    tenant: Option<String>,
    max_line_bytes: usize,
}

impl Loki {
    /// A server, or its address, with or without `/loki/api/v1/push`.
    ///
    /// # Errors
    ///
    /// When it is no address for HTTP.
    ///
    /// ```
    /// use tracing_stamp::ship::{Loki, Server};
    ///
    /// let loki = Loki::new(Server::new("https://logs.example.com")?.with_basic("user", "secret"))?;
    /// let error = Loki::new("localhost:3100").expect_err("without a scheme");
    /// assert!(error.to_string().contains("http://"));
    /// # let _ = loki;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn new(server: impl TryInto<Server, Error: Into<Error>>) -> Result<Self, Error> {
        Ok(Self {
            server: into_server(server, push::PATH)?,
            labels: Labels::default(),
            tenant: None,
            max_line_bytes: 256 << 10,
        })
    }

    /// The tenant: `X-Scope-OrgID`.
    ///
    /// ```
    /// # use tracing_stamp::ship::Loki;
    /// let loki = Loki::new("http://localhost:3100")?.with_tenant("orders");
    /// # let _ = loki;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<String>) -> Self {
        let tenant = tenant.into();
        self.server = self.server.with_header("x-scope-orgid", &tenant);
        self.tenant = Some(tenant);
        self
    }

    /// A label that all lines have. The `service_name` of lines that name none can be given so.
    ///
    /// # Errors
    ///
    /// When the name is none of a label, or is that of an id.
    ///
    /// ```
    /// # use tracing_stamp::ship::Loki;
    /// let loki = Loki::new("http://localhost:3100")?.with_label("env", "production")?;
    /// # let _ = loki;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_label(mut self, name: &str, value: &str) -> Result<Self, Error> {
        self.labels.add(name, value)?;
        Ok(self)
    }

    /// A label whose value is that of a member of the line, of few values: each makes a stream.
    ///
    /// # Errors
    ///
    /// When the name is none of a label, or name or member are those of an id.
    ///
    /// ```
    /// # use tracing_stamp::ship::Loki;
    /// let loki = Loki::new("http://localhost:3100")?.with_label_of("route", "http.route")?;
    /// # let _ = loki;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_label_of(mut self, name: &str, member: &str) -> Result<Self, Error> {
        self.labels.add_member(name, member)?;
        Ok(self)
    }

    /// The bytes of a line that the server takes: its `max_line_size`, 256 KiB by default. Longer ones are cut, stay valid JSON and say
    /// `"truncated":true`.
    ///
    /// ```
    /// # use tracing_stamp::ship::Loki;
    /// let loki = Loki::new("http://localhost:3100")?.with_max_line_bytes(64 << 10);
    /// # let _ = loki;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn with_max_line_bytes(mut self, bytes: usize) -> Self {
        self.max_line_bytes = bytes.max(1_024);
        self
    }

    pub(super) fn name(&self) -> String {
        let tenant = self.tenant.as_deref().unwrap_or_default();
        format!("loki {} tenant {tenant:?}", self.server.url)
    }

    pub(super) fn encode(&self, batch: &Batch, lines: &[usize], body: &mut Body) {
        push::encode(&self.labels, self.max_line_bytes, batch, lines, body);
    }

    pub(super) fn send(&self, client: &Client, body: &[u8]) -> Verdict {
        push::send(client, body)
    }
}
