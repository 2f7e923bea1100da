//! A server's address, credentials and certificates.

use crate::error::Error;
use collector_client::{Endpoint, InvalidAddress};
use std::{fmt, path::PathBuf};

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
pub struct Server(pub(super) Endpoint);

impl Server {
    /// Converts an address to a server, and removes the path of a target's API from its end.
    pub(super) fn for_api(
        server: impl TryInto<Self, Error: Into<Error>>,
        api_path: &str,
    ) -> Result<Self, Error> {
        let server: Self = server.try_into().map_err(Into::into)?;
        Ok(Self(server.0.without_path(api_path)))
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
        Endpoint::new(url).map(Self).map_err(invalid)
    }

    /// Authenticates with a user and a password (HTTP Basic).
    #[must_use]
    pub fn with_basic(self, user: &str, password: &str) -> Self {
        Self(self.0.with_basic(user, password))
    }

    /// Authenticates with a bearer token.
    #[must_use]
    pub fn with_bearer(self, token: &str) -> Self {
        Self(self.0.with_bearer(token))
    }

    /// Authenticates with a bearer token from a file. The file is read again for each request, so it can be replaced at any time. White space
    /// around the token, such as a line break at the end of the file, is not a part of it.
    #[must_use]
    pub fn with_bearer_file(self, path: impl Into<PathBuf>) -> Self {
        Self(self.0.with_bearer_file(path))
    }

    /// Authenticates with an API key, in the base64 form in which Elasticsearch issues it.
    #[must_use]
    pub fn with_api_key(self, key: &str) -> Self {
        Self(self.0.with_api_key(key))
    }

    /// Adds a header to each request.
    #[must_use]
    pub fn with_header(self, name: &str, value: &str) -> Self {
        Self(self.0.with_header(name, value))
    }

    /// Trusts only the certificates in this PEM file, instead of the public certificate authorities. The file is read when the first
    /// request is sent.
    #[must_use]
    pub fn with_roots(self, path: impl Into<PathBuf>) -> Self {
        Self(self.0.with_roots(path))
    }

    /// Authenticates with a client certificate. The PEM files of the certificates and of the private key are read when the first request
    /// is sent.
    #[must_use]
    pub fn with_identity(self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self(self.0.with_identity(certificate, key))
    }

    /// The address without secrets.
    pub(super) fn url(&self) -> &str {
        self.0.url()
    }
}

fn invalid(error: InvalidAddress) -> Error {
    Error::invalid_input(error.to_string())
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

impl TryFrom<&str> for Server {
    type Error = Error;

    fn try_from(url: &str) -> Result<Self, Error> {
        Self::new(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_a_server_nor_an_error_shows_the_secrets_of_an_address() {
        let server = Server::new("https://user:secret@logs.example").expect("a valid address");
        assert_eq!(
            format!("{server:?}"),
            "Server { url: \"https://logs.example\", .. }"
        );
        let error = Server::new("ftp://user:secret@loki").expect_err("not HTTP");
        assert_eq!(
            error.to_string(),
            "`ftp://…@loki` is not a valid server address: it does not begin with `http://` or `https://`"
        );
    }
}
