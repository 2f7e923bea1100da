/// How a server compares an id with its words. Its index has whole words, in which letters, digits and `_` are one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// A word is the id, which the index finds quickly.
    Words,
    /// A word has the id, as in `trace_4bf92f35…`. The server looks through all words, so this is only tried if the other finds nothing.
    Parts,
}
