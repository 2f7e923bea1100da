#![cfg_attr(
    not(all(feature = "gzip", feature = "xz", feature = "zstd")),
    allow(dead_code, reason = "each decoder uses a part of this")
)]

use super::input::Input;
use std::io;

/// Decompresses one file, from its start to its end.
pub(super) trait Decoder: Send {
    /// Decompresses a part of the input into `output`, which is not empty. Writes at least one byte, except in the last step.
    ///
    /// # Errors
    ///
    /// Only if the file cannot be read. Damaged data is an [`End`].
    fn decode(&mut self, input: &mut Input, output: &mut [u8]) -> io::Result<Step>;
}

/// What one step of a [`Decoder`] did.
pub(super) struct Step {
    /// How many bytes of text were written to the output.
    pub(super) written: usize,
    /// The end of the text, if it comes after these bytes.
    pub(super) end: Option<End>,
}

/// Why a text ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Complete,
    /// The archive is damaged or truncated, as this message says. There may have been more text.
    Damaged(String),
}

impl Step {
    pub(super) fn wrote(written: usize) -> Self {
        Self { written, end: None }
    }

    pub(super) fn last(written: usize, end: End) -> Self {
        let end = Some(end);
        Self { written, end }
    }
}

impl End {
    /// The end of an archive that was decompressed to its end.
    pub(super) fn complete(has_wrong_sum: bool) -> Self {
        match has_wrong_sum {
            false => Self::Complete,
            true => Self::Damaged(
                "the compressed file is damaged: its text has a wrong checksum".to_owned(),
            ),
        }
    }

    /// The end of an archive that ends too early.
    pub(super) fn truncated(input: &Input) -> Self {
        let at = input.position();
        Self::Damaged(format!("the compressed file is truncated at byte {at}"))
    }

    /// The end of an archive that cannot be decompressed from here on.
    pub(super) fn damaged(input: &Input, reason: &str) -> Self {
        let at = input.position();
        Self::Damaged(format!(
            "the compressed file is damaged at byte {at}: {reason}"
        ))
    }
}
