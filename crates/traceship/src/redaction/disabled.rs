use crate::{batch::Batch, error::Error};
use log_files::LineReader;

/// No rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules(());

impl Rules {
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "with the feature, it reads the rules"
    )]
    pub(crate) fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    #[expect(
        clippy::unused_self,
        clippy::needless_pass_by_ref_mut,
        reason = "with the feature, it changes the rules"
    )]
    pub(crate) fn keep(&mut self, _keys: &[String]) {}

    #[expect(clippy::unused_self, reason = "with the feature, it reads the rules")]
    pub(crate) fn redact(&self, _batch: &mut Batch, _reader: &LineReader) {}

    #[expect(clippy::unused_self, reason = "with the feature, it reads the rules")]
    pub(crate) fn counts(&self) -> Vec<(String, u64)> {
        Vec::new()
    }
}
