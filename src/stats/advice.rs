//! What to do where a program has another version of `tracing-opentelemetry` than the one that a layer asks.

use super::linked::{self, Version};
use std::{collections::BTreeSet, fmt};

/// The manifest, for the requirement that says which version is this crate's own.
const MANIFEST: &str = include_str!("../../Cargo.toml");

/// The versions of `tracing-opentelemetry` in this program that a layer has to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OtherVersions(BTreeSet<Version>);

/// The versions of `tracing-opentelemetry` in this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Versions {
    /// Those that this crate is not built on.
    pub(super) others: OtherVersions,
    /// The only one, if this crate may be built on it: the application may have it beside the one that this crate is built on,
    /// which leaves no trace in an executable where nothing uses its layer.
    pub(super) only: Option<Version>,
}

impl Versions {
    /// Looks into the executable. Reads all of it, so call it once.
    pub(super) fn look() -> Self {
        let versions = linked::versions();
        let only = versions.first().copied().filter(|_| versions.len() == 1);
        let others = OtherVersions::among(versions);
        Self {
            only: only.filter(|_| others.is_empty()),
            others,
        }
    }
}

impl OtherVersions {
    /// All but the one that this crate is built on; where it may be built on several that are there, these too.
    fn among(mut versions: BTreeSet<Version>) -> Self {
        let own = own_minors(MANIFEST);
        let is_own = |version: &Version| version.major == 0 && own.contains(&version.minor);
        if versions.iter().filter(|version| is_own(version)).count() < 2 {
            versions.retain(|version| !is_own(version));
        }
        Self(versions)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Which versions there are, and what to do about each.
impl fmt::Display for OtherVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut versions = self.0.iter().peekable();
        let mut separator = "this program has tracing-opentelemetry ";
        while let Some(version) = versions.next() {
            write!(f, "{separator}{version}")?;
            let remedy = version.remedy();
            separator = match versions.peek() {
                Some(next) if next.remedy() == remedy => " and ",
                _ => {
                    write!(f, ": {remedy}")?;
                    "; and "
                }
            };
        }
        Ok(())
    }
}

impl Version {
    fn remedy(&self) -> &'static str {
        match (self.major, self.minor, self.patch) {
            (0, ..28, _) => {
                "versions before 0.28 are not supported, update it together with opentelemetry"
            }
            (0, 28..=31, _) => {
                "add `.with_opentelemetry(opentelemetry_of!(opentelemetry, tracing_opentelemetry::OtelData))` to \
                 `tracing_stamp::layer()`"
            }
            (0, 32, 0) => {
                "run `cargo update -p tracing-opentelemetry`, and then add \
                 `.with_opentelemetry(opentelemetry_of!(opentelemetry, tracing_opentelemetry))` to `tracing_stamp::layer()`"
            }
            _ => {
                "add `.with_opentelemetry(opentelemetry_of!(opentelemetry, tracing_opentelemetry))` to \
                 `tracing_stamp::layer()`"
            }
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            major,
            minor,
            patch,
        } = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// The minor versions of `tracing-opentelemetry` 0 that a manifest's requirement accepts: `0.34`, or `>=0.33, <0.35`.
///
/// A published manifest is written anew by cargo, with a table of its own for the dependency, so both forms are read.
fn own_minors(manifest: &str) -> std::ops::Range<u32> {
    let requirement = manifest
        .split_once("tracing-opentelemetry = {")
        .or_else(|| manifest.split_once("[dependencies.tracing-opentelemetry]"))
        .and_then(|(_, dependency)| dependency.split_once("version = \""))
        .and_then(|(_, version)| version.split_once('"'))
        .map_or("", |(requirement, _)| requirement);
    let mut minors = requirement.split("0.").skip(1).map(|rest| {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..end].parse().unwrap_or(0)
    });
    let first = minors.next().unwrap_or(0);
    first..minors.next().unwrap_or(first + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(versions: &[(u32, u32, u32)]) -> String {
        let all = versions.iter().map(|&(major, minor, patch)| Version {
            major,
            minor,
            patch,
        });
        OtherVersions::among(all.collect()).to_string()
    }

    #[test]
    fn the_version_that_this_crate_is_built_on_is_not_another() {
        let own = own_minors(MANIFEST);
        assert!(own.start >= 33 && own.end > own.start, "{own:?}");
        for minor in own {
            assert_eq!(other(&[(0, minor, 0)]), "");
        }
        contains(
            &other(&[(0, 33, 0), (0, 34, 0)]),
            &["0.33.0 and 0.34.0: add"],
        );
    }

    #[test]
    fn requirements_of_both_forms_of_a_manifest_are_read() {
        assert_eq!(
            own_minors("tracing-opentelemetry = { version = \"0.34\", default"),
            34..35
        );
        assert_eq!(
            own_minors("[dependencies.tracing-opentelemetry]\nversion = \"0.34\"\n"),
            34..35
        );
        assert_eq!(
            own_minors("tracing-opentelemetry = { version = \">=0.33, <0.35\""),
            33..35
        );
    }

    #[test]
    fn each_version_is_named_with_the_line_that_mends_it() {
        contains(
            &other(&[(0, 31, 0)]),
            &["0.31.0: add", "tracing_opentelemetry::OtelData)"],
        );
        contains(
            &other(&[(0, 32, 1)]),
            &["0.32.1: add", "opentelemetry, tracing_opentelemetry))"],
        );
        contains(&other(&[(0, 32, 0)]), &["0.32.0: run `cargo update"]);
        contains(
            &other(&[(0, 30, 0), (0, 31, 0)]),
            &["0.30.0 and 0.31.0: add"],
        );
        contains(
            &other(&[(0, 20, 0)]),
            &["0.20.0: versions before 0.28 are not supported"],
        );
        contains(
            &other(&[(0, 35, 2)]),
            &["0.35.2: add", "opentelemetry, tracing_opentelemetry))"],
        );
    }

    fn contains(text: &str, parts: &[&str]) {
        for part in parts {
            assert!(text.contains(part), "{part:?} in {text:?}");
        }
    }
}
