use super::token::Key;
use http::request::Parts;
#[cfg(feature = "setup")]
use std::sync::OnceLock;
use tracing_core::Level;

/// The key that `init` has read.
#[cfg(feature = "setup")]
static KEY_OF_INIT: OnceLock<Key> = OnceLock::new();

/// Sets the key of [`from_header`]. Only the first one counts.
#[cfg(feature = "setup")]
pub(crate) fn install_key(key: Key) {
    let _ = KEY_OF_INIT.set(key);
}

/// Returns a closure for `ServerLayer::with_verbosity` that reads the level from a token in this header.
///
/// It works on a [public endpoint] too, since only the owner of the key can make a token. The key is that in the variable
/// `LOG_LEVEL_KEY`, which [`init`](crate::init) has read. Without this key, and if the header has no valid token or several values, the
/// request is served like any other.
///
/// ```
/// use tracing_stamp::{http::ServerLayer, trace_level};
///
/// let layer = ServerLayer::new()
///     .with_public_endpoint(true)
///     .with_verbosity(trace_level::from_header("x-log-level"));
/// # let _ = layer;
/// ```
///
/// [public endpoint]: crate::http::ServerLayer::with_public_endpoint
#[cfg(feature = "setup")]
pub fn from_header(
    name: impl Into<String>,
) -> impl Fn(&Parts) -> Option<Level> + Send + Sync + 'static {
    let name = name.into();
    move |request| level_in(request, &name, KEY_OF_INIT.get()?)
}

/// Does the same as `from_header`, with a key of your own.
///
/// ```
/// use tracing_stamp::{http::ServerLayer, trace_level::{self, Key}};
///
/// let key = Key::new("correct horse battery staple 1017")?;
/// let layer = ServerLayer::new().with_verbosity(trace_level::from_header_with_key("x-log-level", key));
/// # let _ = layer;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
pub fn from_header_with_key(
    name: impl Into<String>,
    key: Key,
) -> impl Fn(&Parts) -> Option<Level> + Send + Sync + 'static {
    let name = name.into();
    move |request| level_in(request, &name, &key)
}

fn level_in(request: &Parts, name: &str, key: &Key) -> Option<Level> {
    let mut values = request.headers.get_all(name).iter();
    let (Some(token), None) = (values.next(), values.next()) else {
        return None;
    };
    key.level_of(token.to_str().ok()?.trim())
}
