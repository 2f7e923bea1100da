use super::peer::Peer;
use http::request::Parts;
use std::{fmt, net::SocketAddr, sync::Arc};

type Text = dyn for<'p> Fn(&'p Parts) -> Option<&'p str> + Send + Sync;
type Address = dyn Fn(&Parts) -> Option<SocketAddr> + Send + Sync;

/// Closures that read the route, the original path and the peer's address from a request. Each router keeps them in types of its own.
#[derive(Clone, Default)]
pub(super) struct Routing {
    route: Option<Arc<Text>>,
    path: Option<Arc<Text>>,
    peer: Option<Arc<Address>>,
}

/// What a router knows of a request.
#[derive(Clone, Copy)]
pub(in crate::http) struct Routed<'p> {
    /// The pattern that the path matched, such as `/orders/{order}`.
    pub(in crate::http) route: Option<&'p str>,
    /// The path as the client sent it, even if a router has removed a prefix from the request's URI.
    pub(in crate::http) path: &'p str,
    /// The address of the other end of the connection.
    pub(in crate::http) peer: Option<SocketAddr>,
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

    /// Reads all of it from a request.
    pub(super) fn read<'p>(&self, parts: &'p Parts) -> Routed<'p> {
        let original_path = self.path.as_deref().and_then(|read| read(parts));
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        Routed {
            route: self.route.as_deref().and_then(|read| read(parts)),
            path: original_path.unwrap_or_else(|| parts.uri.path()),
            peer: peer.or_else(|| self.peer.as_deref().and_then(|read| read(parts))),
        }
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
