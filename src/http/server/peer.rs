use std::net::SocketAddr;

/// Request extension with the address of the other end of the connection. If the server keeps the address elsewhere, use
/// [`ServerLayer::with_peer`](super::ServerLayer::with_peer) instead.
///
/// ```
/// use std::net::{Ipv4Addr, SocketAddr};
/// use tracing_stamp::http::Peer;
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(Peer(SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(
    /// The address.
    pub SocketAddr,
);
