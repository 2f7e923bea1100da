use reqwest::redirect::Policy;
use tracing_stamp::http::ClientLayer;

/// Maximum number of redirects, the same as in `reqwest` itself.
const MAX_REDIRECTS: usize = 10;

/// Returns a policy for [`reqwest::ClientBuilder::redirect`] that follows at most 10 redirects, and only to these hosts. A response that
/// redirects to another host is returned to the caller. The hosts have the same form as in
/// [`ClientLayer::with_allowed_hosts`](tracing_stamp::http::ClientLayer::with_allowed_hosts). So `*` alone allows no host, and no redirect
/// is followed. `reqwest`'s own policy follows redirects to all hosts.
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
