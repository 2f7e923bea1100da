//! The file, stream or writer that lines are written to.

use super::{
    compression::compressed,
    pretty::Pretty,
    settings::{Format, Output},
    shipping::{self, CursorFolder, ShipTarget},
};
use crate::{
    schema::Schema,
    stats::{Diagnosis, Diagnostics},
    writer::{RollingFile, Rotation},
};
use std::{
    env,
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
};

pub(super) struct Sink {
    pub(super) write: Box<dyn Write + Send>,
    /// The file with the lines, which may be a file beside the one that was named.
    pub(super) file: Option<PathBuf>,
    /// Whether lines go to a stream or a file that this crate opened, and not to a writer of the application.
    pub(super) is_own: bool,
    has_colours: bool,
}

/// The file that was named for the lines.
pub(super) struct LogFile {
    pub(super) path: PathBuf,
    /// Whether its closed files are compressed.
    pub(super) is_compressing: bool,
}

impl Sink {
    /// Opens the sink: the application's writer, or else the file, or else the stream. If the file cannot be opened, that is reported, and
    /// lines go elsewhere.
    pub(super) fn new(
        writer: Option<Box<dyn Write + Send>>,
        file: Option<LogFile>,
        output: Output,
        ship_target: &ShipTarget,
        cursor_folder: &CursorFolder,
        diagnostics: &Diagnostics,
    ) -> Self {
        let is_own = writer.is_none();
        let file = file.filter(|_| is_own);
        let opened = file.and_then(|file| {
            let (rolling, path) = open(&file.path, output, diagnostics)?;
            Some((file.limited(rolling), path))
        });
        let is_terminal = || match output {
            Output::Stdout => io::stdout().is_terminal(),
            Output::Stderr => io::stderr().is_terminal(),
        };
        let has_colours = is_own
            && opened.is_none()
            && is_terminal()
            && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let (write, file): (Box<dyn Write + Send>, _) = match (writer, opened, output) {
            (Some(writer), _, _) => (writer, None),
            (None, Some((rolling, path)), _) => {
                let rolling = shipping::keep_until_shipped(rolling, ship_target, cursor_folder);
                (Box::new(rolling), Some(path))
            }
            (None, None, Output::Stdout) => (Box::new(io::stdout()), None),
            (None, None, Output::Stderr) => (Box::new(io::stderr()), None),
        };
        Self {
            write,
            file,
            is_own,
            has_colours,
        }
    }

    /// Writes the lines, which are of this schema, in this format.
    pub(super) fn with_format(self, format: Format, schema: &Schema) -> Self {
        let write = match format {
            Format::Json => self.write,
            Format::Pretty => Box::new(Pretty::new(self.write, schema, self.has_colours)),
        };
        Self { write, ..self }
    }
}

impl LogFile {
    fn limited(&self, rolling: RollingFile) -> RollingFile {
        let rolling = rolling
            .with_rotation(Rotation::Daily)
            .with_max_bytes(256 << 20)
            .with_max_total_bytes(4 << 30);
        match self.is_compressing {
            true => compressed(rolling),
            false => rolling,
        }
    }
}

/// Opens the file or, if that fails, a file beside it. Also returns the path of the opened file.
fn open(path: &Path, output: Output, diagnostics: &Diagnostics) -> Option<(RollingFile, PathBuf)> {
    match RollingFile::open_or_beside(path) {
        Ok((file, None)) => Some((file, path.to_owned())),
        Ok((file, Some(error))) => {
            let beside = file.path().to_owned();
            diagnostics.report(&Diagnosis::LogFileUnavailable {
                why: format!("{error:#}"),
                instead: beside.display().to_string(),
            });
            Some((file, beside))
        }
        Err(error) => {
            let stream = match output {
                Output::Stdout => "standard output",
                Output::Stderr => "standard error",
            };
            diagnostics.report(&Diagnosis::LogFileUnavailable {
                why: format!("{error:#}"),
                instead: stream.to_owned(),
            });
            None
        }
    }
}
