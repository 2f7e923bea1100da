use http::request::Parts;
use std::{fmt, sync::Arc};

type Decide = dyn Fn(&Parts) -> bool + Send + Sync;

/// Which requests begin a new trace: all, none, or those that a closure chooses.
#[derive(Clone)]
pub(super) enum PublicEndpoint {
    All(bool),
    Each(Arc<Decide>),
}

impl PublicEndpoint {
    /// Returns whether this request comes to a public endpoint.
    pub(super) fn receives(&self, parts: &Parts) -> bool {
        match self {
            Self::All(is_public) => *is_public,
            Self::Each(decide) => decide(parts),
        }
    }
}

impl fmt::Debug for PublicEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(is_public) => is_public.fmt(f),
            Self::Each(_) => f.write_str("by request"),
        }
    }
}
