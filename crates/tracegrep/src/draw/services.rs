use super::style::Style;
use crate::{
    trace::Line,
    tree::{Span, Tree},
};

/// The services of a trace, each with its color: first those of the spans, in the order in which they are drawn.
pub(crate) struct Services<'t>(Vec<&'t str>);

impl<'t> Services<'t> {
    /// The services of all spans and lines. A line that only mentions the trace does not count.
    pub(super) fn of(tree: &'t Tree<'_>) -> Self {
        let spans = tree.visible();
        let lines = tree.lines();
        let lines = lines.iter().filter(|line| !line.is_mention());
        let of_lines = lines.filter_map(|line| line.record().service.as_deref());
        let mut services = Vec::new();
        for service in spans
            .iter()
            .filter_map(|span| span.service())
            .chain(of_lines)
        {
            if !services.contains(&service) {
                services.push(service);
            }
        }
        Self(services)
    }

    pub(crate) fn names(&self) -> &[&'t str] {
        &self.0
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn style(&self, service: &str) -> Style {
        let number = self.0.iter().position(|known| *known == service);
        number.map_or(Style::Plain, Style::Service)
    }
}

/// Returns the service of a line if the row of its span does not show it.
pub(crate) fn service_of_its_own<'l>(line: &'l Line, span: Option<&Span>) -> Option<&'l str> {
    let service = line.record().service.as_deref();
    service.filter(|service| span.and_then(Span::service) != Some(service))
}
