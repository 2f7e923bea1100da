use super::{Logger, level};
use crate::Error;

static LOGGER: Logger = Logger::new();

/// Makes `log` hand its records to the current `tracing` subscriber, with a maximum level that follows the subscriber's.
///
/// Where a filter is reloaded or another subscriber becomes the default, `log`'s maximum level is right after a second; until
/// then records that nobody wants cost a little more.
///
/// # Errors
///
/// When `log` has a logger already: it can have one in the life of a process.
///
/// ```
/// tracing_stamp::bridge::log::install()?;
/// assert!(tracing_stamp::bridge::log::install().is_err());
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
pub fn install() -> Result<(), Error> {
    log::set_logger(&LOGGER).map_err(|_| {
        Error::new(
            "`log` has a logger already, and can have one only. If it is `tracing-log`'s, which drops key-values: \
             `tracing_subscriber`'s `init()` and `try_init()` have installed it; use \
             `tracing::subscriber::set_global_default` instead, or switch off the `tracing-log` feature of \
             `tracing-subscriber`",
        )
    })?;
    level::start_following();
    Ok(())
}
