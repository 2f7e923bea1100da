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
            [one, two, three, rest @ ..]
                if !begins_a_name([*one, *two, *three, *rest.first().unwrap_or(&b'"')]) =>
            {
                Self::Other
            }
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

/// The first letters of the names that are looked for. A quote is after the end of a name, and `?` stands for any byte.
const STARTS: [&[u8; 4]; 20] = [
    b"@tim", b"time", b"ts\"?", b"leve", b"log\"", b"log.", b"logl", b"lvl\"", b"seve", b"stat",
    b"mess", b"line", b"fiel", b"kvs\"", b"kvs.", b"kvpl", b"msec", b"nano", b"scop", b"inst",
];

/// For each of four positions and each byte: a bit for each start that has the byte there. A byte that does not count, or that begins an
/// escape, has all bits and is negative.
static BITS: [[i32; 256]; 4] = {
    let mut bits = [[0; 256]; 4];
    let mut position = 0;
    while position < bits.len() {
        let mut start = 0;
        while start < STARTS.len() {
            let letter = STARTS[start][position];
            let mut byte = 0;
            while byte < 256 {
                if letter == b'?' || letter == (byte as u8).to_ascii_lowercase() {
                    bits[position][byte] |= 1 << start;
                }
                byte += 1;
            }
            start += 1;
        }
        bits[position][b'_' as usize] = -1;
        bits[position][b'-' as usize] = -1;
        bits[position][b'\\' as usize] = -1;
        position += 1;
    }
    bits
};

/// Whether a name that is looked for can begin with these bytes. An escape can stand for any letter.
#[inline]
pub(super) fn begins_a_name(first: [u8; 4]) -> bool {
    let [one, two, three, four] = first.map(usize::from);
    let (one, two) = (BITS[0][one], BITS[1][two]);
    // Most names differ here.
    if one >= 0 && one & two == 0 {
        return false;
    }
    let (three, four) = (BITS[2][three], BITS[3][four]);
    // After a negative number, any letter can follow.
    let any = |bits: i32| bits >> 31;
    any(one) | one & two & (any(two) | three & (any(three) | four)) != 0
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
            "logger",
            "log.logger",
            "lines",
            "star",
            "msg",
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
                let is_same =
                    key == whole || (key == RootKey::Other && name.starts_with(['a', 'A']));
                assert!(is_same, "{name}: {key:?}");
            }
        }
        assert_eq!(RootKey::of(b"Time-Stamp"), RootKey::Time);
        assert_eq!(RootKey::of(b"log_Level"), RootKey::Level);
        assert_eq!(RootKey::of(b"target"), RootKey::Other);
        assert_eq!(RootKey::of(b"timestampsecondsx"), RootKey::Other);
    }
}
