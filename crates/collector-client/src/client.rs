//! HTTP client without an async runtime: spans and lines are sent on threads of their own, which may block.

use crate::{certificates::Tls, proxy::Proxy};
use std::{sync::OnceLock, time::Duration};
use ureq::{
    Agent, AsSendBody, Body,
    http::{Request, Response, Uri},
};

/// Sends requests to one server, through its proxy if it has one.
#[derive(Debug)]
pub struct Client {
    proxy: Option<Proxy>,
    is_https: bool,
    user_agent: &'static str,
    timeout: Duration,
    tls: Tls,
    /// Created with the first request.
    agent: OnceLock<Agent>,
}

impl Client {
    /// Returns a client for a server's URL, which sends this `User-Agent`. Errors are reported only when a request is sent.
    pub fn new(url: &str, user_agent: &'static str, timeout: Duration, tls: Tls) -> Self {
        let uri = url.parse::<Uri>().ok();
        Self {
            proxy: uri.as_ref().and_then(Proxy::from_env),
            is_https: uri.is_some_and(|uri| uri.scheme_str() == Some("https")),
            user_agent,
            timeout,
            tls,
            agent: OnceLock::new(),
        }
    }

    /// Returns the text to append to the server's name in a message: the proxy, if there is one.
    pub fn through(&self) -> String {
        let through = |proxy: &Proxy| format!(" through the proxy {proxy}");
        self.proxy.as_ref().map(through).unwrap_or_default()
    }

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// If there is no response. The message names the cause.
    pub fn send(&self, request: Request<impl AsSendBody>) -> Result<Response<Body>, String> {
        self.agent()?
            .run(request)
            .map_err(|error| self.explain(error))
    }

    fn agent(&self) -> Result<&Agent, String> {
        if let Some(agent) = self.agent.get() {
            return Ok(agent);
        }
        let proxy = self.proxy.as_ref().map(Proxy::connector).transpose()?;
        let config = Agent::config_builder()
            .timeout_global(Some(self.timeout))
            // The caller judges the status. Following a redirect would lose the request body.
            .http_status_as_error(false)
            .max_redirects(0)
            // Not ureq's own rules for the environment's proxies: see `Proxy::from_env`.
            .proxy(proxy)
            .tls_config(self.tls.config()?)
            .user_agent(self.user_agent);
        Ok(self.agent.get_or_init(|| config.build().into()))
    }

    fn explain(&self, error: ureq::Error) -> String {
        let cause = match error {
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::Timeout(which) => {
                format!("no response within {:?} ({which})", self.timeout)
            }
            ureq::Error::HostNotFound => match self.proxy {
                None => "the host name cannot be resolved".to_owned(),
                Some(_) => "the host name of the proxy cannot be resolved".to_owned(),
            },
            ureq::Error::ConnectProxyFailed(why) if !self.is_https => format!(
                "{why}: it does not allow CONNECT, which is used for `http` URLs too; exclude the server by NO_PROXY, or use `https`"
            ),
            ureq::Error::ConnectProxyFailed(why) => why,
            other => other.to_string(),
        };
        if cause.contains("invalid peer certificate") {
            return format!("the server's certificate is refused: {cause}");
        }
        cause
    }
}
