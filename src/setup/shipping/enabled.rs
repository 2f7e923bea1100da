use crate::setup::env::Env;
use crate::{
    Error,
    disk::is_link,
    schema::Schema,
    ship::{Shipper, Shipping, Target, is_unshipped},
    stats::{Diagnosis, Diagnostics},
    writer::RollingFile,
};
use std::{
    path::{self, Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

/// Where to, if anywhere.
pub(in crate::setup) type ShipTo = Option<Target>;

pub(in crate::setup) fn from_env(env: &Env<'_>) -> ShipTo {
    match Target::named(&env.text("LOG_SHIP")?) {
        Ok(target) => Some(target),
        Err(error) => {
            env.problem(format!("LOG_SHIP is wrong: {error:#}"));
            None
        }
    }
}

/// The file that lines are shipped from where none was named.
pub(in crate::setup) fn default_file(service: &str) -> PathBuf {
    let plain = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = service.chars().map(plain).collect();
    Path::new("log").join(format!("{}.jsonl", name.trim_start_matches('.')))
}

/// The folder that has the shipper's cursor, once it is known.
#[derive(Clone, Default)]
pub(in crate::setup) struct State(Arc<OnceLock<PathBuf>>);

/// Keeps closed files until they are shipped, where they are at all.
pub(in crate::setup) fn hold(file: RollingFile, to: &ShipTo, state: &State) -> RollingFile {
    if to.is_none() {
        return file;
    }
    let state = state.clone();
    file.with_hold(move |file| {
        let folder = state.0.get();
        folder.is_none_or(|folder| is_unshipped(file, folder))
    })
}

/// The shipper, if there is one.
#[derive(Default)]
pub(in crate::setup) struct Running(Option<Shipping>);

impl Running {
    /// Starts to ship a file. Where that is not possible it is reported, and the lines stay in the file.
    pub(in crate::setup) fn start(
        to: ShipTo,
        file: Option<&Path>,
        schema: &Schema,
        state: &State,
        diagnostics: &Diagnostics,
    ) -> Self {
        let Some(target) = to else {
            return Self(None);
        };
        let Some(file) = file else {
            diagnostics.report(&Diagnosis::NotShipped {
                why: "they are not in a file".to_owned(),
            });
            return Self(None);
        };
        match start(&target, file, schema, diagnostics) {
            Ok((shipping, folder)) => {
                let _ = state.0.set(folder);
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

    /// Delivers what is there; how many bytes are left.
    pub(in crate::setup) fn shut_down(&mut self, timeout: Duration) -> u64 {
        self.0
            .take()
            .map_or(0, |shipping| shipping.shutdown(timeout).unshipped_bytes())
    }
}

/// Starts the shipper with its cursor beside the file or, where another shipper has that one, in a folder of this file's own. A
/// file that once had such a folder keeps it: there is how far it was shipped.
fn start(
    target: &Target,
    file: &Path,
    schema: &Schema,
    diagnostics: &Diagnostics,
) -> Result<(Shipping, PathBuf), Error> {
    let with_state = |folder: &Path| {
        let shipper = Shipper::new(target.clone())
            .with_files(file)
            .with_state(folder)
            .with_schema(schema)
            .with_shared_diagnostics(diagnostics.clone());
        let shipping = shipper.start()?;
        Ok::<_, Error>((shipping, folder.to_owned()))
    };
    // The cursor is beside the path that was given: the file itself may be elsewhere, by a link.
    let path = path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let beside = path.parent().unwrap_or(&path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let own = beside.join(format!(".{name}.ship"));
    // A folder of somebody else's, by a link, is not its own.
    let may_have_own = !is_link(&own);
    if may_have_own && own.is_dir() {
        return with_state(&own);
    }
    with_state(beside).or_else(|error| {
        if !may_have_own {
            return Err(error);
        }
        let Ok(started) = with_state(&own) else {
            return Err(error);
        };
        diagnostics.report(&Diagnosis::ShippedApart {
            why: format!("{error:#}"),
            state: own,
        });
        Ok(started)
    })
}
