//! HTTP to one address, without a runtime: whoever sends has a thread of its own.

use crate::Error;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    time::Duration,
};
use ureq::{
    Agent,
    http::{Request, Uri},
    tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem},
};

/// What an answer may have to say, at most.
const ANSWER: u64 = 16 << 20;
const PATIENCE: Duration = Duration::from_secs(30);

/// Where to, and what proves who asks. Its `Debug` shows no secret.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) url: String,
    auth: Auth,
    headers: Vec<(String, String)>,
    roots: Option<PathBuf>,
    identity: Option<(PathBuf, PathBuf)>,
}

#[derive(Clone)]
enum Auth {
    None,
    Header(String),
    /// Read again for each request: such files are replaced while they are used.
    BearerFile(PathBuf),
}

impl Address {
    /// # Errors
    ///
    /// When it is no address for HTTP.
    pub(super) fn new(url: &str) -> Result<Self, Error> {
        let wrong =
            |why: &str| Error::new(format!("`{}` is no address of a server: {why}", safe(url)));
        let uri: Uri = url.trim().parse().map_err(|_| wrong("it is no URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(wrong("it begins with neither `http://` nor `https://`"));
        }
        let authority = uri.authority().ok_or_else(|| wrong("it names no host"))?;
        if uri.query().is_some() {
            return Err(wrong("it has a query"));
        }
        let (credentials, host) = match authority.as_str().rsplit_once('@') {
            Some((credentials, host)) => (Some(credentials), host),
            None => (None, authority.as_str()),
        };
        let mut address = Self {
            url: format!(
                "{}://{host}{}",
                uri.scheme_str().unwrap_or("http"),
                uri.path().trim_end_matches('/')
            ),
            auth: Auth::None,
            headers: Vec::new(),
            roots: None,
            identity: None,
        };
        if let Some(credentials) = credentials {
            let decoded = percent_encoding::percent_decode_str(credentials).decode_utf8_lossy();
            let (user, password) = decoded.split_once(':').unwrap_or((&decoded, ""));
            address.basic(user, password);
        }
        Ok(address)
    }

    pub(super) fn basic(&mut self, user: &str, password: &str) {
        use base64::Engine as _;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.auth = Auth::Header(format!("Basic {pair}"));
    }

    pub(super) fn token(&mut self, kind: &str, token: &str) {
        self.auth = Auth::Header(format!("{kind} {}", token.trim()));
    }

    pub(super) fn token_file(&mut self, path: PathBuf) {
        self.auth = Auth::BearerFile(path);
    }

    pub(super) fn header(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn roots(&mut self, path: PathBuf) {
        self.roots = Some(path);
    }

    pub(super) fn identity(&mut self, certificate: PathBuf, key: PathBuf) {
        self.identity = Some((certificate, key));
    }

    fn authorization(&self) -> Result<Option<String>, String> {
        match &self.auth {
            Auth::None => Ok(None),
            Auth::Header(value) => Ok(Some(value.clone())),
            Auth::BearerFile(path) => match fs::read_to_string(path) {
                Ok(token) => Ok(Some(format!("Bearer {}", token.trim()))),
                Err(error) => Err(format!(
                    "the token file {} cannot be read: {error}",
                    path.display()
                )),
            },
        }
    }

    fn tls(&self) -> Result<TlsConfig, Error> {
        let mut tls = TlsConfig::builder();
        if let Some(path) = &self.roots {
            let certificates = certificates(path)?;
            tls = tls.root_certs(RootCerts::from(certificates));
        }
        if let Some((certificate, key)) = &self.identity {
            let pem = read(key)?;
            let key = PrivateKey::from_pem(&pem).map_err(|error| {
                Error::new(format!("{} has no private key: {error}", key.display()))
            })?;
            tls = tls.client_cert(Some(ClientCert::new_with_certs(
                &certificates(certificate)?,
                key,
            )));
        }
        Ok(tls.build())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path)
        .map_err(|error| Error::new(format!("{} cannot be read: {error}", path.display())))
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, Error> {
    let pem = read(path)?;
    let items: Result<Vec<_>, _> = parse_pem(&pem).collect();
    let items = items.map_err(|error| {
        Error::new(format!(
            "{} has a wrong certificate: {error}",
            path.display()
        ))
    })?;
    let certificates: Vec<_> = items
        .into_iter()
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(Error::new(format!("{} has no certificate", path.display())));
    }
    Ok(certificates)
}

/// An address without what is before its `@`.
fn safe(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}://…{}", &url[..scheme], &url[at..]),
        _ => url.to_owned(),
    }
}

/// What a request is answered with.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    address: Address,
}

impl Client {
    /// # Errors
    ///
    /// When a certificate cannot be read.
    pub(super) fn new(address: Address) -> Result<Self, Error> {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            // Answers are for the target to judge; a redirect would lose the body.
            .http_status_as_error(false)
            .max_redirects(0)
            .tls_config(address.tls()?)
            .user_agent(concat!("tracing-stamp/", env!("CARGO_PKG_VERSION")));
        Ok(Self {
            agent: config.build().into(),
            address,
        })
    }

    pub(super) fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, String> {
        let mut request = Request::post(format!("{}{path}", self.address.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        for (name, value) in &self.address.headers {
            request = request.header(name, value);
        }
        if let Some(value) = self.address.authorization()? {
            request = request.header("authorization", value);
        }
        let request = request.body(body).map_err(|error| error.to_string())?;
        let mut response = self.agent.run(request).map_err(|error| error.to_string())?;
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok());
        Ok(Answer {
            status: response.status().as_u16(),
            retry_after: super::answer::retry_after(retry_after),
            body: response
                .body_mut()
                .with_config()
                .limit(ANSWER)
                .read_to_vec()
                .map_err(|error| format!("the answer broke off: {error}"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_secrets() {
        let address = Address::new("https://user:p%40ss@logs.example/base/").expect("right");
        assert_eq!(address.url, "https://logs.example/base");
        assert_eq!(
            address.authorization(),
            Ok(Some("Basic dXNlcjpwQHNz".to_owned()))
        );
        assert_eq!(
            format!("{address:?}"),
            "Address { url: \"https://logs.example/base\", .. }"
        );
        for wrong in ["", "loki:3100", "ftp://loki", "http://", "http://loki?x=1"] {
            Address::new(wrong).expect_err(wrong);
        }
        let error = Address::new("ftp://user:secret@loki").expect_err("no HTTP");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
