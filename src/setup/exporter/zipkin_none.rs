use super::{console::Console, missing};
use crate::Error;
use std::time::Duration;

pub(super) fn exporter(_: &str, _: Duration, _: &str) -> Result<Console, Error> {
    Err(missing("Zipkin's protocol", "zipkin"))
}
