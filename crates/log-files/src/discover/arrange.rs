//! Groups closed files with their current files, and sorts them.

use super::FoundFile;
use crate::{
    FileKey,
    names::{RotatedName, RotationOrder},
};
use std::{
    cell::LazyCell,
    collections::{HashMap, HashSet},
    ffi::OsStr,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// A file with its place in a group: the files of one current file.
struct Member {
    file: FoundFile,
    order: RotationOrder,
    kind: Kind,
    /// When the first file of the group was modified.
    group_since: Option<SystemTime>,
}

struct Place {
    rotated_from: Option<PathBuf>,
    order: RotationOrder,
    kind: Kind,
}

/// What a name says about whether the file is closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Current,
    /// Closed in any case.
    Closed,
    /// The newest one of these may be the current file.
    Dated,
    /// A file such as `app.1.log`, which could be another current file.
    Numbered,
}

/// Sets [`FoundFile::current`] and [`FoundFile::is_closed`], and sorts the files. The list has all wanted files of each folder.
pub(super) fn arrange(files: Vec<FoundFile>) -> Vec<FoundFile> {
    let places: Vec<Place> = {
        let all = || files.iter().map(|file| file.path.as_os_str()).collect();
        let paths: LazyCell<HashSet<_>, _> = LazyCell::new(all);
        let place = |file| Place::of(file, |path| paths.contains(path.as_os_str()));
        files.iter().map(place).collect()
    };
    let members = files
        .into_iter()
        .zip(places)
        .map(|(file, place)| Member::new(file, place));
    let mut members: Vec<Member> = members.collect();
    members.sort_by(|a, b| a.place().cmp(&b.place()));
    let is_same_group = |a: &Member, b: &Member| a.file.current() == b.file.current();
    for group in members.chunk_by_mut(is_same_group) {
        mark_closed(group);
        let first = group.iter().map(|member| member.file.modified).min();
        for member in group {
            member.group_since = first;
        }
    }
    members.sort_by_key(|member| member.group_since);
    without_repeats(members.into_iter().map(|member| member.file).collect())
}

impl Member {
    fn new(mut file: FoundFile, place: Place) -> Self {
        file.rotated_from = place.rotated_from;
        Self {
            file,
            order: place.order,
            kind: place.kind,
            group_since: None,
        }
    }

    /// Members of a group are together, and in order of rotation.
    fn place(&self) -> (&OsStr, &RotationOrder) {
        (self.file.current().as_os_str(), &self.order)
    }
}

impl Place {
    fn of(file: &FoundFile, exists: impl Fn(&Path) -> bool) -> Self {
        let name = file.path.file_name().and_then(|name| name.to_str());
        let candidates = name.map(RotatedName::candidates).unwrap_or_default();
        let path_of = |of: &RotatedName<'_>| file.folder().join(of.current());
        let series = candidates.iter().find(|of| of.is_of_a_series());
        let closed = series.or_else(|| candidates.iter().find(|of| exists(&path_of(of))));
        let Some(closed) = closed else {
            return Self {
                rotated_from: None,
                order: RotationOrder::CURRENT,
                kind: Kind::Current,
            };
        };
        Self {
            rotated_from: Some(path_of(closed)),
            order: closed.order(),
            kind: match (closed.is_certainly_closed(), series.is_some()) {
                (true, _) => Kind::Closed,
                (false, true) => Kind::Dated,
                (false, false) => Kind::Numbered,
            },
        }
    }
}

/// The members are sorted, so that all but the last are older than another one.
fn mark_closed(group: &mut [Member]) {
    let current = group.last().map(|newest| newest.file.modified);
    let newest = group.len().saturating_sub(1);
    for (at, member) in group.iter_mut().enumerate() {
        member.file.is_closed = match member.kind {
            Kind::Current => false,
            Kind::Closed => true,
            Kind::Dated => at < newest,
            // A closed file is not written after its current file.
            Kind::Numbered => Some(member.file.modified) <= current,
        };
    }
}

/// Keeps one of several names of a file, which are hard links, or paths through a linked folder. A name that is not that of a closed file is
/// preferred.
fn without_repeats(mut files: Vec<FoundFile>) -> Vec<FoundFile> {
    if FileKey::IS_UNIQUE {
        let open = files.iter().filter(|file| !file.is_closed);
        let open: HashSet<FileKey> = open.map(|file| file.key).collect();
        let mut seen = HashSet::new();
        files.retain(|file| !(file.is_closed && open.contains(&file.key)) && seen.insert(file.key));
    }
    files
}

/// Sets the link through which each file was found. `links` has the links by the paths to which they lead.
pub(super) fn set_links(files: &mut [FoundFile], links: &HashMap<PathBuf, PathBuf>) {
    for file in files {
        let link = |path: &Path| links.get(path).cloned();
        file.link = link(&file.path).or_else(|| link(file.current()));
    }
}
