//! Which answers are errors.

use super::grpc;
use http::StatusCode;

/// Whose span it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Server,
    Client,
}

impl Side {
    /// A refusal is the client's error, and a server that refuses has none.
    pub(super) fn is_error(self, status: StatusCode) -> bool {
        // A status beyond those that there are is one that a client fails to interpret.
        status.as_u16() >= if self == Self::Client { 400 } else { 500 }
    }

    pub(super) fn is_rpc_error(self, code: &str) -> bool {
        match self {
            Self::Server => grpc::is_server_error(code),
            Self::Client => code != "OK",
        }
    }
}
