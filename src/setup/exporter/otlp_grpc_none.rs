use super::{Kept, console::Console, missing, target::Otlp};
use crate::Error;

pub(super) fn exporter(_: &Otlp) -> Result<(Console, Kept), Error> {
    Err(missing("OTLP over gRPC", "otlp-grpc"))
}
