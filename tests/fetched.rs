//! What scripts fetch is listed in `tests/servers/LICENCES.md`, with a licence that the project takes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const LIST: &str = "tests/servers/LICENCES.md";

/// Licences that the project takes for nothing, its tests included.
const REFUSED: [&str; 4] = ["AGPL", "SSPL", "BUSL", "ELASTIC"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The shell scripts of the repository: each file of `.ci`, and each `.sh` elsewhere.
fn scripts() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                if path.file_name().is_none_or(|name| name != "target") {
                    walk(&path, found);
                }
            } else if path.extension().is_some_and(|extension| extension == "sh")
                || folder.file_name().is_some_and(|name| name == ".ci")
            {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    for folder in [".ci", "tests", "benches", "examples", "fuzz"] {
        walk(&root().join(folder), &mut found);
    }
    found.sort();
    found
}

/// What follows these words on a line is what it fetches: package names, until an operator of the shell.
const PACKAGES: [&str; 3] = ["cargo install", "apt-get install", "pip install"];

/// What these fetch is the Rust project's own, and listed as `rustup`.
const RUST: [&str; 3] = [
    "rustup component add",
    "rustup toolchain install",
    "rustup target add",
];

/// Lines with one of these words name what they fetch by an address or a coordinate.
const ADDRESSES: [&str; 7] = [
    "git clone",
    "go mod download",
    "go get",
    "dependency:get",
    "wget ",
    "docker pull",
    "podman pull",
];

/// Options whose value is the next word.
const WITH_VALUE: [&str; 5] = ["--target", "--version", "--root", "--features", "-c"];

/// The names of what a script fetches, and the lines that fetch something whose name cannot be read.
fn fetched(script: &str) -> (BTreeSet<String>, Vec<String>) {
    let (mut names, mut unread) = (BTreeSet::new(), Vec::new());
    // A command over several lines is one.
    let script = script.replace("\\\n", " ");
    let mut group = None;
    for line in script.lines() {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        for words in PACKAGES {
            for (at, _) in line.match_indices(words) {
                let found = packages(&line[at + words.len()..]);
                if found.is_empty() {
                    unread.push(line.to_owned());
                }
                names.extend(found);
            }
        }
        if RUST.iter().any(|words| line.contains(words)) {
            names.insert("rustup".to_owned());
        }
        // The dependencies of a pom.
        let tag = |name: &str| {
            let rest = line.strip_prefix(&format!("<{name}>"))?;
            Some(rest.split('<').next().unwrap_or_default().to_owned())
        };
        if let Some(id) = tag("groupId") {
            group = Some(id);
        } else if let (Some(group), Some(artifact)) = (&group, tag("artifactId"))
            && group != "tests"
        {
            names.insert(format!("{group}:{artifact}"));
        }
        let is_curl = line.contains("curl ") && line.contains("https://");
        if is_curl || ADDRESSES.iter().any(|words| line.contains(words)) {
            let found: Vec<String> = line.split_whitespace().filter_map(address).collect();
            // `go mod download` without a name fetches what go.mod names.
            if found.is_empty() {
                unread.push(line.to_owned());
            }
            names.extend(found);
        }
    }
    (names, unread)
}

fn packages(rest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = rest.split_whitespace();
    while let Some(word) = words.next() {
        let word = word.trim_matches(['"', '\'']);
        if word.starts_with(['|', '&', ';', ')', '}', '2', '>', '#']) {
            break;
        }
        if WITH_VALUE.contains(&word) {
            words.next();
        } else if !word.starts_with('-') {
            found.push(word.trim_end_matches([';', ')']).to_owned());
            if word.ends_with([';', ')']) {
                break;
            }
        }
    }
    found
}

/// A URL, a module of Go with a version, or the coordinates of Maven.
fn address(word: &str) -> Option<String> {
    let word = word.trim_matches(['"', '\'', '(', ')', ';']);
    if word.starts_with("https://") || word.starts_with("http://") {
        return Some(word.to_owned());
    }
    if let Some(coordinates) = word.strip_prefix("-Dartifact=") {
        let coordinates = coordinates.trim_matches('"');
        let mut parts = coordinates.split(':');
        return Some(format!("{}:{}", parts.next()?, parts.next()?));
    }
    let (module, _) = word.split_once('@')?;
    module.contains('/').then(|| module.to_owned())
}

/// The rows of the list: what, and its licence.
fn listed() -> BTreeMap<String, String> {
    let list = fs::read_to_string(root().join(LIST)).expect("the list");
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
        let name = cells.next()?.split('`').next()?.to_owned();
        Some((name, cells.nth(1)?.to_owned()))
    };
    list.lines().filter_map(row).collect()
}

#[test]
fn whatever_a_script_fetches_is_listed_with_a_licence_that_the_project_takes() {
    let listed = listed();
    let (mut needed, mut wrong) = (BTreeSet::new(), Vec::new());
    for script in scripts() {
        let name = script.strip_prefix(root()).expect("within").display();
        let text = fs::read_to_string(&script).expect("a script");
        let (names, unread) = fetched(&text);
        for line in unread {
            wrong.push(format!("{name}: cannot read what this fetches: {line}"));
        }
        for fetched in names {
            if !listed.contains_key(&fetched) {
                wrong.push(format!(
                    "{name} fetches `{fetched}`: add it and its licence to {LIST}"
                ));
            }
            needed.insert(fetched);
        }
    }
    for (name, licence) in &listed {
        let upper = licence.to_uppercase();
        if licence.is_empty() || REFUSED.iter().any(|refused| upper.contains(refused)) {
            wrong.push(format!(
                "`{name}` is under {licence:?}, which the project does not take"
            ));
        }
        if !needed.contains(name) {
            wrong.push(format!("no script fetches `{name}`: remove it from {LIST}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_way_to_fetch_is_recognised() {
    for (line, name) in [
        ("cargo install --locked --quiet a", "a"),
        ("x || { apt-get update && apt-get install --yes a; }", "a"),
        ("p/bin/pip install --quiet a", "a"),
        ("apt-get install a b 2>/dev/null", "b"),
        ("rustup toolchain install a --profile minimal", "rustup"),
        ("rustup component add b a 2>/dev/null || true", "rustup"),
        ("rustup target add --toolchain 1.89 a", "rustup"),
        (
            "[ -d x ] || git clone --depth 1 https://a/b \"$x\"",
            "https://a/b",
        ),
        (
            "curl -sSfL https://a/b.tar.gz | tar xz",
            "https://a/b.tar.gz",
        ),
        (
            "module=$(go mod download -json \"a.org/b@$version\")",
            "a.org/b",
        ),
        ("go get \"a.org/b/v3@$version\"", "a.org/b/v3"),
        (
            "mvn dependency:get \\\n -Dartifact=\"a:b:$version:jar:exec\" -Dtransitive=false",
            "a:b",
        ),
        ("<groupId>a</groupId>\n  <artifactId>b</artifactId>", "a:b"),
    ] {
        let (names, unread) = fetched(line);
        assert!(names.contains(name), "{line}: {names:?}");
        assert!(unread.is_empty(), "{line}: {unread:?}");
    }
    let (names, unread) = fetched("git clone \"$somewhere\"\ncargo install");
    assert_eq!((names.len(), unread.len()), (0, 2));
    let (names, unread) = fetched("# cargo install a\ncurl http://127.0.0.1:80\nmvn package");
    assert_eq!((names.len(), unread.len()), (0, 0));
}
