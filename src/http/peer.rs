//! Who is at the other end of the connection.

use std::net::SocketAddr;

/// The address of the other end of a connection, in the extensions of a request. A server that has it elsewhere is read by
/// [`ServerLayer::with_peer`](super::ServerLayer::with_peer).
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
