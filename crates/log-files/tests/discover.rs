//! Looks for files in real folders.

use log_files::discover::{Finder, Found, Sources, Unread, UnreadReason};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be created"))
    }

    fn path(&self) -> PathBuf {
        // On macOS, the folder of temporary files is a link.
        fs::canonicalize(self.0.path()).expect("the folder exists")
    }

    fn join(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// Creates a file and its folder, and sets when it was modified.
    fn write_at(&self, path: &str, seconds: u64) -> PathBuf {
        let path = self.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be created");
        fs::write(&path, "line\n").expect("a file can be written");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + seconds);
        let file = File::options()
            .append(true)
            .open(&path)
            .expect("it can be opened");
        file.set_modified(time).expect("the time can be set");
        path
    }

    fn write(&self, path: &str) -> PathBuf {
        self.write_at(path, 0)
    }

    fn sources(&self, paths: &[&str]) -> Sources {
        let mut sources = Sources::default();
        for path in paths {
            sources.add(self.join(path));
        }
        sources
    }

    fn names(&self, found: &Found) -> Vec<String> {
        let relative = |path: &Path| {
            let relative = path.strip_prefix(self.path()).expect("below the folder");
            relative.to_str().expect("UTF-8").replace('\\', "/")
        };
        found
            .files
            .iter()
            .map(|file| relative(&file.path))
            .collect()
    }

    #[track_caller]
    fn assert_finds(&self, paths: &[&str], expected: &[&str]) {
        let found = self.sources(paths).find();
        let mut names = self.names(&found);
        names.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(names, expected, "{paths:?}");
        assert!(
            found.problems.is_empty() && found.is_complete,
            "{:?}",
            found.problems
        );
    }
}

#[test]
fn a_folder_includes_only_the_files_in_it() {
    let folder = Folder::new();
    for name in [
        "a.log",
        "a.log.1",
        "b",
        "c.gz",
        ".hidden",
        "d.tmp",
        "e.log~",
        "sub/f.log",
    ] {
        folder.write(name);
    }
    fs::write(folder.join("empty"), "").expect("a file can be written");
    folder.assert_finds(&[""], &["a.log", "a.log.1", "b", "c.gz", "empty"]);
}

#[test]
fn a_file_includes_its_rotated_versions() {
    let folder = Folder::new();
    for name in [
        "a.log",
        "a.log.1",
        "a.log.2.gz",
        "a-20261128.log",
        "ab.log",
        "b.log.1",
        ".a.log",
    ] {
        folder.write(name);
    }
    folder.assert_finds(
        &["a.log"],
        &["a.log", "a.log.1", "a.log.2.gz", "a-20261128.log"],
    );
    folder.assert_finds(&[".a.log"], &[".a.log"]);
    folder.assert_finds(&["c.log"], &[]);
}

#[test]
fn a_pattern_includes_what_its_files_are_rotated_to_even_if_nothing_matches_now() {
    let folder = Folder::new();
    for name in [
        "app.log.1",
        "web.log.2.gz",
        "db.20261122T110400.123456Z.log.gz",
        "x.txt.1",
    ] {
        folder.write(name);
    }
    let logs = [
        "app.log.1",
        "web.log.2.gz",
        "db.20261122T110400.123456Z.log.gz",
    ];
    folder.assert_finds(&["*.log"], &logs);
    folder.assert_finds(&["app.[l]og"], &["app.log.1"]);
    let sources = folder.sources(&["*.log"]);
    assert_eq!(sources.unread(), []);
    assert_eq!(
        reasons(&folder.sources(&["*.json"])),
        [UnreadReason::NoMatch]
    );
}

#[test]
fn patterns_match_folders_too() {
    let folder = Folder::new();
    let files = [
        "a.log",
        "one/a.log",
        "one/two/a.log",
        "one/two/b.log.1",
        "one/.git/a.log",
        "three/b.txt",
    ];
    for name in files {
        folder.write(name);
    }
    folder.assert_finds(&["*/*.log"], &["one/a.log"]);
    folder.assert_finds(&["*/two/*.log"], &["one/two/a.log", "one/two/b.log.1"]);
    folder.assert_finds(
        &["**/*.log"],
        &["a.log", "one/a.log", "one/two/a.log", "one/two/b.log.1"],
    );
    folder.assert_finds(&["**/two/a.log"], &["one/two/a.log"]);
    folder.assert_finds(
        &["**"],
        &[
            "a.log",
            "one/a.log",
            "one/two/a.log",
            "one/two/b.log.1",
            "three/b.txt",
        ],
    );
    folder.assert_finds(
        &["one", "**/a.log", "*/a.log"],
        &["a.log", "one/a.log", "one/two/a.log"],
    );
}

#[test]
fn a_name_with_wildcards_can_be_that_of_a_file_or_a_folder() {
    let folder = Folder::new();
    folder.write("logs[1]/a[2].log");
    folder.assert_finds(&["logs[1]"], &["logs[1]/a[2].log"]);
    folder.assert_finds(&["logs[1]/a[2].log"], &["logs[1]/a[2].log"]);
}

#[test]
fn closed_files_come_in_the_order_of_rotation() {
    let folder = Folder::new();
    // The times do not show the order, as after a restored backup.
    for (at, name) in ["a.log", "a.log.1", "a.log.2.gz", "a.log.10.gz"]
        .into_iter()
        .enumerate()
    {
        folder.write_at(name, 10 + at as u64);
    }
    folder.write_at("b.log", 5);
    folder.write_at("b-20261128.log", 50);
    folder.write_at("b-20261127.log", 60);
    let found = folder.sources(&[""]).find();
    let expected = [
        "b-20261127.log",
        "b-20261128.log",
        "b.log",
        "a.log.10.gz",
        "a.log.2.gz",
        "a.log.1",
        "a.log",
    ];
    assert_eq!(folder.names(&found), expected);
    for file in &found.files {
        let is_current = file.path == file.current();
        assert_eq!(file.is_closed, !is_current, "{}", file.path.display());
        assert_eq!(file.bytes, 5);
    }
}

#[test]
fn the_newest_dated_file_without_a_current_file_is_not_closed() {
    let folder = Folder::new();
    for name in [
        "a.2026-11-27.log",
        "a.2026-11-28.log",
        "w-1.log",
        "w-2.log",
        "v.log",
        "v-1.log",
    ] {
        folder.write(name);
    }
    folder.write_at("v-2.log", 10);
    let found = folder.sources(&["*.log"]).find();
    let closed = found.files.iter().filter(|file| file.is_closed);
    let closed: Vec<_> = closed.filter_map(|file| file.path.file_name()).collect();
    // `v-2.log` was written after `v.log`, so it is another current file.
    assert_eq!(closed, ["a.2026-11-27.log", "v-1.log"]);
}

#[test]
fn a_thousand_files_are_found_through_a_thousand_names() {
    let folder = Folder::new();
    let mut sources = Sources::default();
    for number in 0..1_000 {
        sources.add(folder.write(&format!("job{number}x.log")));
    }
    sources.add(folder.join("*.log"));
    let mut finder = Finder::new(sources);
    assert_eq!(finder.find().files.len(), 1_000);
    assert_eq!(finder.folders().count(), 1);
}

#[test]
fn a_changed_file_is_looked_at_alone() {
    let folder = Folder::new();
    let path = folder.write("a.log");
    folder.write("b.log");
    let mut finder = Finder::new(folder.sources(&["*.log"]));
    finder.find();
    fs::write(&path, "two\nlines\n").expect("a file can be written");
    let found = finder.find_changed([path.as_path(), &folder.join("c.txt")]);
    assert_eq!(folder.names(&found), ["a.log"]);
    assert_eq!(found.files[0].bytes, 10);
    assert!(!found.is_complete);
    assert!(
        finder
            .find_changed([folder.join("none.txt").as_path()])
            .files
            .is_empty()
    );
}

#[test]
fn a_file_that_was_removed_and_made_anew_has_its_own_time_of_creation() {
    let folder = Folder::new();
    let path = folder.write("a.log");
    let mut finder = Finder::new(folder.sources(&["*.log"]));
    finder.find();
    // Some file systems have a time of creation that is this coarse, and give the new file the inode of the old one.
    thread::sleep(Duration::from_millis(20));
    fs::remove_file(&path).expect("it can be removed");
    folder.write("a.log");
    let found = finder.find_changed([path.as_path()]);
    let metadata = fs::metadata(&path).expect("the file exists");
    assert_eq!(found.files[0].created, metadata.created().ok());
}

#[cfg(unix)]
#[test]
fn a_rotation_is_found_by_looking_at_the_paths_that_changed() {
    let folder = Folder::new();
    let path = folder.write("a.log");
    folder.write("b.log");
    let mut finder = Finder::new(folder.sources(&["*.log"]));
    let before = finder.find();
    let key = before.files[0].key;
    fs::rename(&path, folder.join("a.log.1")).expect("it can be renamed");
    let found = finder.find_changed([path.as_path(), &folder.join("a.log.1")]);
    assert_eq!(folder.names(&found), ["a.log.1", "b.log"]);
    assert_eq!((found.files[0].key, found.files[0].is_closed), (key, true));
    folder.write("a.log");
    let found = finder.find_changed([path.as_path()]);
    assert_eq!(folder.names(&found), ["a.log.1", "a.log", "b.log"]);
}

#[test]
fn folders_that_appear_are_found_by_looking_at_their_paths() {
    let folder = Folder::new();
    folder.write("one/a.log");
    let mut finder = Finder::new(folder.sources(&["**/*.log", "later"]));
    finder.find();
    folder.write("two/three/a.log");
    let found = finder.find_changed([folder.join("two").as_path()]);
    assert_eq!(folder.names(&found), ["two/three/a.log"]);
    assert!(
        found.has_other_folders
            && finder
                .folders()
                .any(|path| path == folder.join("two/three"))
    );
    folder.write("later/x.txt");
    let found = finder.find_changed([folder.join("later").as_path()]);
    assert_eq!(folder.names(&found), ["later/x.txt"]);
    assert_eq!(finder.find().files.len(), 3);
}

#[test]
fn invalid_patterns_are_errors() {
    let folder = Folder::new();
    let error = Sources::default().check().expect_err("there are no paths");
    assert!(error.is_empty());
    let error = folder
        .sources(&["a[.log"])
        .check()
        .expect_err("it is not closed");
    assert!(
        error
            .to_string()
            .ends_with("a[.log` is not a valid glob pattern")
    );
    assert!(folder.sources(&["a**.log"]).check().is_err());
    assert!(folder.sources(&["**/a.log"]).check().is_ok());
    assert_eq!(folder.sources(&["*/x/*.log"]).folder(), Some(folder.path()));
    assert_eq!(folder.sources(&[""]).folder(), Some(folder.join("")));
}

#[test]
fn each_path_from_which_nothing_is_read_is_found_with_the_reason() {
    let folder = Folder::new();
    folder.write("empty/below/a.log");
    folder.write("sub/.hidden.log");
    folder.write("b.log.tmp");
    folder.write("app[1].log");
    let sources = folder.sources(&[
        "a.log",
        "*.log.gz",
        "empty",
        "b.log.tmp",
        "sub/.hidden.log",
        "app[1].log",
    ]);
    assert_eq!(
        reasons(&sources),
        [
            UnreadReason::Missing,
            UnreadReason::NoMatch,
            UnreadReason::EmptyFolder,
            UnreadReason::Unfinished,
        ]
    );
    let unread = sources.unread();
    assert!(unread.iter().take(2).all(Unread::is_missing) && !unread[2].is_missing());
    assert_eq!(sources.never_read(), unread[3..]);
    for (unread, name) in unread
        .iter()
        .zip(["a.log`", "*.log.gz`", "empty`", "b.log.tmp`"])
    {
        assert!(unread.to_string().contains(name), "{unread}");
    }
    // A rotated version is enough.
    folder.write("a.log.1");
    folder.write("b.log.gz");
    let sources = folder.sources(&["a.log", "*.log.gz", "empty/below", ""]);
    assert_eq!(sources.unread(), []);
}

#[test]
fn a_file_is_named_by_its_own_path_alone() {
    let folder = Folder::new();
    for name in ["a.log", "a.log.1", "b.log", "sub/c.log", "app[1].log"] {
        folder.write(name);
    }
    let mut finder = Finder::new(folder.sources(&["a.log", "b*", "sub", "app[1].log"]));
    let mut named = finder.find();
    assert_eq!(named.files.len(), 5);
    named.files.retain(|file| finder.is_named(file));
    let mut names = folder.names(&named);
    names.sort();
    assert_eq!(names, ["a.log", "app[1].log"]);
}

fn reasons(sources: &Sources) -> Vec<UnreadReason> {
    let unread = sources.unread();
    unread.iter().map(|unread| unread.reason).collect()
}

#[cfg(unix)]
mod links {
    use super::*;
    use log_files::discover::Problem;
    use std::os::unix::fs::{PermissionsExt as _, lchown, symlink};

    fn link(target: impl AsRef<Path>, at: &Path) {
        fs::create_dir_all(at.parent().expect("a folder")).expect("a folder can be created");
        symlink(target, at).expect("a link can be created");
    }

    /// Gives a file to another user. Returns `false` if this process may not do so.
    fn give_away(path: &Path) -> bool {
        lchown(path, Some(12_345), None).is_ok()
    }

    #[test]
    fn a_link_includes_the_rotated_files_beside_its_target() {
        let folder = Folder::new();
        for name in [
            "0.log",
            "0.log.20261128-120000",
            "0.log.20261127-120000.gz",
            "1.log",
        ] {
            folder.write(&format!("pods/shop_web/web/{name}"));
        }
        let at = folder.join("containers/web-9f0b.log");
        link("../pods/shop_web/web/0.log", &at);
        let found = folder.sources(&["containers/*.log"]).find();
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        let expected = ["0.log.20261127-120000.gz", "0.log.20261128-120000", "0.log"];
        let expected = expected.map(|name| format!("pods/shop_web/web/{name}"));
        assert_eq!(folder.names(&found), expected);
        for file in &found.files {
            assert_eq!(file.link.as_deref(), Some(at.as_path()));
        }
    }

    #[test]
    fn the_rotated_files_of_a_link_are_found_again_after_a_rotation() {
        let folder = Folder::new();
        let target = folder.write("pods/web/0.log");
        link(&target, &folder.join("containers/web.log"));
        let mut finder = Finder::new(folder.sources(&["containers/*.log"]));
        finder.find();
        assert!(finder.folders().any(|path| path == folder.join("pods/web")));
        let rotated = folder.join("pods/web/0.log.20261128-120000");
        fs::rename(&target, &rotated).expect("it can be renamed");
        folder.write("pods/web/0.log");
        let found = finder.find_changed([rotated.as_path()]);
        let closed: Vec<_> = found.files.iter().map(|file| file.is_closed).collect();
        assert_eq!(closed, [true, false]);
        assert!(found.files.iter().all(|file| file.link.is_some()));
    }

    #[test]
    fn a_file_is_found_once_whatever_leads_to_it() {
        let folder = Folder::new();
        let path = folder.write("a.2026-11-28.log");
        link("a.2026-11-28.log", &folder.join("a.log"));
        fs::hard_link(&path, folder.join("b.log")).expect("a hard link can be created");
        link("gone.log", &folder.join("dangling.log"));
        link("loop.log", &folder.join("loop2.log"));
        link("loop2.log", &folder.join("loop.log"));
        let found = folder.sources(&["*.log"]).find();
        assert_eq!(found.files.len(), 1);
        assert!(
            !found.files[0].is_closed,
            "the link of today's name does not close today's file"
        );
    }

    #[test]
    fn a_link_to_a_foreign_file_is_left_out_and_reported_once() {
        let (folder, other) = (Folder::new(), Folder::new());
        let secret = other.write("secret");
        folder.write("a.log");
        if !give_away(&secret) {
            return;
        }
        link(&secret, &folder.join("planted.log"));
        link("planted.log", &folder.join("hidden-behind.log"));
        let sources = folder.sources(&["*.log"]);
        let mut finder = Finder::new(sources.clone());
        let found = finder.find();
        assert_eq!(folder.names(&found), ["a.log"]);
        assert_eq!(found.problems.len(), 2);
        let is_left_out = |problem: &Problem| matches!(problem, Problem::LinkNotFollowed { target, .. } if *target == secret);
        assert!(
            found.problems.iter().all(is_left_out),
            "{:?}",
            found.problems
        );
        assert!(finder.find().problems.is_empty());
        assert_eq!(
            reasons(&folder.sources(&["planted.log"])),
            [UnreadReason::LinkNotFollowed]
        );
        let found = sources.with_linked_files(true).find();
        assert!(found.problems.is_empty() && found.files.len() == 2);
    }

    #[test]
    fn a_foreign_link_to_a_file_of_the_owner_is_left_out() {
        let (folder, other) = (Folder::new(), Folder::new());
        let secret = other.write("secret");
        let planted = folder.join("planted.log");
        link(&secret, &planted);
        assert_eq!(folder.sources(&["*.log"]).find().files.len(), 1);
        if give_away(&planted) {
            let found = folder.sources(&["*.log"]).find();
            assert_eq!((found.files.len(), found.problems.len()), (0, 1));
        }
    }

    #[test]
    fn a_foreign_link_behind_a_link_of_the_owner_is_left_out() {
        let (folder, other, third) = (Folder::new(), Folder::new(), Folder::new());
        let secret = third.write("secret");
        let replaced = other.join("app.log");
        link(&secret, &replaced);
        link(&replaced, &folder.join("app.log"));
        assert_eq!(folder.sources(&["*.log"]).find().files.len(), 1);
        if give_away(&replaced) {
            let found = folder.sources(&["*.log"]).find();
            assert_eq!((found.files.len(), found.problems.len()), (0, 1));
        }
    }

    #[test]
    fn a_link_to_a_folder_is_followed_by_a_pattern_but_not_recursively() {
        let (folder, other) = (Folder::new(), Folder::new());
        other.write("x/a.log");
        link(other.join("x"), &folder.join("linked"));
        folder.assert_finds(&["*/*.log"], &["linked/a.log"]);
        folder.assert_finds(&["**/*.log"], &[]);
        folder.assert_finds(&["linked"], &["linked/a.log"]);
        if give_away(&other.join("x")) {
            let found = folder.sources(&["*/*.log"]).find();
            assert_eq!((found.files.len(), found.problems.len()), (0, 1));
        }
    }

    #[test]
    fn a_folder_without_rights_does_not_stop_the_others() {
        let folder = Folder::new();
        folder.write("closed/a.log");
        folder.write("open/a.log");
        let closed = folder.join("closed");
        let set_mode = |mode| {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(&closed, permissions).expect("the rights can be set");
        };
        set_mode(0);
        let can_read_everything = fs::read_dir(&closed).is_ok();
        let found = folder.sources(&["*/*.log"]).find();
        set_mode(0o700);
        if !can_read_everything {
            assert_eq!(folder.names(&found), ["open/a.log"]);
            assert_eq!(found.problems.len(), 1);
            assert_eq!(found.problems[0].path(), closed);
            assert!(found.problems[0].to_string().contains("cannot be read: "));
        }
    }
}
