use super::{
    arguments::Arguments,
    export_argument::{Export, ExportKind},
    input::variable,
    output_file::{self, STANDARD_OUTPUT},
};
use std::{
    io::{self, Write as _},
    path::Path,
};
use tracegrep::{Tree, export};

/// Writes and sends what `--export` asks for. Returns why some of it failed.
pub(crate) fn run(arguments: &Arguments, tree: &Tree<'_>) -> Vec<String> {
    let results = arguments.exports.iter().map(|export| one(export, tree));
    results.filter_map(Result::err).collect()
}

fn one(export: &Export, tree: &Tree<'_>) -> Result<(), String> {
    let has_lines = matches!(export, Export::File(ExportKind::Perfetto, _));
    if !has_lines && tree.roots().next().is_none() {
        return Err("nothing is exported, because no line names a span".to_owned());
    }
    match export {
        Export::File(kind, path) => {
            let text = match kind {
                ExportKind::Perfetto => export::perfetto(tree),
                ExportKind::Jaeger => export::jaeger(tree),
                ExportKind::Otlp => export::otlp(tree),
            };
            write(path, text.as_bytes())
                .map_err(|error| format!("{}: cannot be written: {error}", path.display()))
        }
        Export::Collector(url) => {
            let collector = export::Collector::new(url).map_err(|error| error.to_string())?;
            let collector = collector
                .with_variables(variable)
                .map_err(|error| error.to_string())?;
            collector.send(tree).map_err(|problem| problem.to_string())
        }
    }
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    if path != Path::new(STANDARD_OUTPUT) {
        return output_file::write(path, text);
    }
    let mut out = io::stdout().lock();
    out.write_all(text).and_then(|()| out.flush())
}
