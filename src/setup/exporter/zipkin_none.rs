use super::{cause::Cause, console::Console, missing};
use crate::{Error, net};
use std::sync::Arc;

pub(super) fn exporter(_: &str, _: net::Client, _: &str, _: &Arc<Cause>) -> Result<Console, Error> {
    Err(missing("Zipkin's protocol", "zipkin"))
}
