//! A path that names log files, split into a folder without wildcards and steps that lead from there to the files.

use super::sources::has_wildcard;
use glob::{MatchOptions, Pattern};
use std::{
    ffi::OsString,
    path::{Component, Path, PathBuf},
};

const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

#[derive(Debug)]
pub(super) struct PathPattern {
    /// The path as it was given. It may name a folder.
    pub(super) path: PathBuf,
    pub(super) root: PathBuf,
    /// The last one matches names of files. There is none if the path can only be a folder, as `..` is.
    pub(super) steps: Vec<Step>,
}

/// What leads from a folder to files or folders in it.
#[derive(Debug)]
pub(super) enum Step {
    Name(OsString),
    Glob(NamePattern),
    /// `**`: the folder itself and all folders below.
    Recursive,
}

/// A pattern of names, such as `*.log`.
#[derive(Debug)]
pub(super) struct NamePattern {
    /// A name that looks like a pattern can exist: `app[1].log`.
    text: String,
    pattern: Option<Pattern>,
}

impl NamePattern {
    /// Whether a name matches. A hidden one does only if the pattern begins with a dot too: that of `*.*` could be the first one.
    pub(super) fn matches(&self, name: &str) -> bool {
        if name.starts_with('.') && !self.text.starts_with('.') {
            return false;
        }
        name == self.text
            || self
                .pattern
                .as_ref()
                .is_some_and(|pattern| pattern.matches_with(name, OPTIONS))
    }
}

impl Step {
    fn of(component: Component<'_>) -> Self {
        match component.as_os_str().to_str() {
            Some("**") => Self::Recursive,
            Some(text) if has_wildcard(text) => Self::Glob(NamePattern {
                text: text.to_owned(),
                pattern: Pattern::new(text).ok(),
            }),
            _ => Self::Name(component.as_os_str().to_owned()),
        }
    }
}

impl PathPattern {
    pub(super) fn of(path: &Path) -> Self {
        let mut components: Vec<Component<'_>> = path.components().collect();
        let is_wild = |component: &Component<'_>| matches!(component, Component::Normal(name) if has_wildcard(&name.to_string_lossy()));
        let is_name = matches!(components.last(), Some(Component::Normal(_)));
        let last = components.len().saturating_sub(usize::from(is_name));
        let fixed = components.iter().position(is_wild).unwrap_or(last);
        let steps = components.split_off(fixed.min(last));
        let root: PathBuf = components.into_iter().collect();
        Self {
            path: path.to_owned(),
            root: match root.as_os_str().is_empty() {
                true => PathBuf::from("."),
                false => root,
            },
            steps: steps.into_iter().map(Step::of).collect(),
        }
    }

    /// Whether this is the path of a file, with no wildcards.
    pub(super) fn names(&self, path: &Path) -> bool {
        let name = match self.steps.as_slice() {
            [Step::Name(name)] => name.as_os_str(),
            [Step::Glob(pattern)] => pattern.text.as_ref(),
            _ => return false,
        };
        path.file_name() == Some(name) && path == self.root.join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> (String, usize) {
        let pattern = PathPattern::of(Path::new(path));
        (pattern.root.display().to_string(), pattern.steps.len())
    }

    #[test]
    fn folders_without_wildcards_are_the_root() {
        for (path, root, steps) in [
            ("a/b/*.log", "a/b", 1),
            ("a/b.log", "a", 1),
            ("a/*/b.log", "a", 2),
            ("a/**/b/*.log", "a", 3),
            ("*.log", ".", 1),
            ("a.log", ".", 1),
            ("..", "..", 0),
            (".", ".", 0),
            ("", ".", 0),
        ] {
            assert_eq!(parts(path), (root.to_owned(), steps), "{path}");
        }
    }
}
