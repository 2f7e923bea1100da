//! Checks the rules of ARCHITECTURE.md for imports, by reading the `use` lines.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
};

/// The top-level modules and their levels, as in ARCHITECTURE.md.
const LEVELS: &[(&str, usize)] = &[
    ("quiet", 0),
    ("ship", 0),
    ("error", 1),
    ("stats", 1),
    ("json", 1),
    ("trace_context", 1),
    ("burst", 2),
    ("schema", 2),
    ("site", 2),
    ("hold", 2),
    ("trace_level", 2),
    ("w3c", 3),
    ("layer", 3),
    ("bridge", 4),
    ("carry", 4),
    ("writer", 4),
    ("http", 4),
    ("setup", 6),
    ("testing", 7),
    ("guide", 8),
    ("lib", 8),
];

fn level(module: &str) -> usize {
    LEVELS
        .iter()
        .find(|(known, _)| *known == module)
        .unwrap_or_else(|| {
            panic!("the module {module:?} has no level: add it to ARCHITECTURE.md and here")
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

/// The top-level modules that a source names as `crate::module`, one by one or in braces.
fn imported_modules(source: &str) -> Vec<String> {
    // Documentation may link upwards; code may not.
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join(" ");
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // Paths in a macro are resolved where the macro expands, which is in an application.
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
                    ',' if depth == 0 => paths.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(character),
                    _ => {}
                }
            }
            paths.push(name);
        } else {
            paths.push(rest.to_owned());
        }
    }
    paths
        .iter()
        .map(|path| {
            let end = path
                .trim_start()
                .find(|character: char| !(character.is_alphanumeric() || character == '_'));
            let path = path.trim_start();
            path[..end.unwrap_or(path.len())].to_owned()
        })
        .filter(|module| !module.is_empty())
        .collect()
}

#[test]
fn a_module_imports_only_from_itself_and_from_lower_levels() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 30, "the sources were not found");
    for file in files {
        let relative = file.strip_prefix(&root).expect("below the root");
        let first = relative.iter().next().expect("a name");
        let module = Path::new(first)
            .file_stem()
            .expect("a name")
            .to_string_lossy();
        let source = fs::read_to_string(&file).expect("readable");
        for imported in imported_modules(&source) {
            // Items exported at the root belong to a module. Macros are always exported there.
            let imported = match &*imported {
                "Error" => "error",
                "opentelemetry_of" | "otel_layer_of" => "trace_context",
                module => module,
            };
            assert!(
                imported == module || level(imported) < level(&module),
                "{} has level {} and imports `{imported}`, which has level {}",
                relative.display(),
                level(&module),
                level(imported),
            );
        }
    }
}

#[test]
fn imports_are_read_alone_and_in_groups() {
    let source = "use crate::json::Clock;\nuse crate::{\n    schema::{FixedKey, Schema},\n    Error,\n};\n// crate::layer\n";
    assert_eq!(imported_modules(source), ["json", "schema", "Error"]);
}

/// A module's path within its crate.
type Module = Vec<String>;

/// One imported path, in the module that imports it.
#[derive(Clone, Debug, PartialEq)]
struct Import {
    /// The path from `crate`, `super` or `self` on. The last name may be `*`.
    path: Vec<String>,
    /// The item's name in the importing module.
    name: String,
    is_reexport: bool,
}

/// The modules of one crate, with the code and the imports of each.
#[derive(Default)]
struct Crate {
    modules: HashMap<Module, (PathBuf, String, Vec<Import>)>,
}

/// A source without comments and without its tests.
fn code_of(source: &str) -> String {
    let end = source.find("#[cfg(test)]\nmod ").unwrap_or(source.len());
    source[..end]
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The imports by `use` of paths within the crate, one by one or in groups.
fn imports_of(code: &str) -> Vec<Import> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let start = code[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let before = code[start..at].trim();
        if !(before.is_empty() || before.starts_with("pub")) {
            continue;
        }
        let tree = &code[at + "use ".len()..];
        let tree = &tree[..tree.find(';').unwrap_or(tree.len())];
        expand(tree, &[], !before.is_empty(), &mut found);
    }
    found.retain(|import| matches!(&*import.path[0], "crate" | "super" | "self"));
    found
}

/// Expands the tree of a `use` that comes after `prefix`.
fn expand(tree: &str, prefix: &[String], is_reexport: bool, found: &mut Vec<Import>) {
    let (path, group) = match tree.split_once('{') {
        Some((path, group)) => (path, group.trim_end().strip_suffix('}')),
        None => (tree, None),
    };
    let (path, alias) = match path.split_once(" as ") {
        Some((path, alias)) => (path, Some(alias)),
        None => (path, None),
    };
    let names = path.split("::").map(str::trim);
    let names = names.filter(|name| !name.is_empty()).map(str::to_owned);
    let mut path: Vec<String> = prefix.iter().cloned().chain(names).collect();
    let Some(group) = group else {
        // `a::{self}` is `a`.
        if path.len() > prefix.len().max(1) && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(name) = path.last().cloned() {
            found.push(Import {
                name: alias.map_or(name, |alias| alias.trim().to_owned()),
                path,
                is_reexport,
            });
        }
        return;
    };
    let mut depth = 0;
    let mut start = 0;
    for (at, character) in group.char_indices().chain([(group.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !group[start..at].trim().is_empty() {
                    expand(&group[start..at], &path, is_reexport, found);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The names that follow `module::` in the code.
fn names_after<'a>(code: &'a str, module: &str) -> Vec<&'a str> {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(&format!("{module}::"))
        .filter(|(at, _)| !code[..*at].ends_with(|before| is_part(before) || before == ':'))
        .map(|(at, found)| {
            let rest = &code[at + found.len()..];
            &rest[..rest
                .find(|character| !is_part(character))
                .unwrap_or(rest.len())]
        })
        .filter(|name| !name.is_empty())
        .collect()
}

impl Crate {
    fn add(&mut self, file: &Path, relative: &Path, source: &str) {
        let mut module: Module = relative
            .with_extension("")
            .iter()
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        if matches!(
            module.last().map(String::as_str),
            Some("mod" | "lib" | "main")
        ) {
            module.pop();
        }
        let code = code_of(source);
        let imports = imports_of(&code);
        self.modules
            .insert(module, (file.to_owned(), code, imports));
    }

    /// The module that a path leads to, and whether the path names the module itself rather than an item in it. Follows re-exports to
    /// the module that defines the item.
    fn resolve(&self, from: &[String], path: &[String], depth: usize) -> (Module, bool) {
        let mut module = from.to_vec();
        let mut names = path.iter().peekable();
        while let Some(name) = names.peek() {
            match &***name {
                "crate" => module.clear(),
                "super" => drop(module.pop()),
                "self" => {}
                name => {
                    module.push(name.to_owned());
                    if !self.modules.contains_key(&module) {
                        module.pop();
                        break;
                    }
                }
            }
            names.next();
        }
        let Some(item) = names.next() else {
            return (module, true);
        };
        let reexport = self.modules.get(&module).and_then(|(_, _, imports)| {
            let is_it = |import: &&Import| import.name == *item && module != from;
            imports.iter().find(is_it)
        });
        match reexport {
            // No chain of re-exports is longer than this.
            Some(import) if depth < 8 => self.resolve(&module, &import.path, depth + 1),
            _ => (module, false),
        }
    }

    /// Each file with the files that it imports from. A re-export alone does not count as an import.
    fn graph(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let mut graph = BTreeMap::new();
        for (from, (file, code, imports)) in &self.modules {
            let mut targets = BTreeSet::new();
            for import in imports.iter().filter(|import| !import.is_reexport) {
                let (target, is_module) = self.resolve(from, &import.path, 0);
                if !is_module {
                    targets.insert(target);
                    continue;
                }
                // An imported module counts as the items that the code uses from it.
                for name in names_after(code, &import.name) {
                    let path = [&*import.path, &[name.to_owned()]].concat();
                    targets.insert(self.resolve(from, &path, 0).0);
                }
            }
            let targets = targets.iter().filter_map(|to| self.modules.get(to));
            let targets = targets.map(|(to, ..)| &**to).filter(|to| to != file);
            graph.insert(&**file, targets.collect());
        }
        graph
    }
}

/// A cycle of imports, if there is one, as the files in it.
fn cycle<'a>(graph: &BTreeMap<&'a Path, BTreeSet<&'a Path>>) -> Option<Vec<&'a Path>> {
    let mut done = BTreeSet::new();
    for start in graph.keys() {
        let mut way = Vec::new();
        if let Some(cycle) = cycle_from(graph, start, &mut way, &mut done) {
            return Some(cycle);
        }
    }
    None
}

fn cycle_from<'a>(
    graph: &BTreeMap<&'a Path, BTreeSet<&'a Path>>,
    file: &'a Path,
    way: &mut Vec<&'a Path>,
    done: &mut BTreeSet<&'a Path>,
) -> Option<Vec<&'a Path>> {
    if let Some(begin) = way.iter().position(|before| *before == file) {
        return Some(way[begin..].to_vec());
    }
    if done.contains(file) {
        return None;
    }
    way.push(file);
    for next in graph.get(file).into_iter().flatten() {
        if let Some(cycle) = cycle_from(graph, next, way, done) {
            return Some(cycle);
        }
    }
    way.pop();
    done.insert(file);
    None
}

/// All cycles, each without the files of those before it.
fn cycles(krate: &Crate) -> Vec<String> {
    let mut graph = krate.graph();
    let mut found = Vec::new();
    while let Some(files) = cycle(&graph) {
        let names = files.iter().chain(&files[..1]);
        let names: Vec<_> = names.map(|file| file.display().to_string()).collect();
        found.push(names.join(" -> "));
        graph.retain(|file, _| !files.contains(file));
    }
    found
}

/// The crates of the workspace: the root and those below `crates`.
fn crates() -> Vec<Crate> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let members = fs::read_dir(root.join("crates")).expect("the folder can be read");
    let members = members.map(|member| member.expect("an entry").path().join("src"));
    let folders = members.chain([root.join("src")]);
    let mut crates = Vec::new();
    for folder in folders.filter(|folder| folder.is_dir()) {
        let mut files = Vec::new();
        sources(&folder, &mut files);
        let mut library = Crate::default();
        for file in files {
            let relative = file.strip_prefix(&folder).expect("below the crate");
            // Programs are crates of their own.
            if relative.starts_with("bin") || relative == Path::new("main.rs") {
                continue;
            }
            let source = fs::read_to_string(&file).expect("readable");
            let shown = file.strip_prefix(root).expect("below the root");
            library.add(shown, relative, &source);
        }
        crates.push(library);
    }
    crates
}

#[test]
fn no_files_import_one_another_in_a_cycle() {
    let cycles: Vec<_> = crates().iter().flat_map(cycles).collect();
    assert!(cycles.is_empty(), "cycles:\n{}", cycles.join("\n"));
}

#[test]
fn rendering_does_not_import_id_tracking() {
    for library in &crates() {
        for (from, targets) in library.graph() {
            for to in targets {
                let crosses =
                    from.starts_with("src/layer/render") && to.starts_with("src/layer/ids");
                assert!(!crosses, "{} imports {}", from.display(), to.display());
            }
        }
    }
}

fn made_up(files: &[(&str, &str)]) -> Crate {
    let mut made_up = Crate::default();
    for (path, source) in files {
        made_up.add(Path::new(path), Path::new(path), source);
    }
    made_up
}

#[test]
fn a_cycle_through_a_reexport_is_found() {
    let files = [
        ("lib.rs", "mod shape;"),
        (
            "shape/mod.rs",
            "mod one;\nmod two;\npub(crate) use self::{one::One, two::{self, Two}};",
        ),
        ("shape/one.rs", "use super::Two;\npub struct One(Two);"),
        (
            "shape/two.rs",
            "use crate::{\n    shape::one::{self},\n};\npub struct Two(Vec<one::One>);",
        ),
    ];
    assert_eq!(
        cycles(&made_up(&files)),
        ["shape/one.rs -> shape/two.rs -> shape/one.rs"]
    );
}

#[test]
fn a_parent_that_declares_and_exports_its_children_forms_no_cycle() {
    let files = [
        ("lib.rs", "mod shape;\npub use self::shape::One;"),
        (
            "shape/mod.rs",
            "mod one;\nmod two;\npub use self::one::One;\npub(crate) const LIMIT: u32 = 1;",
        ),
        (
            "shape/one.rs",
            "use super::{LIMIT, two::Two as Other};\npub struct One(Other);",
        ),
        (
            "shape/two.rs",
            "// use super::One;\npub struct Two;\n#[cfg(test)]\nmod tests {\n    use super::super::One;\n}",
        ),
    ];
    let made_up = made_up(&files);
    assert_eq!(cycles(&made_up), <[String; 0]>::default());
    let targets = made_up.graph()[Path::new("shape/one.rs")].clone();
    assert_eq!(
        Vec::from_iter(targets),
        [Path::new("shape/mod.rs"), Path::new("shape/two.rs")]
    );
}

#[test]
fn groups_and_aliases_of_imports_are_expanded() {
    let code = "use super::{a::{self, B}, c as d};\npub(crate) use crate::e;\nuse std::fmt;";
    let paths = imports_of(code)
        .into_iter()
        .map(|import| (import.path.join("::"), import.name, import.is_reexport));
    let expected = [
        ("super::a", "a", false),
        ("super::a::B", "B", false),
        ("super::c", "d", false),
        ("crate::e", "e", true),
    ];
    let expected =
        expected.map(|(path, name, is_reexport)| (path.to_owned(), name.to_owned(), is_reexport));
    assert_eq!(Vec::from_iter(paths), expected);
}
