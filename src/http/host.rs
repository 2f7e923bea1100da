use http::{HeaderValue, Uri, uri::Authority};

/// The host that a request names: a name or an address, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) port: Option<u16>,
}

impl Host {
    /// Returns the host of the request's target, or else of its `Host` header.
    pub(super) fn of(uri: &Uri, header: Option<&HeaderValue>) -> Option<Self> {
        if let Some(authority) = uri.authority() {
            return Some(Self::from_authority(authority));
        }
        let header = header?.to_str().ok()?;
        Self::from_plain(header).or_else(|| {
            let authority: Authority = header.parse().ok()?;
            Some(Self::from_authority(&authority))
        })
    }

    /// Returns the port, or else the default port of the scheme.
    pub(super) fn port_or_default(&self, scheme: Option<&str>) -> Option<u16> {
        self.port.or(match scheme {
            Some("http") => Some(80),
            Some("https") => Some(443),
            _ => None,
        })
    }

    /// Parses a name of letters, digits, dots and dashes, with or without a port. Nearly every host is one, and this takes a fraction of
    /// the time of parsing everything that a host can be.
    fn from_plain(text: &str) -> Option<Self> {
        let length = text.bytes().position(|byte| !IS_PLAIN[usize::from(byte)]);
        let (name, rest) = text.split_at_checked(length.unwrap_or(text.len()))?;
        let port = rest.strip_prefix(':');
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        (!name.is_empty() && port.map_or(rest.is_empty(), is_port)).then(|| Self {
            name: name.to_owned(),
            port: port.and_then(|port| port.parse().ok()),
        })
    }

    pub(super) fn from_authority(authority: &Authority) -> Self {
        Self {
            // An IPv6 address has brackets in an authority, and none in an attribute.
            name: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16(),
        }
    }
}

/// Whether each byte is a letter, a digit, a dot or a dash.
const IS_PLAIN: [bool; 256] = {
    let mut is_plain = [false; 256];
    let mut byte = 0;
    while byte < is_plain.len() {
        is_plain[byte] =
            matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-');
        byte += 1;
    }
    is_plain
};
