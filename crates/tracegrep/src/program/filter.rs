use super::arguments::Arguments;
use tracegrep::{Line, Tree};

/// Keeps what the options ask for. Returns `None` if nothing is left.
pub(crate) fn apply<'t>(arguments: &Arguments, tree: Tree<'t>) -> Option<Tree<'t>> {
    let mut tree = match &arguments.span {
        Some(id) => tree.subtree(&id.to_ascii_lowercase())?,
        None => tree,
    };
    if arguments.level.is_some() || !arguments.services.is_empty() {
        tree.retain_lines(|line, service| is_wanted(arguments, line, service));
    }
    (!tree.lines().is_empty()).then_some(tree)
}

fn is_wanted(arguments: &Arguments, line: &Line, service: Option<&str>) -> bool {
    let record = line.record();
    is_of_service(arguments, record.service.as_deref().or(service))
        && (arguments.level.is_none() || record.level >= arguments.level)
}

/// Whether lines of this service are wanted.
pub(crate) fn is_of_service(arguments: &Arguments, service: Option<&str>) -> bool {
    let is_named = |service| arguments.services.iter().any(|wanted| wanted == service);
    arguments.services.is_empty() || service.is_some_and(is_named)
}
