//! HTTP client without an async runtime: spans and lines are sent on threads of their own, which may block.

use crate::{certificates::Tls, proxy::Proxy};
use std::{sync::OnceLock, time::Duration};
use ureq::{
    Agent, AsSendBody, Body, Timeout,
    config::ConfigBuilder,
    http::{Request, Response, Uri},
    typestate::AgentScope,
};

/// Why there is no response.
#[derive(Debug)]
pub struct Failure {
    /// The cause.
    pub message: String,
    /// Whether the request was sent, at least in part, and then took too long.
    pub is_slow: bool,
}

/// Limits of the time in which nothing happens.
#[derive(Clone, Copy, Debug)]
struct Stall {
    connect: Duration,
    /// For each read and each write.
    each: Duration,
}

/// Sends requests to one server, through its proxy if it has one.
#[derive(Debug)]
pub struct Client {
    proxy: Option<Proxy>,
    is_https: bool,
    user_agent: &'static str,
    timeout: Duration,
    stall: Option<Stall>,
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
            stall: None,
            tls,
            agent: OnceLock::new(),
        }
    }

    /// Limits the time to connect, and the time of each read and each write. A request to which a slow link takes long is not ended by them.
    /// The client's timeout then applies to each phase of a request, such as sending the body. The search for the server's address has the
    /// system's limit.
    pub fn with_stall_timeout(mut self, connect: Duration, each: Duration) -> Self {
        self.stall = Some(Stall { connect, each });
        self
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
        self.try_send(request).map_err(|failure| failure.message)
    }

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// If there is no response.
    pub fn try_send(&self, request: Request<impl AsSendBody>) -> Result<Response<Body>, Failure> {
        let agent = self.agent().map_err(|message| Failure {
            message,
            is_slow: false,
        })?;
        agent.run(request).map_err(|error| Failure {
            is_slow: is_slow(&error),
            message: self.explain(error),
        })
    }

    fn agent(&self) -> Result<&Agent, String> {
        if let Some(agent) = self.agent.get() {
            return Ok(agent);
        }
        let proxy = self.proxy.as_ref().map(Proxy::connector).transpose()?;
        let config = self
            .with_limits(Agent::config_builder())
            // The caller judges the status. Following a redirect would lose the request body.
            .http_status_as_error(false)
            .max_redirects(0)
            // Not ureq's own rules for the environment's proxies: see `Proxy::from_env`.
            .proxy(proxy)
            .tls_config(self.tls.config()?)
            .user_agent(self.user_agent);
        Ok(self.agent.get_or_init(|| config.build().into()))
    }

    /// Sets the limits of time.
    fn with_limits(&self, config: ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope> {
        let Some(stall) = self.stall else {
            return config.timeout_global(Some(self.timeout));
        };
        // Not one limit for all: it would also apply to the search for the server's address, for which ureq then starts a thread each time.
        config
            .timeout_connect(Some(stall.connect))
            .timeout_per_read(Some(stall.each))
            .timeout_per_write(Some(stall.each))
            .timeout_send_request(Some(self.timeout))
            .timeout_send_body(Some(self.timeout))
            .timeout_recv_response(Some(self.timeout))
            .timeout_recv_body(Some(self.timeout))
    }

    fn explain(&self, error: ureq::Error) -> String {
        let cause = match error {
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::Timeout(which) => {
                let limit = match (which, self.stall) {
                    (Timeout::Connect, Some(stall)) => stall.connect,
                    (Timeout::PerRead | Timeout::PerWrite, Some(stall)) => stall.each,
                    _ => self.timeout,
                };
                format!("no response within {limit:?} ({which})")
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

/// Returns whether a request that was sent, at least in part, took too long.
fn is_slow(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Timeout(which) => !matches!(which, Timeout::Resolve | Timeout::Connect),
        _ => false,
    }
}
