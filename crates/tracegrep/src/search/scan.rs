//! The scan of one text.

use super::{
    blocks::{Block, Blocks},
    collector::{Collector, Followed},
    container_lines::ContainerLines,
    line_text::LineText,
    long_line::LongLine,
    recent_lines::{Head, LEAD_BYTES, RecentLines},
    taken::Taken,
    wanted::Wanted,
};
use log_files::{LineSplitter, Stream, is_binary};
use memchr::{memchr, memrchr};
use std::{
    borrow::Cow,
    io::{self, Read},
    ops::Range,
};

/// How much of a text shows whether it is binary.
const HEAD_BYTES: usize = 8 << 10;

/// How a scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Complete,
    /// The text is not a text.
    Binary,
}

/// Scans a text, and calls `sink` with the lines that are wanted. They may be out of order if a container wrote them to two streams.
pub(super) fn scan<W: Wanted>(
    reader: impl Read,
    wanted: &W,
    sink: &mut dyn FnMut(Taken),
) -> io::Result<End> {
    let mut scan = Scan::new(wanted, sink);
    let end = scan.run(&mut Blocks::new(reader));
    scan.finish();
    end
}

/// A scan that is given the text in blocks.
pub(super) struct Scan<'s, W> {
    collector: Collector<'s, W>,
    /// Set if a container runtime has stored the lines.
    container: Option<ContainerLines>,
    /// The line that is being read in parts.
    long: Option<LongLine>,
    /// The end of the blocks before, and the offset after it. A record may begin there.
    lead: Vec<u8>,
    lead_end: u64,
    /// No record begins before this offset: lines before it were taken, or are too long.
    taken_to: u64,
}

impl<'s, W: Wanted> Scan<'s, W> {
    pub(super) fn new(wanted: &'s W, sink: &'s mut dyn FnMut(Taken)) -> Self {
        Self {
            collector: Collector::new(wanted, sink),
            container: None,
            long: None,
            lead: Vec::new(),
            lead_end: 0,
            taken_to: 0,
        }
    }

    fn run<R: Read>(&mut self, blocks: &mut Blocks<R>) -> io::Result<End> {
        while let Some(block) = blocks.next()? {
            if block.offset == 0 && self.begin(&block) == End::Binary {
                return Ok(End::Binary);
            }
            self.push(&block);
        }
        Ok(End::Complete)
    }

    /// Recognizes the text by its first block, without searching it.
    pub(super) fn begin(&mut self, first: &Block<'_>) -> End {
        if is_binary_text(first) {
            return End::Binary;
        }
        self.container = ContainerLines::detect(first.text, first.offset);
        End::Complete
    }

    /// Whether a container runtime has stored the lines.
    pub(super) fn is_of_container(&self) -> bool {
        self.container.is_some()
    }

    /// Searches a block. Between it and the last one, no text is missing that is wanted or belongs to what is found.
    pub(super) fn push(&mut self, block: &Block<'_>) {
        match &mut self.container {
            _ if block.is_part => self.scan_part(block),
            Some(container) => container.push(block.text, |line| self.collector.consider(line)),
            None => self.scan_plain(block),
        }
    }

    /// Whether the next line may belong to one that was found.
    pub(super) fn needs_more(&self) -> bool {
        self.collector.needs_more()
    }

    /// Whether no line of a text belongs to a record that begins before it.
    pub(super) fn begins_record(&self, text: &[u8]) -> bool {
        let line = text.get(..end_of_line(text, 0)).unwrap_or_default();
        self.container.is_none() && RecentLines::ends_at(&LineText::plain(0, line))
    }

    /// Leaves out the text up to an offset at which a line begins.
    pub(super) fn skip_to(&mut self, offset: u64) {
        if let Some(container) = &mut self.container {
            container.skip_to(offset);
        }
    }

    pub(super) fn finish(&mut self) {
        if let Some(container) = &mut self.container {
            container.finish(|line| self.collector.consider(line));
        }
        self.close();
    }

    /// Gives the lines that were found to the sink. No later line belongs to them.
    pub(super) fn close(&mut self) {
        self.collector.close(Stream::Stdout);
        self.collector.close(Stream::Stderr);
    }

    /// Searches the whole block at once, and looks for the ends of lines only around what was found.
    fn scan_plain(&mut self, block: &Block<'_>) {
        let text = block.text;
        let mut at = self.follow(block, 0);
        while let Some(found) = self.collector.find(text, at) {
            let before = text.get(..found).unwrap_or_default();
            let start = memrchr(b'\n', before).map_or(0, |newline| newline + 1);
            let end = end_of_line(text, found);
            self.take(block, start..end);
            self.taken_to = block.offset + end as u64;
            at = self.follow(block, end);
        }
        if W::TAKES_FOLLOWING {
            self.keep_lead(block);
        }
    }

    /// Keeps the end of a block, or all of it and what is kept of those before.
    fn keep_lead(&mut self, block: &Block<'_>) {
        let most = LEAD_BYTES as usize;
        if self.lead_end != block.offset || block.text.len() >= most {
            self.lead.clear();
        }
        let from = block.text.len().saturating_sub(most);
        let end = block.text.get(from..).unwrap_or_default();
        let excess = (self.lead.len() + end.len()).saturating_sub(most);
        self.lead.drain(..excess.min(self.lead.len()));
        self.lead.extend(end);
        self.lead_end = block.offset + block.text.len() as u64;
    }

    /// Returns the head of the record that a line of the block belongs to.
    fn head_of(&self, block: &Block<'_>, start: usize, line: &LineText<'_>) -> Option<Head> {
        if !W::TAKES_FOLLOWING || !RecentLines::is_needed(line) {
            return None;
        }
        let of_block = block.text.get(..start).unwrap_or_default();
        let lead = match self.lead_end == block.offset {
            true => &*self.lead,
            false => &[],
        };
        let lead_start = block.offset - lead.len() as u64;
        let from = line.offset.saturating_sub(LEAD_BYTES).max(self.taken_to);
        let before = [lead, of_block].concat();
        let skipped = usize::try_from(from.saturating_sub(lead_start)).ok()?;
        let mut window = before.get(skipped..).unwrap_or_default();
        let mut offset = lead_start + skipped as u64;
        let is_whole = match skipped.checked_sub(1) {
            Some(last) => before.get(last) == Some(&b'\n'),
            None => (lead.len() as u64) < LEAD_BYTES,
        };
        if !is_whole {
            let whole = end_of_line(window, 0);
            window = window.get(whole..).unwrap_or_default();
            offset += whole as u64;
        }
        // A hole in the file divides a line.
        if let Some(hole) = memrchr(0, window) {
            let after = end_of_line(window, hole);
            window = window.get(after..).unwrap_or_default();
            offset += after as u64;
        }
        RecentLines::of(window, offset).head_of(line)
    }

    /// Takes the lines from an index on that belong to the last line taken. Returns the index after them.
    fn follow(&mut self, block: &Block<'_>, from: usize) -> usize {
        let mut at = from;
        while at < block.text.len() && self.collector.is_open() {
            let end = end_of_line(block.text, at);
            let line = block.text.get(at..end).unwrap_or_default();
            let line = LineText::plain(block.offset + at as u64, line);
            match self.collector.follow(&line) {
                Followed::Yes => self.taken_to = block.offset + end as u64,
                Followed::Passed => {}
                Followed::No => {
                    self.collector.close(Stream::Stdout);
                    break;
                }
            }
            at = end;
        }
        at
    }

    /// Takes a line. A hole in the file, which reads as NUL bytes, can divide it into several.
    fn take(&mut self, block: &Block<'_>, range: Range<usize>) {
        let start = range.start;
        let offset = block.offset + start as u64;
        let line = block.text.get(range).unwrap_or_default();
        if memchr(0, line).is_none() {
            let line = LineText::plain(offset, line);
            let head = self.head_of(block, start, &line);
            return self.collector.take(&line, head);
        }
        let mut splitter = LineSplitter::new(offset);
        let mut texts: Vec<(u64, Cow<'_, [u8]>)> = Vec::new();
        let whole = splitter.push(line);
        texts.extend(whole.map(|line| (line.offset, Cow::Owned(line.text.into_owned()))));
        texts.extend(splitter.finish().map(|line| (line.offset, line.text)));
        for (offset, text) in texts {
            let line = LineText::plain(offset, &text);
            self.collector.consider_alone(&line);
        }
    }

    fn scan_part(&mut self, block: &Block<'_>) {
        let wanted = self.collector.wanted();
        let line = match self.long.take() {
            Some(mut line) => {
                line.add(block, wanted);
                line
            }
            None => LongLine::new(block, wanted),
        };
        match block.is_last_part {
            false => self.long = Some(line),
            true => {
                self.taken_to = block.offset + block.text.len() as u64;
                if let Some(taken) = line.finish() {
                    self.collector.take_cut(taken);
                }
            }
        }
    }
}

/// Whether a text is binary, by its first block.
pub(super) fn is_binary_text(first: &Block<'_>) -> bool {
    is_binary(first.text.get(..HEAD_BYTES).unwrap_or(first.text))
}

/// Returns the index after the newline with which the line at an index ends.
pub(super) fn end_of_line(text: &[u8], from: usize) -> usize {
    let newline = memchr(b'\n', text.get(from..).unwrap_or_default());
    newline.map_or(text.len(), |newline| from + newline + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Finder;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn scanned(text: impl Read) -> Vec<Taken> {
        let finder = Finder::new(&ID.parse().expect("an id")).expect("a finder");
        let mut taken = Vec::new();
        let end = scan(text, &finder, &mut |line| taken.push(line));
        assert_eq!(end.expect("readable"), End::Complete);
        taken
    }

    /// Each line that is taken, followed by the lines that belong to it.
    fn taken(text: &str) -> Vec<Vec<String>> {
        let text_of = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        let lines = scanned(text.as_bytes()).into_iter().map(|line| {
            let all = [vec![line.raw], line.following].concat();
            all.iter().map(text_of).collect()
        });
        lines.collect()
    }

    #[test]
    fn each_line_with_the_id_is_taken_once() {
        let line = format!("{{\"trace_id\":\"{ID}\",\"link\":\"{ID}\"}}");
        let text = format!("{{}}\n{line}\r\n{{}}\n{line}");
        assert_eq!(taken(&text), [[line.clone()], [line]]);
    }

    #[test]
    fn lines_that_follow_are_those_of_the_same_container_in_a_text_of_several() {
        for (shop, other) in [
            ("shop-1   | ", "other-1  | "),
            ("[pod/shop-a/app] ", "[pod/other-b/app] "),
        ] {
            let hit = format!("{shop}2026-11-29T16:00:00Z ERROR boom trace_id={ID}");
            let stack = [format!("{shop}Traceback"), format!("{shop}  at mine")];
            let text = [
                &*hit,
                &format!("{other}2026-11-29T16:00:00Z INFO foreign"),
                &stack[0],
                &format!("{other}  at foreign"),
                &stack[1],
                &format!("{shop}2026-11-29T16:00:01Z INFO next"),
                &format!("{shop}  at next"),
            ];
            let expected = [&[hit.clone()][..], &stack].concat();
            assert_eq!(taken(&text.join("\n")), [expected]);
        }
    }

    #[test]
    fn lines_without_a_time_that_follow_a_text_line_belong_to_it() {
        let hit = format!("2026-11-29 15:44:49,107 ERROR [trace_id={ID}] failed");
        let stack = [
            "Traceback (most recent call last):",
            "  File \"x.py\"",
            "",
            "Bad: x",
        ];
        let next = "2026-11-29 15:44:49,108 INFO next";
        let text = format!("{hit}\n{}\n{next}\nother\n{hit}\n\n", stack.join("\n"));
        let expected = [&[&*hit][..], &stack].concat();
        assert_eq!(taken(&text), [expected, vec![&hit]]);
    }

    #[test]
    fn a_record_is_whole_if_only_a_later_line_of_it_has_the_id() {
        let record = [
            "2026-11-29 16:00:00,300 ERROR [main] request failed".to_owned(),
            format!("  traceId: {ID}"),
            "  url: /x".to_owned(),
            format!("  link: {ID}"),
        ];
        let before = "2026-11-29 16:00:00,200 INFO [main] before\n  at before\n";
        let next = "2026-11-29 16:00:00,400 INFO [main] next\n";
        let text = format!("{before}{}\n{next}", record.join("\n"));
        assert_eq!(taken(&text), std::slice::from_ref(&record));
        let followed = scanned(Chunks(text.as_bytes(), vec![1; text.len()]));
        assert_eq!(
            (followed.len(), followed[0].offset),
            (1, before.len() as u64)
        );
        let cri = |line: &str| format!("2026-11-28T18:53:17.1Z stdout F {line}\n");
        let wrapped: String = text.lines().map(cri).collect();
        let expected: Vec<String> = record
            .iter()
            .map(|line| cri(line).trim_end().to_owned())
            .collect();
        assert_eq!(taken(&wrapped), [expected]);
    }

    #[test]
    fn the_head_of_a_record_is_looked_for_only_in_64_kib() {
        for (lines, expected) in [(4_000, 4_002), (5_000, 1)] {
            let text = format!(
                "2026-11-29 head\n{}\tat {ID}\n",
                "\tat somewhere\n".repeat(lines)
            );
            assert_eq!(taken(&text)[0].len(), expected);
        }
    }

    #[test]
    fn indented_lines_that_begin_like_a_record_are_records() {
        let lines = [format!("ERROR shop: a {ID}"), format!(" INFO shop: b {ID}")];
        let pretty = [
            format!("  2026-11-29T16:00:00Z  INFO shop: a {ID}"),
            "    at src/main.rs:3".to_owned(),
        ];
        assert_eq!(
            taken(&lines.join("\n")),
            [[lines[0].clone()], [lines[1].clone()]]
        );
        assert_eq!(
            taken(&[&pretty[..], &pretty].concat().join("\n")),
            [pretty.clone(), pretty]
        );
    }

    #[test]
    fn no_line_belongs_to_a_json_line() {
        let hit = format!("{{\"trace_id\":\"{ID}\"}}");
        assert_eq!(taken(&format!("{hit}\nplain text\n")), [[hit]]);
    }

    #[test]
    fn a_stack_trace_may_continue_in_the_next_block() {
        let hit = format!("2026-11-29 15:44:49,107 ERROR [trace_id={ID}] failed");
        let more = "  at somewhere\n".repeat(60_000);
        let taken = taken(&format!("{hit}\n{more}2026-11-29 15:44:50 next\n"));
        assert_eq!((taken.len(), taken[0].len()), (1, 60_001));
    }

    #[test]
    fn empty_lines_without_end_are_not_all_kept() {
        let hit = format!("2026-11-29 15:44:49,107 ERROR [trace_id={ID}] failed\n");
        let empty = io::repeat(b'\n').take(1 << 20);
        let end = &b"end\n"[..];
        let taken = scanned(hit.as_bytes().chain(empty).chain(end));
        assert_eq!((taken.len(), taken[0].following.len()), (1, 0));
        assert!(taken[0].left_out > 500_000);
    }

    #[test]
    fn a_hole_before_a_line_is_no_part_of_it() {
        let hit = format!("{{\"trace_id\":\"{ID}\"}}");
        let text = format!("torn{}{hit}\n", "\0".repeat(5_000));
        assert_eq!(taken(&text), [[hit]]);
    }

    #[test]
    fn an_id_is_found_at_any_place_in_a_line_of_10_megabytes_of_which_the_start_is_kept() {
        for at in [0, (4 << 20) - 40, (4 << 20) - 16, 4 << 20, (10 << 20) - 32] {
            let after = (10 << 20) - at - 32;
            let text = io::repeat(b'x')
                .take(at)
                .chain(ID.as_bytes())
                .chain(io::repeat(b'x').take(after))
                .chain(&b"\nnext\n"[..]);
            let taken = scanned(text);
            assert_eq!(taken.len(), 1, "at {at}");
            assert!(taken[0].is_cut && taken[0].raw.len() == 64 << 10);
        }
        let longer = io::repeat(b'0').take(5 << 20);
        assert_eq!(scanned(longer.chain(ID.as_bytes())), []);
    }

    /// Gives a text in chunks of these lengths.
    struct Chunks<'t>(&'t [u8], Vec<usize>);

    impl Read for Chunks<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.pop().unwrap_or(usize::MAX).clamp(1, buffer.len());
            self.0.read(&mut buffer[..length])
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_found_does_not_depend_on_how_the_text_is_read(
            pieces in proptest::collection::vec(0_usize..8, 0..30),
            chunks in proptest::collection::vec(1_usize..90, 0..60),
        ) {
            let all = [ID, "\n", "\r\n", "2026-11-29 15:44:49 text ", "{\"a\":1} ", "\tat x", "0", "\n\n"];
            let text: String = pieces.iter().map(|piece| all[*piece]).collect();
            let in_chunks = scanned(Chunks(text.as_bytes(), chunks));
            proptest::prop_assert_eq!(&in_chunks, &scanned(text.as_bytes()));
            // Each line is considered by itself.
            let finder = Finder::new(&ID.parse().expect("an id")).expect("a finder");
            let has_id = |line: &[u8]| finder.find(line, 0).is_some();
            let hits = text.split('\n').filter(|line| has_id(line.as_bytes()));
            let lines = in_chunks.iter().flat_map(|taken| std::iter::once(&taken.raw).chain(&taken.following));
            let found = lines.filter(|line| has_id(line));
            proptest::prop_assert_eq!(found.count(), hits.count());
        }

        #[test]
        fn any_bytes_can_be_scanned(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..2_000)) {
            let finder = Finder::new(&ID.parse().expect("an id")).expect("a finder");
            let text = [&*bytes, ID.as_bytes(), &bytes].concat();
            let end = scan(&*text, &finder, &mut |_| ());
            proptest::prop_assert!(end.is_ok());
        }
    }
}
