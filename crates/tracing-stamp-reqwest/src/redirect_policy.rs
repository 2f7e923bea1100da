use reqwest::redirect::Policy;
use tracing_stamp::http::ClientLayer;

/// How many redirects are followed, as by `reqwest` itself.
const MAX_REDIRECTS: usize = 10;

/// A policy for [`reqwest::ClientBuilder::redirect`] that follows at most 10 redirects, and only to these hosts. The response that
/// redirects elsewhere is returned to the caller. Hosts are written as for
/// [`ClientLayer::with_allowed_hosts`](tracing_stamp::http::ClientLayer::with_allowed_hosts).
///
/// ```
/// use tracing_stamp_reqwest::redirect_policy;
///
/// let client = reqwest::Client::builder().redirect(redirect_policy(["*.internal"])).build()?;
/// # let _ = client;
/// # Ok::<(), reqwest::Error>(())
/// ```
#[must_use]
pub fn redirect_policy(hosts: impl IntoIterator<Item = impl Into<String>>) -> Policy {
    let layer = ClientLayer::new().with_allowed_hosts(hosts);
    Policy::custom(move |attempt| {
        if !layer.is_allowed_host(attempt.url().host_str()) {
            attempt.stop()
        } else if attempt.previous().len() > MAX_REDIRECTS {
            attempt.error("too many redirects")
        } else {
            attempt.follow()
        }
    })
}
