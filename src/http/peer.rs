//! Who is at the other end of the connection.

use std::net::SocketAddr;

/// The address of a connection's other end, in the extensions of a request. With the feature `axum`, axum's `ConnectInfo` says it too.
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
