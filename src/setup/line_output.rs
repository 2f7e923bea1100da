//! Where lines go: a file or a stream, the writer in front of it, and the shipper behind it.

use super::{
    options::Options,
    resource,
    settings::{EnvSettings, Format, Output},
    shipping::{self, RunningShipper, ShipTarget},
    sink::{LogFile, Sink},
};
use crate::{
    Error,
    layer::OwnLines,
    schema::Schema,
    stats::{Diagnosis, Diagnostics},
    writer::{Background, LogGuard, LogWriter},
};
use opentelemetry::KeyValue;
use std::{io::Write, path::PathBuf};

/// The settings of the output, from code or else from the environment.
pub(super) struct LineOutputSettings {
    format: Format,
    file: Option<PathBuf>,
    is_compressing: bool,
    ship_target: ShipTarget,
    writer: Option<Box<dyn Write + Send>>,
    output: Output,
    is_in_background: bool,
    /// Whether the output lasts as long as the process.
    is_global: bool,
}

/// An output that is open.
pub(super) struct LineOutput {
    pub(super) writer: LogWriter,
    pub(super) guard: LogGuard,
    pub(super) shipping: RunningShipper,
}

impl LineOutputSettings {
    /// Takes the settings. `service` names the file of lines that are shipped, if no file is set.
    ///
    /// # Errors
    ///
    /// If lines are to be shipped, but are not JSON or do not go to a file.
    pub(super) fn take(
        options: &mut Options,
        from_env: &mut EnvSettings,
        service: impl FnOnce() -> String,
        is_global: bool,
    ) -> Result<Self, Error> {
        let format = options.format.or(from_env.format).unwrap_or_default();
        let writer = options.writer.take();
        let ship_target = options.shipping.take().or(from_env.shipping.take());
        let mut file = options.log_file.take().or(from_env.log_file.take());
        if ship_target.is_some() {
            if format == Format::Pretty {
                return Err(Error::invalid_input(
                    "only JSON lines can be shipped, and the format is `pretty`, which is for a terminal",
                ));
            }
            if writer.is_some() {
                return Err(Error::invalid_input(
                    "lines that go to the writer of `with_writer` cannot be shipped: set a file by `with_log_file` or LOG_FILE instead",
                ));
            }
            file = file.or_else(|| Some(shipping::default_file(&service())));
        }
        Ok(Self {
            format,
            file,
            is_compressing: options
                .log_file_gzip
                .or(from_env.log_file_gzip)
                .unwrap_or(false),
            ship_target,
            writer,
            output: options.output.or(from_env.output).unwrap_or_default(),
            is_in_background: options.background.or(from_env.background).unwrap_or(false),
            is_global,
        })
    }

    /// Opens the file or stream, and starts the writer and the shipper. The schema, the resource and whether lines have ids of their own
    /// are those of the layer.
    ///
    /// # Errors
    ///
    /// If the thread of a background writer cannot be started. If a file cannot be opened, that is reported and is not an error.
    pub(super) fn open(
        self,
        schema: &Schema,
        resource: &[KeyValue],
        record_uid: bool,
        diagnostics: &Diagnostics,
    ) -> Result<LineOutput, Error> {
        // A dispatch of `build` is for a scope, often a test, so an ignored LOG_FILE is not reported for it.
        if self.is_global
            && self.writer.is_some()
            && let Some(file) = &self.file
        {
            diagnostics.report(&Diagnosis::LogFileIgnored { file: file.clone() });
        }
        let cursor_folder = shipping::CursorFolder::default();
        let sink = Sink::new(
            self.writer,
            self.file.map(|path| LogFile {
                path,
                is_compressing: self.is_compressing,
            }),
            self.output,
            &self.ship_target,
            &cursor_folder,
            diagnostics,
        )
        .with_format(self.format, schema);
        let (writer, guard) = if self.is_in_background {
            let background = Background::new(sink.write)
                .with_schema(schema.clone())
                .with_resource(resource::pairs(resource))
                .with_unread_lines_dropped()
                .with_record_uid(record_uid)
                .with_shared_diagnostics(diagnostics.clone());
            LogWriter::background(background)?
        } else {
            LogWriter::direct(
                sink.write,
                OwnLines::new(schema.clone(), resource.to_vec(), record_uid),
                diagnostics.clone(),
                self.is_global && sink.is_own,
            )
        };
        let shipping = RunningShipper::start(
            self.ship_target,
            sink.file.as_deref(),
            schema,
            &cursor_folder,
            diagnostics,
        );
        Ok(LineOutput {
            writer,
            guard,
            shipping,
        })
    }
}
