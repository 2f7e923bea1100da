//! The configuration file.

use super::arguments::Arguments;
use log_files::Printable;
use std::{
    env,
    fmt::{Display, Write as _},
    fs, io,
    path::{Path, PathBuf},
};
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};
use tracegrep::{Keys, Part};

const FILE: &str = "tracegrep.toml";

/// Returns the keys of the file that `--config` names, or of the one in the folder for configurations, if there is one.
pub(crate) fn keys(arguments: &Arguments) -> io::Result<Keys> {
    let (path, is_named) = match &arguments.config {
        Some(path) => (path.clone(), true),
        None => match default_path(|name| env::var_os(name).map(PathBuf::from)) {
            Some(path) => (path, false),
            None => return Ok(Keys::new()),
        },
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => {
            return Ok(Keys::new());
        }
        Err(error) => return Err(in_file(&path, &format_args!("cannot be read: {error}"))),
    };
    parse(&text).map_err(|reason| in_file(&path, &reason))
}

fn default_path(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    // An empty or relative path does not count (XDG Base Directory Specification).
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    let folder = match cfg!(windows) {
        true => absolute("APPDATA"),
        false => absolute("XDG_CONFIG_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".config"))),
    };
    folder.map(|folder| folder.join(FILE))
}

fn in_file(path: &Path, reason: &dyn Display) -> io::Error {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = write!(Printable(&mut text), "{}: {reason}", path.display());
    io::Error::other(text)
}

/// Parses the table `keys`: for each part of a line one name or a list of names.
fn parse(text: &str) -> Result<Keys, String> {
    let document = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        format!("line {line}: {}", error.message())
    })?;
    let mut keys = Keys::new();
    for (name, value) in document.get_ref() {
        let wrong = |reason: &str| at(text, name.span().start, reason);
        let table = match (name.get_ref().as_ref(), value.get_ref()) {
            ("keys", DeValue::Table(table)) => table,
            ("keys", _) => return Err(wrong("`keys` is not a table")),
            (other, _) => return Err(wrong(&format!("unknown key `{other}`: expected `[keys]`"))),
        };
        for (name, value) in table {
            let part = part(text, name)?;
            for key in names(text, name, value)? {
                keys = keys.with(part, &key);
            }
        }
    }
    Ok(keys)
}

fn part(text: &str, name: &Spanned<DeString<'_>>) -> Result<Part, String> {
    let known = Part::ALL.iter().find(|(known, _)| known == name.get_ref());
    if let Some((_, part)) = known {
        return Ok(*part);
    }
    let all: Vec<&str> = Part::ALL.iter().map(|(name, _)| *name).collect();
    let reason = format!(
        "unknown key `{}`: expected {}",
        name.get_ref(),
        all.join(", ")
    );
    Err(at(text, name.span().start, &reason))
}

fn names(
    text: &str,
    key: &Spanned<DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
) -> Result<Vec<String>, String> {
    let name = |value: &Spanned<DeValue<'_>>| match value.get_ref() {
        DeValue::String(name) if !name.is_empty() => Ok(name.to_string()),
        _ => {
            let key = key.get_ref();
            let reason = format!("`{key}` is not a name or a list of names in quotes");
            Err(at(text, value.span().start, &reason))
        }
    };
    match value.get_ref() {
        DeValue::Array(values) => values.iter().map(name).collect(),
        _ => Ok(vec![name(value)?]),
    }
}

fn at(text: &str, offset: usize, reason: &str) -> String {
    format!("line {}: {reason}", line_of(text, offset))
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_reported_with_its_line_and_key() {
        for (text, reason) in [
            ("[keys]\ntrace_id = ", "line 2: "),
            ("\n[key]\n", "line 2: unknown key `key`: expected `[keys]`"),
            ("keys = 1", "line 1: `keys` is not a table"),
            (
                "[keys]\n\ntrace-id = \"x\"",
                "line 3: unknown key `trace-id`: expected trace_id, span_id,",
            ),
            (
                "[keys]\ntime = [\"a\",\n 1]",
                "line 3: `time` is not a name or a list of names in quotes",
            ),
            ("[keys]\nlevel = \"\"", "line 2: `level` is not"),
        ] {
            let error = parse(text).expect_err("it is wrong");
            assert!(error.starts_with(reason), "{text:?}: {error}");
        }
        assert!(parse("").expect("nothing is given").is_empty());
        assert!(
            !parse("[keys]\ntime = 'a'\nlevel = ['b', 'c']")
                .expect("valid")
                .is_empty()
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_in_the_folder_for_configurations() {
        let of = |set: &[(&str, &str)]| {
            default_path(|name| {
                let value = set.iter().find(|(known, _)| *known == name);
                value.map(|(_, path)| PathBuf::from(path))
            })
        };
        let path = |path: &str| Some(PathBuf::from(path));
        assert_eq!(
            of(&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")]),
            path("/x/tracegrep.toml")
        );
        assert_eq!(
            of(&[("XDG_CONFIG_HOME", ""), ("HOME", "/h")]),
            path("/h/.config/tracegrep.toml")
        );
        assert_eq!(of(&[]), None);
    }
}
