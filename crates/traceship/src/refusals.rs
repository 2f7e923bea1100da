//! The meaning of a refusal's message: a line is at fault, or a setting. There is one table of messages for each kind of server.
//!
//! A refusal with any other message is [`Fault::Unknown`]. It is the fault of a line if the server accepts other lines, and of a setting if
//! the server refuses every line with the same message. [`masked`] makes the messages of two refusals comparable.

use log_files::parse_time;

/// Why a server will not accept some lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The line, and each line before it, is older than the server accepts.
    TooOld,
    /// The line is too far behind the newest line of its stream, and so is each older line of that stream.
    TooFarBehind,
    /// The line, and each line after it, is too far in the future.
    TooNew,
    /// The line is longer than the server accepts.
    TooLong,
    /// All lines with the labels of this line are invalid.
    Stream,
    /// Another fault of one line.
    Line,
    /// The request as a whole is too large.
    TooLarge,
    /// The server's message names no known fault.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Line(Fault),
    /// A setting of the server, of a proxy or of the shipper. A person has to change it.
    Setting,
}

/// Pieces of messages and their meanings. The first piece that a message contains decides.
pub(super) type Table = &'static [(&'static str, Cause)];

/// Servers of any kind and proxies, for `http://` on a port for TLS: Go's `net/http`, nginx, Apache.
const ANY: Table = &[
    ("HTTP request to an HTTPS server", Cause::Setting),
    ("plain HTTP request was sent to HTTPS port", Cause::Setting),
    (
        "speaking plain HTTP to an SSL-enabled server",
        Cause::Setting,
    ),
];

/// Loki: `pkg/validation/validate.go`, beside the name of each reason, and `pkg/chunkenc/interface.go` for the order of entries. Loki stores
/// all other lines of a request.
pub(super) const LOKI: Table = &[
    // blocked_ingestion, blocked_ingestion_policy
    ("ingestion blocked for user", Cause::Setting),
    // disallowed_structured_metadata
    (
        "structured metadata, but this feature is disallowed",
        Cause::Setting,
    ),
    // missing_enforced_labels
    ("missing required labels", Cause::Setting),
    // `auth_enabled`, without a tenant
    ("no org id", Cause::Setting),
    // greater_than_max_sample_age
    ("timestamp too old", Cause::Line(Fault::TooOld)),
    // too_far_behind
    ("entry too far behind", Cause::Line(Fault::TooFarBehind)),
    // out_of_order
    ("entry out of order", Cause::Line(Fault::TooFarBehind)),
    // too_far_in_future
    ("timestamp too new", Cause::Line(Fault::TooNew)),
    // line_too_long
    ("Max entry size", Cause::Line(Fault::TooLong)),
    // max_label_names_per_series
    ("label names; limit", Cause::Line(Fault::Stream)),
    // label_name_too_long
    ("has label name too long", Cause::Line(Fault::Stream)),
    // label_value_too_long
    ("has label value too long", Cause::Line(Fault::Stream)),
    // duplicate_label_names
    ("has duplicate label name", Cause::Line(Fault::Stream)),
    // invalid_labels
    ("rror parsing labels", Cause::Line(Fault::Stream)),
    // structured_metadata_too_large
    (
        "has structured metadata too large",
        Cause::Line(Fault::Line),
    ),
    // structured_metadata_too_many
    (
        "has too many structured metadata labels",
        Cause::Line(Fault::Line),
    ),
];

/// Elasticsearch and OpenSearch: the `type` or the `reason` of an error.
pub(super) const ELASTICSEARCH: Table = &[
    ("index_not_found_exception", Cause::Setting),
    ("index_closed_exception", Cause::Setting),
    ("invalid_index_name_exception", Cause::Setting),
    ("cluster_block_exception", Cause::Setting),
    ("no write index is defined for alias", Cause::Setting),
    ("routing_missing_exception", Cause::Setting),
    // An ingest pipeline that the index names and that does not exist.
    ("pipeline with id [", Cause::Setting),
    // The cluster has the maximum number of shards.
    ("maximum normal shards open", Cause::Setting),
    ("maximum shards open", Cause::Setting),
    ("mapper_parsing_exception", Cause::Line(Fault::Line)),
    ("document_parsing_exception", Cause::Line(Fault::Line)),
    ("strict_dynamic_mapping_exception", Cause::Line(Fault::Line)),
    ("Limit of total fields", Cause::Line(Fault::Line)),
    ("Limit of mapping depth", Cause::Line(Fault::Line)),
    ("immense term", Cause::Line(Fault::Line)),
];

/// Collectors: OTLP defines no messages for refusals.
pub(super) const OTLP: Table = &[];

/// Returns the meaning of a refusal's message.
pub(super) fn cause_of(message: &str, table: Table) -> Cause {
    let named = ANY.iter().chain(table);
    let mut named = named.filter(|(words, _)| message.contains(words));
    named
        .next()
        .map_or(Cause::Line(Fault::Unknown), |(_, cause)| *cause)
}

/// Returns a message without the parts that differ from line to line: quoted values, and words with a digit, such as numbers, ids and
/// times.
pub(super) fn masked(message: &str) -> String {
    let mut masked = String::with_capacity(message.len());
    let mut rest = message;
    let mut is_in_word = false;
    while let Some(c) = rest.chars().next() {
        let is_quote = matches!(c, '"' | '\'' | '`') && !is_in_word;
        if is_quote && let Some(end) = rest[1..].find(c) {
            masked.push('#');
            rest = &rest[end + 2..];
            continue;
        }
        is_in_word = is_of_word(c);
        let length = match is_in_word {
            true => rest.find(|c| !is_of_word(c)).unwrap_or(rest.len()),
            false => c.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        masked.push_str(match token.contains(|c: char| c.is_ascii_digit()) {
            true => "#",
            false => token,
        });
        rest = after;
    }
    masked
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | '+' | '%')
}

/// Returns the oldest time that the server accepts, if its message says so: the earliest one, if it names several.
pub(super) fn oldest_accepted(message: &str) -> Option<i64> {
    let times = after_each(message, "oldest acceptable timestamp is: ");
    let times = times.filter_map(|rest| {
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '\'' | ','));
        parse_time(&rest.as_bytes()[..end.unwrap_or(rest.len())]).map(|time| time.nanos)
    });
    times.min()
}

/// Returns the maximum length of a line, if the server's message says so.
pub(super) fn longest_accepted(message: &str) -> Option<usize> {
    let lengths = after_each(message, "Max entry size '");
    let lengths = lengths.filter_map(|rest| rest.split('\'').next()?.parse().ok());
    lengths.max()
}

fn after_each<'m>(message: &'m str, words: &'static str) -> impl Iterator<Item = &'m str> {
    message
        .match_indices(words)
        .map(|(at, _)| &message[at + words.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_loki_and_elasticsearch_name_the_fault() {
        for (message, cause) in [
            (
                "entry for stream '{a=\"b\"}' has timestamp too old: 2026-11-01T00:00:00Z, oldest acceptable timestamp is: 2026-11-22T00:00:00Z",
                Cause::Line(Fault::TooOld),
            ),
            (
                "entry with timestamp 2026-11-29 10:00:00 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: …'",
                Cause::Line(Fault::TooFarBehind),
            ),
            (
                "stream '{a=\"b\"}' includes structured metadata, but this feature is disallowed. Please see …\nhas timestamp too old",
                Cause::Setting,
            ),
            (
                "ingestion blocked for user a until '2026-12-01T00:00:00Z' with status code '260'",
                Cause::Setting,
            ),
            (
                "Client sent an HTTP request to an HTTPS server.\n",
                Cause::Setting,
            ),
            ("entry 13 is unlucky", Cause::Line(Fault::Unknown)),
        ] {
            assert_eq!(cause_of(message, LOKI), cause, "{message}");
        }
        for (message, cause) in [
            (
                r#"{"type":"document_parsing_exception","reason":"[1:5] failed to parse field [n]"}"#,
                Cause::Line(Fault::Line),
            ),
            (
                r#"{"type":"illegal_argument_exception","reason":"pipeline with id [logs] does not exist"}"#,
                Cause::Setting,
            ),
        ] {
            assert_eq!(cause_of(message, ELASTICSEARCH), cause, "{message}");
        }
    }

    #[test]
    fn refusals_of_two_lines_with_the_same_message_are_equal() {
        for (one, other) in [
            ("entry 13 is unlucky", "entry 7 is unlucky"),
            (
                "line 'a' at 2026-11-29T10:00:00Z",
                "line 'b c' at 2026-11-30T11:00:00Z",
            ),
            ("id 4bf92f3577b34da6: it's bad", "id f0aa: it's bad"),
            (
                "stream {a=\"x\"} is \"bad\"",
                "stream {a=\"y\\z\"} is \"good\"",
            ),
        ] {
            assert_eq!(masked(one), masked(other));
        }
        assert_eq!(masked("id f0aa: it's bad"), "id # it's bad");
        assert_ne!(masked("line 1 is too long"), masked("line 1 is too old"));
        assert_eq!(masked("'open é"), "'open é");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn limits_are_read_from_the_message() {
        let message = "reason: 'entry too far behind, entry timestamp is: 2001-09-09T01:46:40Z, oldest acceptable timestamp is: \
                       2001-09-09T01:46:49Z',\nentry … oldest acceptable timestamp is: 2001-09-09T01:46:47Z, for stream: {}";
        assert_eq!(oldest_accepted(message), Some(1_000_000_007_000_000_000));
        assert_eq!(
            oldest_accepted("oldest acceptable timestamp is: soon"),
            None
        );
        let message = "Max entry size '262144' bytes exceeded for stream '{}' while adding an entry with length '262145' bytes";
        assert_eq!(longest_accepted(message), Some(262_144));
        assert_eq!(longest_accepted("Max entry size"), None);
    }
}
