use crate::setup::env::Env;
use crate::{
    schema::Schema,
    ship::{Error, Shipper, Shipping, Target, is_unshipped},
    stats::{Diagnosis, Diagnostics},
    writer::RollingFile,
};
use log_files::disk::is_link;
use std::{
    path::{self, Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

/// The server that lines are shipped to, if any.
pub(in crate::setup) type ShipTarget = Option<Target>;

pub(in crate::setup) fn from_env(env: &Env<'_>) -> ShipTarget {
    match Target::named(&env.text("LOG_SHIP")?) {
        Ok(target) => Some(target),
        Err(error) => {
            env.problem(format!("LOG_SHIP is invalid: {error:#}"));
            None
        }
    }
}

/// The file that lines are shipped from if no log file is set.
pub(in crate::setup) fn default_file(service: &str) -> PathBuf {
    let safe = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = service.chars().map(safe).collect();
    Path::new("log").join(format!("{}.jsonl", name.trim_start_matches('.')))
}

/// The folder with the shipper's cursor, once it is known.
#[derive(Clone, Default)]
pub(in crate::setup) struct CursorFolder(Arc<OnceLock<PathBuf>>);

/// Makes a rolling file keep its closed files until they are shipped, if they are shipped at all.
pub(in crate::setup) fn keep_until_shipped(
    file: RollingFile,
    target: &ShipTarget,
    cursor_folder: &CursorFolder,
) -> RollingFile {
    if target.is_none() {
        return file;
    }
    let cursor_folder = cursor_folder.clone();
    file.with_hold(move |file| {
        let folder = cursor_folder.0.get();
        folder.is_none_or(|folder| is_unshipped(file, folder))
    })
}

/// The running shipper, if lines are shipped.
#[derive(Default)]
pub(in crate::setup) struct RunningShipper(Option<Shipping>);

impl RunningShipper {
    /// Starts to ship a file. If that fails, it is reported, and the lines stay in the file.
    pub(in crate::setup) fn start(
        target: ShipTarget,
        file: Option<&Path>,
        schema: &Schema,
        cursor_folder: &CursorFolder,
        diagnostics: &Diagnostics,
    ) -> Self {
        let Some(target) = target else {
            return Self(None);
        };
        let Some(file) = file else {
            diagnostics.report(&Diagnosis::NotShipped {
                why: "they are not written to a file".to_owned(),
            });
            return Self(None);
        };
        match start(&target, file, schema, diagnostics) {
            Ok((shipping, folder)) => {
                let _ = cursor_folder.0.set(folder);
                Self(Some(shipping))
            }
            Err(error) => {
                diagnostics.report(&Diagnosis::NotShipped {
                    why: format!("{error:#}"),
                });
                Self(None)
            }
        }
    }

    /// Ships the remaining lines, waiting at most `timeout`. Returns how many bytes are not shipped.
    pub(in crate::setup) fn shut_down(&mut self, timeout: Duration) -> u64 {
        self.0
            .take()
            .map_or(0, |shipping| shipping.shutdown(timeout).unshipped_bytes())
    }
}

/// Starts the shipper with its cursor beside the file. If that fails, as when another shipper holds that cursor, the cursor is in a
/// separate folder for this file. Once such a folder exists it is always used, because its cursor says how far the file was shipped.
fn start(
    target: &Target,
    file: &Path,
    schema: &Schema,
    diagnostics: &Diagnostics,
) -> Result<(Shipping, PathBuf), Error> {
    let start_in = |folder: &Path| {
        let diagnostics = diagnostics.clone();
        let shipper = Shipper::new(target.clone())
            .with_files(file)
            .with_state(folder)
            .with_key_names(schema)
            .with_diagnostics(move |diagnosis| {
                diagnostics.report(&Diagnosis::Shipping(diagnosis.clone()));
            });
        let shipping = shipper.start()?;
        Ok::<_, Error>((shipping, folder.to_owned()))
    };
    // The cursor is beside the given path. The path may be a link to a file elsewhere.
    let path = path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let beside = path.parent().unwrap_or(&path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let separate = beside.join(format!(".{name}.ship"));
    // A link could lead to a folder of someone else, so it is not used.
    let may_use_separate = !is_link(&separate);
    if may_use_separate && separate.is_dir() {
        return start_in(&separate);
    }
    start_in(beside).or_else(|error| {
        if !may_use_separate {
            return Err(error);
        }
        let Ok(started) = start_in(&separate) else {
            return Err(error);
        };
        diagnostics.report(&Diagnosis::SeparateCursor {
            why: format!("{error:#}"),
            folder: separate,
        });
        Ok(started)
    })
}
