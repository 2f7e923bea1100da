use super::peer::Peer;
use http::request::Parts;
use std::{fmt, net::SocketAddr, sync::Arc};

type Text = dyn for<'p> Fn(&'p Parts) -> Option<&'p str> + Send + Sync;
type Address = dyn Fn(&Parts) -> Option<SocketAddr> + Send + Sync;

/// Closures that read the route, the original path and the peer's address from a request. Each router keeps them in types of its own.
#[derive(Clone, Default)]
pub(in crate::http) struct Routing {
    route: Option<Arc<Text>>,
    path: Option<Arc<Text>>,
    peer: Option<Arc<Address>>,
}

impl Routing {
    pub(super) fn read_route(
        &mut self,
        read: impl for<'p> Fn(&'p Parts) -> Option<&'p str> + Send + Sync + 'static,
    ) {
        self.route = Some(Arc::new(read));
    }

    pub(super) fn read_path(
        &mut self,
        read: impl for<'p> Fn(&'p Parts) -> Option<&'p str> + Send + Sync + 'static,
    ) {
        self.path = Some(Arc::new(read));
    }

    pub(super) fn read_peer(
        &mut self,
        read: impl Fn(&Parts) -> Option<SocketAddr> + Send + Sync + 'static,
    ) {
        self.peer = Some(Arc::new(read));
    }

    /// Returns the pattern that the request's path matched, such as `/orders/{order}`.
    pub(in crate::http) fn route<'p>(&self, parts: &'p Parts) -> Option<&'p str> {
        self.route.as_deref().and_then(|read| read(parts))
    }

    /// Returns the path as the client sent it, even if a router has removed a prefix from the request's URI.
    pub(in crate::http) fn path<'p>(&self, parts: &'p Parts) -> &'p str {
        let original = self.path.as_deref().and_then(|read| read(parts));
        original.unwrap_or_else(|| parts.uri.path())
    }

    /// Returns the address of the other end of the connection.
    pub(in crate::http) fn peer(&self, parts: &Parts) -> Option<SocketAddr> {
        let set = parts.extensions.get::<Peer>().map(|peer| peer.0);
        set.or_else(|| self.peer.as_deref().and_then(|read| read(parts)))
    }
}

impl fmt::Debug for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routing")
            .field("has_route", &self.route.is_some())
            .field("has_path", &self.path.is_some())
            .field("has_peer", &self.peer.is_some())
            .finish()
    }
}
