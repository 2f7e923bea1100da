//! Who is asked.

use http::{HeaderMap, Uri, header::HOST, uri::Authority};

/// A name or an address, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) port: Option<u16>,
}

impl Host {
    /// By the target of the request, or else its `Host` header.
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        if let Some(authority) = uri.authority() {
            return Some(Self::from_authority(authority));
        }
        let header = headers.get(HOST)?.to_str().ok()?;
        header
            .parse()
            .ok()
            .map(|authority: Authority| Self::from_authority(&authority))
    }

    /// The port, also where it is that of the scheme.
    pub(super) fn port_or_default(&self, scheme: Option<&str>) -> Option<u16> {
        self.port.or(match scheme {
            Some("http") => Some(80),
            Some("https") => Some(443),
            _ => None,
        })
    }

    fn from_authority(authority: &Authority) -> Self {
        Self {
            // An IPv6 address is in brackets there, and has none as an attribute.
            name: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16(),
        }
    }
}
