use super::{cause::Cause, console::Console, missing, target::Otlp};
use crate::{Error, net};
use std::sync::Arc;

pub(super) fn exporter(_: &Otlp, _: net::Client, _: &Arc<Cause>) -> Result<Console, Error> {
    Err(missing("OTLP over HTTP", "otlp-http"))
}
