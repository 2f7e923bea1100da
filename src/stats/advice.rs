//! Advice for a program that has another version of `tracing-opentelemetry` than the one that a layer reads.

use super::{
    LinkedVersions,
    linked::{self, Version},
};
use std::{collections::BTreeSet, fmt};

/// The manifest. Its requirement says which versions this crate can be built on.
const MANIFEST: &str = include_str!("../../Cargo.toml");

/// The versions of `tracing-opentelemetry` in this program that the application has to pass to the layer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OtherVersions(BTreeSet<Version>);

/// Finds the versions in the executable. Reads all of it, so call this once.
pub(super) fn linked_versions() -> LinkedVersions {
    let versions = linked::versions();
    let only = versions.first().copied().filter(|_| versions.len() == 1);
    let others = OtherVersions::among(versions);
    match only {
        _ if !others.is_empty() => LinkedVersions::Others {
            advice: others.to_string(),
        },
        Some(version) => LinkedVersions::Only {
            version: version.to_string(),
        },
        None => LinkedVersions::Unknown,
    }
}

impl OtherVersions {
    /// Returns all versions except the one that this crate is built on. If several of them are possible, none is left out.
    fn among(mut versions: BTreeSet<Version>) -> Self {
        let own = own_minors(MANIFEST);
        let is_own = |version: &Version| version.major == 0 && own.contains(&version.minor);
        if versions.iter().filter(|version| is_own(version)).count() < 2 {
            versions.retain(|version| !is_own(version));
        }
        Self(versions)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Names the versions, and what to do about each.
impl fmt::Display for OtherVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut versions = self.0.iter().peekable();
        let mut separator = "this program contains tracing-opentelemetry ";
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
                "versions before 0.28 are not supported, so update it together with opentelemetry"
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

/// Returns the minor versions of `tracing-opentelemetry` 0 that the requirement in a manifest accepts, such as `0.34` or
/// `>=0.33, <0.35`.
///
/// Reads two forms, because cargo rewrites a published manifest and gives the dependency a table of its own.
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
    fn the_version_that_this_crate_is_built_on_is_not_listed() {
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
    fn requirements_are_read_from_both_forms_of_a_manifest() {
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
    fn each_version_is_listed_with_its_remedy() {
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
