use super::arguments::Arguments;
use tracegrep::{Line, Span, Tree};

/// Why nothing is left of a trace.
#[derive(Debug)]
pub(crate) enum Refused {
    /// No span has an id that begins with the one given.
    NoSpan,
    /// Several spans have such ids. Each is described.
    SeveralSpans(Vec<String>),
    /// No line is wanted.
    NoLines,
}

/// Keeps what the options ask for.
pub(crate) fn apply<'t>(arguments: &Arguments, tree: Tree<'t>) -> Result<Tree<'t>, Refused> {
    let mut tree = match &arguments.span {
        Some(id) => subtree(tree, id)?,
        None => tree,
    };
    // A tracing backend may have spans of a trace that no line belongs to.
    let had_lines = !tree.lines().is_empty();
    if arguments.level.is_some() || !arguments.services.is_empty() {
        tree.retain_lines(|line, service| is_wanted(arguments, line, service));
    }
    match had_lines && tree.lines().is_empty() {
        true => Err(Refused::NoLines),
        false => Ok(tree),
    }
}

fn subtree<'t>(tree: Tree<'t>, id: &str) -> Result<Tree<'t>, Refused> {
    let found = tree.spans_with_prefix(id);
    if found.len() > 1 {
        return Err(Refused::SeveralSpans(
            found.into_iter().map(description).collect(),
        ));
    }
    tree.subtree(id).ok_or(Refused::NoSpan)
}

fn description(span: &Span) -> String {
    let texts = [Some(span.id()), span.name(), span.service()];
    texts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// Whether a line is wanted that belongs to a span of this service.
pub(crate) fn is_wanted(arguments: &Arguments, line: &Line, service: Option<&str>) -> bool {
    let record = line.record();
    is_of_service(arguments, record.service.as_deref().or(service))
        && (arguments.level.is_none() || record.level >= arguments.level)
}

/// Whether lines of this service are wanted.
pub(crate) fn is_of_service(arguments: &Arguments, service: Option<&str>) -> bool {
    let is_named = |service| arguments.services.iter().any(|wanted| wanted == service);
    arguments.services.is_empty() || service.is_some_and(is_named)
}
