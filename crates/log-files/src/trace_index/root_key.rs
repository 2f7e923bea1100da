/// A key of a line that matters for its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RootKey {
    /// One of the names that count first for the time.
    Time,
    Level,
    Message,
    /// Agents store the line of a logger as a string under it, whose time counts.
    Stored,
    /// An object whose members count like those of the line.
    Fields,
    /// With this key, a time can have another value than it says, or come from another member.
    Disturbing,
    Other,
}

/// No name that is looked for is longer.
const LONGEST: usize = 16;

impl RootKey {
    /// Neither case nor `_` and `-` count, so that `logLevel` and `log_level` are the same.
    pub(super) fn of(name: &[u8]) -> Self {
        match name {
            // The usual names are recognised at once, and most others by their first letters.
            b"timestamp" | b"time" | b"ts" => Self::Time,
            b"level" | b"status" => Self::Level,
            b"message" => Self::Message,
            [first, second, third, ..] if !begins_a_name([*first, *second, *third]) => Self::Other,
            name => Self::of_any(name),
        }
    }

    #[inline(never)]
    fn of_any(name: &[u8]) -> Self {
        if name.contains(&b'\\') {
            return Self::Disturbing;
        }
        // One byte more shows that a name is longer.
        let mut key = [0; LONGEST + 1];
        let kept = name.iter().filter(|byte| !matches!(byte, b'_' | b'-'));
        let mut length = 0;
        for (to, byte) in key.iter_mut().zip(kept) {
            *to = byte.to_ascii_lowercase();
            length += 1;
        }
        match key.get(..length).unwrap_or_default() {
            b"@timestamp" | b"timestamp" | b"time" | b"ts" => Self::Time,
            b"level" | b"log.level" | b"severity" | b"status" | b"levelname" | b"loglevel"
            | b"lvl" => Self::Level,
            b"message" => Self::Message,
            b"log" | b"line" => Self::Stored,
            b"fields" | b"kvs" => Self::Fields,
            // The exact time beside another one: nginx, Logback and Log4j. The last are lists with further members.
            b"msec" | b"nanoseconds" | b"timestampseconds" | b"timestampnanos" | b"kvplist"
            | b"scopes" => Self::Disturbing,
            // The members of an object without a name.
            b"" => Self::Disturbing,
            key if [&b"instant"[..], b"fields.", b"kvs."]
                .iter()
                .any(|start| key.starts_with(start)) =>
            {
                Self::Disturbing
            }
            _ => Self::Other,
        }
    }
}

/// Whether a name that is looked for can begin with these bytes. An escape can stand for any letter.
#[inline]
fn begins_a_name(first: [u8; 3]) -> bool {
    let is_skipped = |byte: &u8| matches!(byte, b'_' | b'-' | b'\\');
    first.iter().any(is_skipped)
        || matches!(
            &first.map(|byte| byte.to_ascii_lowercase()),
            b"@ti"
                | b"tim"
                | b"lev"
                | b"log"
                | b"sev"
                | b"sta"
                | b"lvl"
                | b"mes"
                | b"lin"
                | b"fie"
                | b"kvs"
                | b"kvp"
                | b"mse"
                | b"nan"
                | b"sco"
                | b"ins"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_letters_decide_as_the_whole_name_does() {
        let names = [
            "@timestamp",
            "timestamp",
            "time",
            "ts",
            "level",
            "log.level",
            "severity",
            "status",
            "levelname",
            "loglevel",
            "lvl",
            "message",
            "log",
            "line",
            "fields",
            "kvs",
            "msec",
            "nanoseconds",
            "timestampseconds",
            "timestampnanos",
            "kvplist",
            "scopes",
            "instant",
            "instant.epochsecond",
            "fields.time",
            "kvs.time",
            "",
            "_",
            "-",
            "__",
            "trace_id",
            "a",
            "service.name",
            "timestampsecondsx",
            "\\u0074ime",
            "a\\u0074",
        ];
        for name in names {
            let upper = name.to_ascii_uppercase();
            let split = name.get(1..).map(|rest| format!("{}_{rest}", &name[..1]));
            for name in [
                name,
                &*upper,
                &format!("-{name}"),
                &split.unwrap_or_default(),
            ] {
                let key = RootKey::of(name.as_bytes());
                let whole = RootKey::of_any(name.as_bytes());
                // An escape after other letters does not matter.
                let is_same = key == whole || (key == RootKey::Other && name.starts_with('a'));
                assert!(is_same, "{name}: {key:?}");
            }
        }
        assert_eq!(RootKey::of(b"Time-Stamp"), RootKey::Time);
        assert_eq!(RootKey::of(b"log_Level"), RootKey::Level);
        assert_eq!(RootKey::of(b"target"), RootKey::Other);
        assert_eq!(RootKey::of(b"timestampsecondsx"), RootKey::Other);
    }
}
