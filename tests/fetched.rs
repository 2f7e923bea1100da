//! Checks that `tests/servers/LICENCES.md` lists everything that scripts fetch, with a licence that the project accepts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const LIST: &str = "tests/servers/LICENCES.md";

/// Licences that the project does not accept, not even for tests.
const REFUSED: [&str; 4] = ["AGPL", "SSPL", "BUSL", "ELASTIC"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files that name what is fetched: each shell script, which is each file of `.ci` and each `.sh` elsewhere, and each `go.mod`.
fn scripts() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder)
            .expect("the folder can be read")
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                if path.file_name().is_none_or(|name| name != "target") {
                    walk(&path, found);
                }
            } else if path.extension().is_some_and(|extension| extension == "sh")
                || path.ends_with("go.mod")
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

/// Commands that are followed by the names of packages, up to an operator of the shell.
const PACKAGES: [&str; 3] = ["cargo install", "apt-get install", "pip install"];

/// Commands that fetch parts of the Rust toolchain, which is listed as `rustup`.
const RUST: [&str; 3] = [
    "rustup component add",
    "rustup toolchain install",
    "rustup target add",
];

/// Commands that name what they fetch by an address or by Maven coordinates.
const ADDRESSES: [&str; 7] = [
    "git clone",
    "go mod download",
    "go get",
    "dependency:get",
    "wget ",
    "docker pull",
    "podman pull",
];

/// Options that take the next word as their value.
const WITH_VALUE: [&str; 5] = ["--target", "--version", "--root", "--features", "-c"];

/// The names of everything that a script fetches, and the lines that fetch something without a recognisable name.
fn fetched(script: &str) -> (BTreeSet<String>, Vec<String>) {
    let (mut names, mut unrecognised) = (BTreeSet::new(), Vec::new());
    // Join commands that are continued on the next line.
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
                    unrecognised.push(line.to_owned());
                }
                names.extend(found);
            }
        }
        if RUST.iter().any(|words| line.contains(words)) {
            names.insert("rustup".to_owned());
        }
        names.extend(required(line));
        // Dependencies in a Maven pom.
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
            // `go mod download` without a name fetches the modules of go.mod.
            if found.is_empty() {
                unrecognised.push(line.to_owned());
            }
            names.extend(found);
        }
    }
    (names, unrecognised)
}

/// The names of packages after a command.
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

/// The module that a line of a `go.mod` requires.
fn required(line: &str) -> Option<String> {
    let line = line.trim_start_matches("require ");
    let (module, version) = line.split_once(' ')?;
    let version = version.trim_end_matches("// indirect").trim();
    let numbers = version.strip_prefix('v')?;
    let is_version = numbers.starts_with(|first: char| first.is_ascii_digit())
        && numbers.contains('.')
        && !numbers.contains(char::is_whitespace);
    (is_version && module.contains('/')).then(|| module.to_owned())
}

/// A URL, a Go module with a version, or Maven coordinates, if a word is one of these.
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

/// The rows of the list: names and licences.
fn listed() -> BTreeMap<String, String> {
    let list = fs::read_to_string(root().join(LIST)).expect("the list exists");
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
        let name = cells.next()?.split('`').next()?.to_owned();
        Some((name, cells.nth(1)?.to_owned()))
    };
    list.lines().filter_map(row).collect()
}

#[test]
fn everything_that_a_script_fetches_is_listed_with_an_accepted_licence() {
    let listed = listed();
    let (mut needed, mut problems) = (BTreeSet::new(), Vec::new());
    for script in scripts() {
        let name = script
            .strip_prefix(root())
            .expect("the script is below the root")
            .display();
        let text = fs::read_to_string(&script).expect("the script can be read");
        let (names, unrecognised) = fetched(&text);
        for line in unrecognised {
            problems.push(format!(
                "{name}: no name recognised in a line that fetches something: {line}"
            ));
        }
        for fetched in names {
            if !listed.contains_key(&fetched) {
                problems.push(format!(
                    "{name} fetches `{fetched}`: add it and its licence to {LIST}"
                ));
            }
            needed.insert(fetched);
        }
    }
    for (name, licence) in &listed {
        let upper = licence.to_uppercase();
        if licence.is_empty() || REFUSED.iter().any(|refused| upper.contains(refused)) {
            problems.push(format!(
                "`{name}` is under {licence:?}, which the project does not accept"
            ));
        }
        if !needed.contains(name) {
            problems.push(format!("no script fetches `{name}`: remove it from {LIST}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_command_that_fetches_is_recognised() {
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
        ("require a.org/b v1.2.3", "a.org/b"),
        (
            "require (\n\ta.org/c v1.2.3\n\ta.org/b/v3 v3.0.0-x // indirect\n)",
            "a.org/b/v3",
        ),
        ("<groupId>a</groupId>\n  <artifactId>b</artifactId>", "a:b"),
    ] {
        let (names, unrecognised) = fetched(line);
        assert!(names.contains(name), "{line}: {names:?}");
        assert!(unrecognised.is_empty(), "{line}: {unrecognised:?}");
    }
    let (names, unrecognised) = fetched("git clone \"$somewhere\"\ncargo install");
    assert_eq!((names.len(), unrecognised.len()), (0, 2));
    let (names, unrecognised) =
        fetched("# cargo install a\ncurl http://127.0.0.1:80\nmvn package\nmodule a/b\ngo 1.23");
    assert_eq!((names.len(), unrecognised.len()), (0, 0));
}
