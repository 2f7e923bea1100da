use super::{console::Console, missing};
use crate::Error;

pub(super) fn exporter(_: &str, _: &str) -> Result<Console, Error> {
    Err(missing("Zipkin's protocol", "zipkin"))
}
