use super::{console::Console, missing, target::Otlp};
use crate::Error;

pub(super) fn exporter(_: &Otlp) -> Result<Console, Error> {
    Err(missing("OTLP over HTTP", "otlp-http"))
}
