//! A server's address, credentials and certificates.

use crate::{certificates::Tls, secrets::Secrets};
use log_files::{disk, redacted};
use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};
use ureq::http::{HeaderValue, Request, Uri, request};

/// A server that is reached over HTTP: its address, credentials and certificates. Its `Debug` output shows no secrets.
///
/// ```
/// use collector_client::Endpoint;
///
/// let endpoint = Endpoint::new("https://user:secret@logs.example.com/base/")?;
/// assert_eq!(endpoint.url(), "https://logs.example.com/base");
/// # Ok::<(), collector_client::InvalidAddress>(())
/// ```
#[derive(Clone)]
pub struct Endpoint {
    url: String,
    auth: Auth,
    headers: Vec<(String, String)>,
    tls: Tls,
}

#[derive(Clone)]
enum Auth {
    None,
    Header(String),
    BearerFile(PathBuf),
}

impl Endpoint {
    /// Parses an address. The address may contain a user and a password, which are used but never shown.
    ///
    /// # Errors
    ///
    /// If the address is not an `http://` or `https://` URL with a host, or has a query or a fragment.
    pub fn new(url: &str) -> Result<Self, InvalidAddress> {
        let invalid = |why| InvalidAddress {
            shown: redacted(url),
            why,
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
        let mut endpoint = Self {
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
            endpoint.auth = Auth::Header(basic(user, password));
        }
        Ok(endpoint)
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

    /// The address, without user and password, and without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it has credentials other than a client certificate.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        !matches!(self.auth, Auth::None)
    }

    /// The credentials that it sends, to hide them in texts of the server.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        // Without a readable token file, no request was sent.
        match self.authorization() {
            Ok(Some(authorization)) => Secrets::of_authorization(&authorization),
            Ok(None) | Err(_) => Secrets::default(),
        }
    }

    /// The certificates and keys.
    #[must_use]
    pub fn tls(&self) -> &Tls {
        &self.tls
    }

    /// Removes a path from the end of the address, such as that of an API.
    #[must_use]
    pub fn without_path(mut self, path: &str) -> Self {
        if let Some(base) = self.url.strip_suffix(path) {
            self.url.truncate(base.len());
        }
        self
    }

    /// Starts a POST request to a path below the address, with the credentials.
    ///
    /// # Errors
    ///
    /// If the file with the token cannot be read, or the credentials are not valid in a header. The message shows no secrets.
    pub fn post(&self, path: &str) -> Result<request::Builder, String> {
        self.authorized(Request::post(format!("{}{path}", self.url)))
    }

    /// Starts a GET request to a path below the address, with the credentials.
    ///
    /// # Errors
    ///
    /// As for [`post`](Self::post).
    pub fn get(&self, path: &str) -> Result<request::Builder, String> {
        self.authorized(Request::get(format!("{}{path}", self.url)))
    }

    fn authorized(&self, mut request: request::Builder) -> Result<request::Builder, String> {
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let Some(authorization) = self.authorization()? else {
            return Ok(request);
        };
        let mut value = HeaderValue::from_str(&authorization)
            .map_err(|_| "the credentials have characters that a header cannot have".to_owned())?;
        value.set_sensitive(true);
        Ok(request.header("authorization", value))
    }

    fn authorization(&self) -> Result<Option<String>, String> {
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

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

fn token(path: &Path) -> io::Result<String> {
    let bytes = disk::read(path, disk::TOKEN_BYTES)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Returned for a text that is not the address of a server. Its message shows no secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidAddress {
    shown: String,
    why: &'static str,
}

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a valid server address: {}",
            self.shown, self.why
        )
    }
}

impl Error for InvalidAddress {}

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
        let endpoint =
            Endpoint::new("https://user:p%40ss@logs.example/base/").expect("the address is valid");
        assert_eq!(endpoint.url, "https://logs.example/base");
        assert_eq!(
            endpoint.authorization(),
            Ok(Some("Basic dXNlcjpwQHNz".to_owned()))
        );
        assert_eq!(
            format!("{endpoint:?}"),
            "Endpoint { url: \"https://logs.example/base\", .. }"
        );
        for wrong in ["", "loki:3100", "ftp://loki", "http://", "http://loki?x=1"] {
            Endpoint::new(wrong).expect_err(wrong);
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
            let error = Endpoint::new(wrong).expect_err(wrong).to_string();
            for secret in ["secret", "sec/", "sec#", "user"] {
                assert!(!error.contains(secret), "{error}");
            }
            let is_shown = error.contains("@loki") || wrong.contains('#');
            assert!(is_shown, "{error}");
        }
    }
}
