//! HTTP to one address, without a runtime: whoever sends has a thread of its own.

use super::server::Server;
use crate::Error;
use std::time::{Duration, SystemTime};
use ureq::{Agent, http::Request};

/// What an answer may have to say, at most.
const ANSWER: u64 = 16 << 20;
const PATIENCE: Duration = Duration::from_secs(30);

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
    server: Server,
}

impl Client {
    /// # Errors
    ///
    /// When a certificate cannot be read.
    pub(super) fn new(server: Server) -> Result<Self, Error> {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            // Answers are for the target to judge; a redirect would lose the body.
            .http_status_as_error(false)
            .max_redirects(0)
            .tls_config(server.tls()?)
            .user_agent(concat!("tracing-stamp/", env!("CARGO_PKG_VERSION")));
        Ok(Self {
            agent: config.build().into(),
            server,
        })
    }

    pub(super) fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, String> {
        let mut request = Request::post(format!("{}{path}", self.server.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        for (name, value) in &self.server.headers {
            request = request.header(name, value);
        }
        if let Some(value) = self.server.authorization()? {
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
            retry_after: super::answer::retry_after(retry_after, SystemTime::now()),
            body: response
                .body_mut()
                .with_config()
                .limit(ANSWER)
                .read_to_vec()
                .map_err(|error| format!("the answer broke off: {error}"))?,
        })
    }
}
