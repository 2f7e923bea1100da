//! Which requests come from outside, and therefore begin a trace of their own.

use http::request::Parts;
use std::{fmt, sync::Arc};

type Choose = dyn Fn(&Parts) -> bool + Send + Sync;

/// One choice for all requests, or a closure that chooses for each.
#[derive(Clone)]
pub(super) enum PublicEndpoint {
    All(bool),
    Each(Arc<Choose>),
}

impl PublicEndpoint {
    /// Whether this request begins a trace of its own.
    pub(super) fn receives(&self, parts: &Parts) -> bool {
        match self {
            Self::All(is_public) => *is_public,
            Self::Each(choose) => choose(parts),
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
