//! Ships finished lines from log files to Loki, Elasticsearch, OpenSearch or an OpenTelemetry collector. The file is the queue.
//!
//! This is the library of the crate [`traceship`].
//!
//! ```no_run
//! use std::time::Duration;
//! use tracing_stamp::ship::{Loki, Shipper};
//!
//! let loki = Loki::new("http://localhost:3100")?.with_label("env", "production")?;
//! let shipping = Shipper::new(loki).with_files("/var/log/orders").start()?;
//!
//! // Later: deliver the rest within five seconds.
//! let report = shipping.shutdown(Duration::from_secs(5));
//! println!("{} bytes are left for the next start", report.unshipped_bytes());
//! # Ok::<(), tracing_stamp::Error>(())
//! ```
//!
//! # When to use what
//!
//! - A service that calls [`init`](crate::init) needs no [`Shipper`]: the variable `LOG_SHIP`, or `Setup::with_shipping`, starts one.
//! - A [`Shipper`] follows files that this process or another one writes. For a schema with renamed keys, pass `&schema` to
//!   [`Shipper::with_key_names`].
//! - [`is_unshipped`] keeps a [`RollingFile`](crate::writer::RollingFile) from removing files that are not shipped yet:
//!
//! ```no_run
//! use tracing_stamp::{ship, writer::RollingFile};
//!
//! let file = RollingFile::open("/var/log/orders/orders.jsonl")?
//!     .with_max_files(14)
//!     .with_hold(|file| ship::is_unshipped(file, "/var/log/orders"));
//! # drop(file);
//! # Ok::<(), tracing_stamp::Error>(())
//! ```

pub use traceship::{
    Diagnosis, Elasticsearch, Error, Health, Loki, Otlp, Preview, Report, Server, Shipper,
    Shipping, Stats, Target, VARIABLES, Variable, is_unshipped,
};
