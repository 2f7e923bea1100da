//! The floor rule of ARCHITECTURE.md, read off the `use` lines.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The rooms and their floors, as ARCHITECTURE.md has them.
const FLOORS: [(&str, usize); 24] = [
    ("foreign", 0),
    ("disk", 0),
    ("quiet", 0),
    ("redact", 0),
    ("error", 1),
    ("stats", 1),
    ("json", 1),
    ("lock", 1),
    ("trace_context", 1),
    ("net", 2),
    ("schema", 2),
    ("site", 2),
    ("w3c", 2),
    ("layer", 3),
    ("bridge", 4),
    ("carry", 4),
    ("writer", 4),
    ("http", 4),
    ("setup", 6),
    ("ship", 5),
    ("testing", 7),
    ("guide", 8),
    ("lib", 8),
    ("bin", 8),
];

fn floor(room: &str) -> usize {
    FLOORS
        .iter()
        .find(|(known, _)| *known == room)
        .unwrap_or_else(|| {
            panic!("the room {room:?} has no floor: add it to ARCHITECTURE.md and here")
        })
        .1
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The rooms that a source names as `crate::room`, one by one or in braces.
fn imported_rooms(source: &str) -> Vec<String> {
    // Documentation may link upwards; code may not.
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join(" ");
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // What a macro names is looked up where it is expanded, which is in an application.
        if code[..at].ends_with('$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for character in group.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => rooms.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(character),
                    _ => {}
                }
            }
            rooms.push(name);
        } else {
            rooms.push(rest.to_owned());
        }
    }
    rooms
        .iter()
        .map(|path| {
            let end = path
                .trim_start()
                .find(|character: char| !(character.is_alphanumeric() || character == '_'));
            let path = path.trim_start();
            path[..end.unwrap_or(path.len())].to_owned()
        })
        .filter(|room| !room.is_empty())
        .collect()
}

#[test]
fn a_room_imports_only_from_floors_below_and_from_itself() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 30, "the sources were not found");
    for file in files {
        let relative = file.strip_prefix(&root).expect("below the root");
        let first = relative.iter().next().expect("a name");
        let room = Path::new(first)
            .file_stem()
            .expect("a name")
            .to_string_lossy();
        let source = fs::read_to_string(&file).expect("readable");
        for imported in imported_rooms(&source) {
            // What is exported at the root belongs to some room; a macro always is.
            let imported = match &*imported {
                "Error" => "error",
                "opentelemetry_of" | "otel_layer_of" => "trace_context",
                room => room,
            };
            assert!(
                imported == room || floor(imported) < floor(&room),
                "{} is on floor {} and imports `{imported}`, on floor {}",
                relative.display(),
                floor(&room),
                floor(imported),
            );
        }
    }
}

#[test]
fn imports_are_read_alone_and_in_groups() {
    let source = "use crate::json::Clock;\nuse crate::{\n    schema::{FixedKey, Schema},\n    Error,\n};\n// crate::layer\n";
    assert_eq!(imported_rooms(source), ["json", "schema", "Error"]);
}
