use super::{Logger, level};
use crate::Error;

static LOGGER: Logger = Logger::new();

/// Installs a logger that passes `log`'s records to the current `tracing` subscriber. `log`'s maximum level follows the subscriber's.
///
/// After a filter is reloaded, or another subscriber becomes the default, it takes a second until `log`'s maximum level is exact.
/// Until then, unwanted records cost a little more.
///
/// # Errors
///
/// If `log` has a logger already. A process can set it only once.
///
/// ```
/// tracing_stamp::bridge::log::install()?;
/// assert!(tracing_stamp::bridge::log::install().is_err());
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
pub fn install() -> Result<(), Error> {
    log::set_logger(&LOGGER).map_err(|_| {
        Error::already_in_use(
            "`log` has a logger already, and can have only one. If it is `tracing-log`'s, which drops key-values, \
             `tracing_subscriber`'s `init()` or `try_init()` has installed it: use \
             `tracing::subscriber::set_global_default` instead, or switch off the `tracing-log` feature of \
             `tracing-subscriber`",
        )
    })?;
    level::start_following();
    Ok(())
}
