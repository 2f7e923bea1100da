//! Where lines go: what is alike for all of them.

use super::{
    answer::Verdict, batch::Batch, body::Body, client::Client, elasticsearch::Elasticsearch,
    loki::Loki, otlp::Otlp, server::Server,
};
use crate::Error;

/// Where a [`Shipper`](super::Shipper) sends lines: made of a [`Loki`], an [`Elasticsearch`] or an [`Otlp`].
///
/// ```
/// use tracing_stamp::ship::{Loki, Target};
///
/// let target: Target = Loki::new("http://localhost:3100")?.into();
/// # let _ = target;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Target(pub(super) Kind);

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Loki(Loki),
    Elasticsearch(Elasticsearch),
    Otlp(Otlp),
}

/// The words of all targets for names of files.
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
    /// How many requests at once lose nothing when the server crashes. Loki's ingester writes to its log (WAL) after it has let go
    /// of the stream: of two requests to one stream the later may stand first there, and replaying drops the other's lines.
    pub(super) fn in_flight(&self) -> usize {
        match self.0 {
            Kind::Loki(_) => 1,
            Kind::Elasticsearch(_) | Kind::Otlp(_) => 4,
        }
    }

    /// The same with other settings, where it is a Loki.
    ///
    /// # Errors
    ///
    /// Those of the change.
    ///
    /// ```
    /// use tracing_stamp::ship::Target;
    ///
    /// let target = Target::named("loki=http://localhost:3100")?.map_loki(|loki| loki.with_label("env", "production"))?;
    /// # let _ = target;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn map_loki(self, change: impl FnOnce(Loki) -> Result<Loki, Error>) -> Result<Self, Error> {
        match self.0 {
            Kind::Loki(loki) => change(loki).map(Self::from),
            other => Ok(Self(other)),
        }
    }

    /// A word for names of files.
    pub(super) fn kind(&self) -> &'static str {
        let [loki, elasticsearch, otlp] = KINDS;
        match &self.0 {
            Kind::Loki(_) => loki,
            Kind::Elasticsearch(_) => elasticsearch,
            Kind::Otlp(_) => otlp,
        }
    }

    /// What tells it from others, without secrets.
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

    /// Makes lines of a batch into what is sent. The same lines are always the same bytes.
    pub(super) fn encode(&self, batch: &Batch, lines: &[usize], body: &mut Body) {
        body.cut = 0;
        match &self.0 {
            Kind::Loki(loki) => loki.encode(batch, lines, body),
            Kind::Elasticsearch(elasticsearch) => elasticsearch.encode(batch, lines, body),
            Kind::Otlp(otlp) => otlp.encode(batch, lines, body),
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

/// A server, or its address, without the path that is the target's own.
pub(super) fn into_server(
    server: impl TryInto<Server, Error: Into<Error>>,
    own: &str,
) -> Result<Server, Error> {
    let mut server: Server = server.try_into().map_err(Into::into)?;
    if let Some(base) = server.url.strip_suffix(own) {
        server.url.truncate(base.len());
    }
    Ok(server)
}
