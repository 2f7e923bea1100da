//! A server's address, credentials and certificates.

use crate::error::Error;
use collector_client::{Tls, ureq::http::Uri};
use log_files::{disk, redacted};
use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// A log server that is reached over HTTP: its address, credentials and certificates. Its `Debug` output shows no secrets.
///
/// ```
/// use traceship::{Loki, Server};
///
/// let server = Server::new("https://logs.example.com")?
///     .with_bearer_file("/var/run/secrets/token")
///     .with_roots("/etc/ssl/internal.pem");
/// let loki = Loki::new(server)?;
/// # let _ = loki;
/// # Ok::<(), traceship::Error>(())
/// ```
#[derive(Clone)]
pub struct Server {
    pub(super) url: String,
    auth: Auth,
    pub(super) headers: Vec<(String, String)>,
    pub(super) tls: Tls,
}

#[derive(Clone)]
enum Auth {
    None,
    Header(String),
    BearerFile(PathBuf),
}

impl Server {
    /// Converts an address to a server, and removes the path of a target's API from its end.
    pub(super) fn for_api(
        server: impl TryInto<Self, Error: Into<Error>>,
        api_path: &str,
    ) -> Result<Self, Error> {
        let mut server: Self = server.try_into().map_err(Into::into)?;
        if let Some(base) = server.url.strip_suffix(api_path) {
            server.url.truncate(base.len());
        }
        Ok(server)
    }

    /// Creates a server from its address. The address may contain a user and a password, which are used but never shown.
    ///
    /// # Errors
    ///
    /// If the address is not an `http://` or `https://` URL with a host, or has a query or a fragment.
    ///
    /// ```
    /// use traceship::Server;
    ///
    /// let error = Server::new("localhost:3100").expect_err("the scheme is missing");
    /// assert!(error.to_string().contains("http://"));
    /// ```
    pub fn new(url: &str) -> Result<Self, Error> {
        let invalid = |why: &str| {
            Error::invalid_input(format!(
                "`{}` is not a valid server address: {why}",
                redacted(url)
            ))
        };
        let uri: Uri = url.trim().parse().map_err(|_| invalid("it is not a URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(invalid("it does not begin with `http://` or `https://`"));
        }
        let authority = uri.authority().ok_or_else(|| invalid("it has no host"))?;
        if uri.query().is_some() || url.contains('#') {
            return Err(invalid(
                "it has a `?` or a `#`: write them as `%3F` and `%23` in a password",
            ));
        }
        if uri.path().contains('@') {
            return Err(invalid(
                "it has an `@` after a slash: write a slash in a password as `%2F`",
            ));
        }
        let port = authority.as_str().rsplit_once(':').map(|(_, port)| port);
        let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
        if port.is_some_and(|port| !port.contains([']', '@']) && !is_port(port)) {
            return Err(invalid("its port is not a number from 1 to 65535"));
        }
        let (credentials, host) = match authority.as_str().rsplit_once('@') {
            Some((credentials, host)) => (Some(credentials), host),
            None => (None, authority.as_str()),
        };
        let mut server = Self {
            url: format!(
                "{}://{host}{}",
                uri.scheme_str().unwrap_or("http"),
                uri.path().trim_end_matches('/')
            ),
            auth: Auth::None,
            headers: Vec::new(),
            tls: Tls::default(),
        };
        if let Some(credentials) = credentials {
            let decoded = percent_encoding::percent_decode_str(credentials).decode_utf8_lossy();
            let (user, password) = decoded.split_once(':').unwrap_or((&decoded, ""));
            server.auth = Auth::Header(basic(user, password));
        }
        Ok(server)
    }

    /// Authenticates with a user and a password (HTTP Basic).
    #[must_use]
    pub fn with_basic(mut self, user: &str, password: &str) -> Self {
        self.auth = Auth::Header(basic(user, password));
        self
    }

    /// Authenticates with a bearer token.
    #[must_use]
    pub fn with_bearer(mut self, token: &str) -> Self {
        self.auth = Auth::Header(format!("Bearer {}", token.trim()));
        self
    }

    /// Authenticates with a bearer token from a file. The file is read again for each request, so it can be replaced at any time. White space
    /// around the token, such as a line break at the end of the file, is not a part of it.
    #[must_use]
    pub fn with_bearer_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.auth = Auth::BearerFile(path.into());
        self
    }

    /// Authenticates with an API key, in the base64 form in which Elasticsearch issues it.
    #[must_use]
    pub fn with_api_key(mut self, key: &str) -> Self {
        self.auth = Auth::Header(format!("ApiKey {}", key.trim()));
        self
    }

    /// Adds a header to each request.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Trusts only the certificates in this PEM file, instead of the public certificate authorities. The file is read when the first
    /// request is sent.
    #[must_use]
    pub fn with_roots(mut self, path: impl Into<PathBuf>) -> Self {
        self.tls.roots = Some(path.into());
        self
    }

    /// Authenticates with a client certificate. The PEM files of the certificates and of the private key are read when the first request
    /// is sent.
    #[must_use]
    pub fn with_identity(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.tls.identity = Some((certificate.into(), key.into()));
        self
    }

    pub(super) fn authorization(&self) -> Result<Option<String>, String> {
        match &self.auth {
            Auth::None => Ok(None),
            Auth::Header(value) => Ok(Some(value.clone())),
            Auth::BearerFile(path) => match token(path) {
                Ok(token) => Ok(Some(format!("Bearer {}", token.trim()))),
                Err(error) => Err(format!(
                    "the token file {} cannot be read: {error}",
                    path.display()
                )),
            },
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

fn token(path: &Path) -> io::Result<String> {
    let bytes = disk::read(path, disk::TOKEN_BYTES)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

impl TryFrom<&str> for Server {
    type Error = Error;

    fn try_from(url: &str) -> Result<Self, Error> {
        Self::new(url)
    }
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    format!("Basic {pair}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_an_address_are_used_and_never_shown() {
        let server =
            Server::new("https://user:p%40ss@logs.example/base/").expect("the address is valid");
        assert_eq!(server.url, "https://logs.example/base");
        assert_eq!(
            server.authorization(),
            Ok(Some("Basic dXNlcjpwQHNz".to_owned()))
        );
        assert_eq!(
            format!("{server:?}"),
            "Server { url: \"https://logs.example/base\", .. }"
        );
        for wrong in ["", "loki:3100", "ftp://loki", "http://", "http://loki?x=1"] {
            Server::new(wrong).expect_err(wrong);
        }
        for wrong in [
            "ftp://user:secret@loki",
            "user:secret@loki:3100",
            "http:/user:secret@loki",
            "http://user:sec/ret@loki",
            "http://user:sec#ret@loki",
            "user:x://secret@loki",
            "http://user:secret@loki:99999",
        ] {
            let error = Server::new(wrong).expect_err(wrong).to_string();
            for secret in ["secret", "sec/", "sec#", "user"] {
                assert!(!error.contains(secret), "{error}");
            }
            let is_shown = error.contains("@loki") || wrong.contains('#');
            assert!(is_shown, "{error}");
        }
    }
}
