use super::{
    Found, Order, Outcome, Problem, Progress, Top,
    find::find,
    found::count_complete,
    input::Input,
    inputs::inputs,
    newest_error::newest_error,
    period::Period,
    remote::{LineServer, SpanServer},
    top::{Counting, top},
    with_fields::with_fields,
};
use crate::{
    id::TraceQuery,
    record::{Field, Keys, Reader, Record},
};
use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Searches files, other inputs and servers for the lines of a trace.
///
/// ```
/// use tracegrep::{Outcome, Search};
///
/// # fn main() -> Result<(), tracegrep::InvalidTraceId> {
/// let log = r#"{"level":"INFO","message":"ready"}
/// {"level":"INFO","message":"order placed","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}
/// "#;
/// let search = Search::new().with_reader("-", log.as_bytes());
/// let found = search.find(&"4bf92f35".parse()?);
/// let Outcome::Trace(trace) = found.outcome else {
///     panic!("there is one trace");
/// };
/// assert_eq!(trace.lines().len(), 1);
/// assert_eq!(trace.lines()[0].record().message.as_deref(), Some("order placed"));
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[must_use = "a search does nothing until `find` is called"]
pub struct Search {
    paths: Vec<PathBuf>,
    left_out: Vec<PathBuf>,
    readers: Vec<Input>,
    servers: Vec<Arc<dyn LineServer>>,
    span_servers: Vec<Arc<dyn SpanServer>>,
    period: Period,
    progress: Progress,
    reader: Reader,
}

impl Search {
    /// A search of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, a folder or a glob pattern. A file includes its rotated files, and a folder includes all folders below it. Compressed
    /// files are read too.
    pub fn with_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.paths.push(path.into());
        self
    }

    /// Leaves out a file, although a path includes it. This is for a file to which the result will be written, and that has an earlier one.
    pub fn without_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.left_out.push(path.into());
        self
    }

    /// Adds a text that is not a file, with a name for it.
    pub fn with_reader(
        mut self,
        name: impl AsRef<Path>,
        reader: impl Read + Send + 'static,
    ) -> Self {
        self.readers.push(Input::Reader {
            name: name.as_ref().into(),
            reader: Box::new(reader),
        });
        self
    }

    #[cfg_attr(
        not(feature = "servers"),
        allow(dead_code, reason = "only servers are searched like this")
    )]
    pub(crate) fn with_line_server(mut self, server: Arc<dyn LineServer>) -> Self {
        self.servers.push(server);
        self
    }

    #[cfg_attr(
        not(feature = "servers"),
        allow(dead_code, reason = "only servers are searched like this")
    )]
    pub(crate) fn with_span_server(mut self, server: Arc<dyn SpanServer>) -> Self {
        self.span_servers.push(server);
        self
    }

    /// Leaves out lines before this time, in nanoseconds since 1970.
    pub fn with_since(mut self, nanos: i64) -> Self {
        self.period.since = Some(nanos);
        self
    }

    /// Leaves out lines at this time and after it, in nanoseconds since 1970.
    pub fn with_until(mut self, nanos: i64) -> Self {
        self.period.until = Some(nanos);
        self
    }

    /// Sets further keys of the lines, beside those that are known.
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.reader = self.reader.with_keys(keys);
        self
    }

    /// Counts the bytes that are read, so that another thread can show the progress.
    pub fn with_progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// Searches for a trace.
    ///
    /// If the query is only a part of an id, files and servers are searched twice: for the ids that have this part, and for all forms of the id that was
    /// found.
    pub fn find(mut self, query: &TraceQuery) -> Found {
        let (files, problems) = inputs(&self.paths, &self.left_out, &self.progress);
        let readers = std::mem::take(&mut self.readers);
        let inputs = readers.into_iter().chain(files).collect();
        self.find_in(inputs, query, problems)
    }

    /// Searches for the trace of the newest line of level `ERROR` or above that is also wanted. Only files are searched
    /// for it, because they are read twice. Servers add their lines of the trace.
    pub fn find_newest_error(self, is_wanted: impl Fn(&Record) -> bool + Sync) -> Found {
        let (files, problems) = inputs(&self.paths, &self.left_out, &self.progress);
        let (query, unread) = newest_error(&files, self.period, &self.reader, is_wanted);
        match query {
            // It reads all files again, and reports their problems.
            Some(query) => self.find_in(files, &query, problems),
            None => found(Outcome::Nothing, &files, problems, unread),
        }
    }

    /// Searches for the traces with a line that has all of these fields. If it is one trace, all of it is found. Only files are searched
    /// for it, because they are read twice. Servers add their lines of the trace.
    pub fn find_with_fields(self, fields: &[Field]) -> Found {
        let (files, problems) = inputs(&self.paths, &self.left_out, &self.progress);
        let (mut candidates, unread) = with_fields(&files, self.period, &self.reader, fields);
        match (candidates.pop(), candidates.is_empty()) {
            (None, _) => found(Outcome::Nothing, &files, problems, unread),
            (Some(only), true) => {
                let query = TraceQuery::of_line(only.id);
                self.find_in(files, &query, problems)
            }
            (Some(last), false) => {
                candidates.push(last);
                found(Outcome::Several(candidates), &files, problems, unread)
            }
        }
    }

    /// Reads all lines once, and returns the first traces in an order, at most this many. If services are given, only their lines count.
    ///
    /// The memory that is needed depends on the number of traces: less than 200 bytes for each.
    pub fn find_top(self, order: Order, most: usize, services: &[String]) -> Top {
        let (files, problems) = inputs(&self.paths, &self.left_out, &self.progress);
        let inputs = self.readers.into_iter().chain(files).collect();
        let counting = Counting {
            period: self.period,
            reader: &self.reader,
            services,
        };
        top(inputs, order, most, &counting, problems)
    }

    /// Searches for a trace in these inputs and on all servers.
    fn find_in(self, inputs: Vec<Input>, query: &TraceQuery, problems: Vec<Problem>) -> Found {
        let servers = self.servers.into_iter().map(Input::Server);
        let inputs = inputs.into_iter().chain(servers).collect();
        find(
            inputs,
            &self.span_servers,
            self.period,
            &self.reader,
            query,
            problems,
        )
    }
}

/// What was found by reading files, of which some could not be read to their end.
fn found(
    outcome: Outcome,
    files: &[Input],
    mut problems: Vec<Problem>,
    unread: Vec<Problem>,
) -> Found {
    let complete = count_complete(files.len(), &unread);
    problems.extend(unread);
    Found {
        outcome,
        problems,
        inputs: files.len(),
        complete,
        lines_outside_period: 0,
    }
}
