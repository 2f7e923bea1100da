use super::given::Given;
use crate::search::{
    blocks::{Block, Blocks, MAX_LINE_BYTES},
    file_text::FileText,
    recent_lines::LEAD_BYTES,
    scan::{End, Scan},
    taken::Taken,
    wanted::Wanted,
};
use log_files::trace_index::{IndexedBlock, MAX_BLOCK_BYTES, TraceIndex, read_sidecar};
use std::{fs::File, io::Read as _, ops::Range, path::Path};

// A search of the whole text divides no line that is within a block.
const _: () = assert!(MAX_BLOCK_BYTES <= MAX_LINE_BYTES);

/// Searches only the parts of a file that may have what is wanted, by the index of the file. What is found is what a search of the whole file
/// finds.
///
/// # Errors
///
/// If there is no index to rely on. Then the whole file has to be searched, except for the parts whose lines were given to `sink`.
pub(in crate::search) fn read<W: Wanted>(
    path: &Path,
    wanted: &W,
    sink: &mut dyn FnMut(Taken),
) -> Result<(), Given> {
    let mut given = Given::default();
    if !wanted.uses_index() {
        return Err(given);
    }
    if !W::TAKES_FOLLOWING {
        // Lines are found in each block by itself, and it is certain that the block is the one that was indexed.
        let mut note = |block: &IndexedBlock| given.add(block.text());
        return search(path, wanted, sink, &mut note).ok_or(given);
    }
    // A line and those that belong to it can be in several blocks. They are given to the sink only when it is certain that the file has the
    // text that was indexed.
    let mut found = Vec::new();
    match search(path, wanted, &mut |line| found.push(line), &mut |_| ()) {
        Some(()) => {
            found.into_iter().for_each(sink);
            Ok(())
        }
        None => Err(given),
    }
}

/// Returns `None` if the index is not that of the file. Calls `searched` after each block whose text is the one that was indexed.
fn search<W: Wanted>(
    path: &Path,
    wanted: &W,
    sink: &mut dyn FnMut(Taken),
    searched: &mut dyn FnMut(&IndexedBlock),
) -> Option<()> {
    let file = File::open(path).ok()?;
    let index = read_sidecar(path, &file)?;
    let mut text = FileText::of(file).ok()?;
    let mut scan = Scan::new(wanted, sink);
    if let Some(first) = Blocks::new(&mut text).next().ok()?
        && scan.begin(&first) == End::Binary
    {
        return None;
    }
    if scan.is_of_container() != index.is_unwrapped() {
        return None;
    }
    let mut blocks = IndexedText::new(&index, text);
    if W::STARTS_AT_END && index.has_members() && !index.is_unwrapped() {
        for block in index.blocks().iter().rev() {
            if wanted.may_be_in(block) {
                push(&mut scan, block, &blocks.read(block)?);
                scan.close();
                searched(block);
            }
        }
        return Some(());
    }
    let mut end = 0;
    for (at, block) in index.blocks().iter().enumerate() {
        let may_have = wanted.may_be_in(block);
        if !may_have && !scan.needs_more() {
            continue;
        }
        let Range { start, .. } = block.text();
        let mut read = None;
        if W::TAKES_FOLLOWING && may_have && start != end {
            // Only members can be read out of order.
            if index.has_members() {
                read = Some(blocks.read(block)?);
            }
            let begins_record = |text: &Vec<u8>| scan.begins_record(text);
            if !read.as_ref().is_some_and(begins_record) {
                let before = index.blocks().get(..at)?.iter();
                let is_lead = |lead: &&IndexedBlock| {
                    let text = lead.text();
                    text.start >= end && text.end + LEAD_BYTES > start
                };
                for lead in before.filter(is_lead) {
                    let text = blocks.read(lead)?;
                    push(&mut scan, lead, &text);
                }
            }
        }
        let text = match read {
            Some(text) => text,
            None => blocks.read(block)?,
        };
        push(&mut scan, block, &text);
        if !W::TAKES_FOLLOWING {
            scan.close();
            searched(block);
        }
        end = block.text().end;
    }
    scan.finish();
    Some(())
}

fn push<W: Wanted>(scan: &mut Scan<'_, W>, block: &IndexedBlock, text: &[u8]) {
    let offset = block.text().start;
    scan.skip_to(offset);
    scan.push(&Block {
        offset,
        text,
        is_part: false,
        is_last_part: true,
    });
}

/// The text of a file with an index.
struct IndexedText<'i> {
    index: &'i TraceIndex,
    text: FileText,
    /// The end of the block that was read last.
    end: u64,
}

impl<'i> IndexedText<'i> {
    /// The head of the text may have been read already.
    fn new(index: &'i TraceIndex, text: FileText) -> Self {
        Self {
            index,
            text,
            end: 0,
        }
    }

    /// Returns the text of a block, if it is the one that was indexed.
    fn read(&mut self, block: &IndexedBlock) -> Option<Vec<u8>> {
        let Range { start, end } = block.text();
        let is_next = start == self.end && start != 0;
        let member = self.index.member_of(block).filter(|_| !is_next);
        self.text.jump(start, member).ok()?;
        let mut text = vec![0; usize::try_from(end - start).ok()?];
        self.text.read_exact(&mut text).ok()?;
        self.end = end;
        block.is(&text).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::{Finder, TraceId},
        search::{
            index::build::{Built, build},
            scan::scan,
        },
    };
    use flate2::{Compression, write::GzEncoder};
    use log_files::trace_index::{IndexBuilder, write_sidecar};
    use proptest::prelude::*;
    use std::{fs, io::Write as _, path::PathBuf};
    use tempfile::TempDir;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn finder() -> Finder {
        Finder::new(&ID.parse().expect("an id")).expect("a finder")
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        out.write_all(text).expect("in memory");
        out.finish().expect("in memory")
    }

    /// A folder with one compressed file.
    struct Archive {
        _folder: TempDir,
        path: PathBuf,
    }

    impl Archive {
        fn new(contents: &[u8]) -> Self {
            let folder = TempDir::new().expect("a folder");
            let path = folder.path().join("app.log.1.gz");
            fs::write(&path, contents).expect("writable");
            Self {
                _folder: folder,
                path,
            }
        }

        /// One gzip member, with an index of blocks of about this length.
        fn of_one_member(text: &[u8], block_bytes: usize) -> Self {
            let archive = Self::new(&gzip(text));
            let mut text =
                FileText::of(File::open(&archive.path).expect("readable")).expect("readable");
            let Built::Index(index) = build(&mut text, block_bytes).expect("readable") else {
                panic!("text of short lines");
            };
            write_sidecar(&archive.path, text.file(), &index).expect("writable");
            archive
        }

        /// One gzip member for each block, as a writer makes them.
        fn of_members(blocks: &[&[u8]]) -> Self {
            let members: Vec<Vec<u8>> = blocks.iter().map(|block| gzip(block)).collect();
            Self::with_index_of(&members, blocks)
        }

        /// These gzip members, with an index that says that they have these texts.
        fn with_index_of(members: &[Vec<u8>], texts: &[&[u8]]) -> Self {
            let archive = Self::new(&members.concat());
            let mut builder = IndexBuilder::new();
            for (text, member) in texts.iter().zip(members) {
                builder.add(text);
                builder.end_block(text, member.len());
            }
            let file = File::open(&archive.path).expect("readable");
            let index = builder
                .finish(&file)
                .expect("readable")
                .expect("short blocks");
            write_sidecar(&archive.path, &file, &index).expect("writable");
            archive
        }

        fn found_by_index(&self) -> Option<Vec<Taken>> {
            let mut found = Vec::new();
            let read = read(&self.path, &finder(), &mut |line| found.push(line));
            read.ok().map(|()| in_order(found))
        }
    }

    fn found_without_index(text: &[u8]) -> Vec<Taken> {
        let mut found = Vec::new();
        scan(text, &finder(), &mut |line| found.push(line)).expect("readable");
        in_order(found)
    }

    fn in_order(mut lines: Vec<Taken>) -> Vec<Taken> {
        lines.sort_by_key(|line| line.offset);
        lines
    }

    /// Lines of a text, without their newlines.
    fn text_line() -> impl Strategy<Value = String> {
        let fixed = [
            format!("2026-11-29 15:44:49,107 ERROR [trace_id={ID}] failed"),
            format!("{{\"trace_id\":\"{ID}\"}}"),
            format!("web-1  | 2026-11-29T15:44:49Z x {ID}"),
            "web-1  | \tat here".to_owned(),
            "db-1   | 2026-11-29T15:44:49Z other".to_owned(),
            "2026-11-29 15:44:50,000 INFO next".to_owned(),
            "\tat shop.Cart.load(Cart.java:3)".to_owned(),
            "Caused by: x".to_owned(),
            format!("  traceId: {ID}"),
            format!("web-1  |   traceId: {ID}"),
            "no time".to_owned(),
            "trace 11803532876627986230 or 4BF92F35-77B3-4DA6-A3CE-929D0E0E4736\r".to_owned(),
            format!("\0\0hole {ID}"),
            "{\"a\":1}".to_owned(),
            String::new(),
        ];
        prop::sample::select(fixed.to_vec())
    }

    /// Lines as a container runtime stores them, some in parts.
    fn container_lines(is_docker: bool) -> impl Strategy<Value = String> {
        let part = (text_line(), any::<bool>(), 0_usize..70, any::<bool>());
        let line = part.prop_map(move |(text, is_stderr, cut, is_cut)| {
            let stream = if is_stderr { "stderr" } else { "stdout" };
            let text = text.replace(['\0', '\r'], "");
            let (first, second) = text.split_at(cut.min(text.len()));
            let time = "2026-11-28T18:53:17.1Z";
            let wrap = |part: &str, is_last: bool| match is_docker {
                true => {
                    let end = if is_last { "\n" } else { "" };
                    let log = format!("{part}{end}");
                    serde_json::json!({"log": log, "stream": stream, "time": time}).to_string()
                }
                false => {
                    let tag = if is_last { 'F' } else { 'P' };
                    format!("{time} {stream} {tag} {part}")
                }
            };
            match is_cut {
                true => format!("{}\n{}", wrap(first, false), wrap(second, true)),
                false => wrap(&text, true),
            }
        });
        let lines = prop::collection::vec(line, 1..40);
        lines.prop_map(|lines| lines.join("\n"))
    }

    #[test]
    fn only_the_blocks_that_may_have_the_id_are_read() {
        let with_id = format!("{{\"trace_id\":\"{ID}\"}}\n");
        // The text of the others differs from that of the index, which a search would notice.
        for (second, finds) in [(with_id.as_bytes(), true), (b"{}\n", false)] {
            let members = [gzip(&b"{}\n".repeat(9_000)), gzip(second), gzip(b"{}\n")];
            let texts = [&b"{}\n".repeat(8)[..], with_id.as_bytes(), b"{\"\"}\n"];
            let archive = Archive::with_index_of(&members, &texts);
            assert_eq!(
                archive
                    .found_by_index()
                    .is_some_and(|found| found.len() == 1),
                finds
            );
        }
    }

    #[test]
    fn a_file_that_is_not_as_it_was_indexed_is_not_searched_by_the_index() {
        let text = format!("{ID}\nnext\n");
        let archive = Archive::new(&gzip(text.as_bytes()));
        let mut builder = IndexBuilder::new();
        builder.add(text.as_bytes());
        builder.end_block(b"other text of the same file\n", 0);
        let file = File::open(&archive.path).expect("readable");
        let index = builder.finish(&file).expect("readable").expect("short");
        write_sidecar(&archive.path, &file, &index).expect("writable");
        assert_eq!(archive.found_by_index(), None);
    }

    proptest! {
        #[test]
        fn a_search_by_index_finds_what_a_search_of_the_text_finds(
            lines in prop::collection::vec(text_line(), 0..60),
            ends_with_newline: bool,
            block_bytes in 1_usize..400,
        ) {
            let end = if ends_with_newline { "\n" } else { "" };
            let text = lines.join("\n") + end;
            let archive = Archive::of_one_member(text.as_bytes(), block_bytes);
            let found = archive.found_by_index();
            // The text has to be recognized as one.
            prop_assume!(found.is_some() || !text.contains('\0'));
            prop_assert_eq!(found, Some(found_without_index(text.as_bytes())));
        }

        #[test]
        fn a_search_by_members_finds_what_a_search_of_the_text_finds(
            blocks in prop::collection::vec(prop::collection::vec(text_line(), 1..9), 1..9),
        ) {
            let blocks: Vec<String> = blocks.iter().map(|lines| lines.join("\n") + "\n").collect();
            let text = blocks.concat();
            let blocks: Vec<&[u8]> = blocks.iter().map(|block| block.as_bytes()).collect();
            let archive = Archive::of_members(&blocks);
            prop_assert_eq!(archive.found_by_index(), Some(found_without_index(text.as_bytes())));
        }

        #[test]
        fn a_search_by_index_finds_the_same_in_lines_of_containers(
            text in any::<bool>().prop_flat_map(container_lines),
            block_bytes in 1_usize..900,
        ) {
            let archive = Archive::of_one_member(text.as_bytes(), block_bytes);
            prop_assert_eq!(archive.found_by_index(), Some(found_without_index(text.as_bytes())));
            // A writer that does not unwrap lines may have indexed them as they are.
            let as_written = Archive::of_members(&[text.as_bytes()]);
            prop_assert_eq!(as_written.found_by_index(), None);
        }

        #[test]
        fn an_index_knows_of_each_id_that_a_finder_finds(
            id in prop_oneof![any::<u128>(), Just(u128::MAX), any::<u64>().prop_map(|low| u128::from(low) | 1 << 64)],
            form in 0_usize..9,
            is_upper: bool,
            before in "[ -~]{0,9}|[\\\\%xu0-9a-f]{0,9}",
            after in "[ -~]{0,5}",
        ) {
            let Some(id) = TraceId::new(id) else { return Ok(()) };
            let digits = id.to_string();
            let (time, rest) = digits.split_at(8);
            let form = match form {
                0 => digits.clone(),
                1 => format!("{time}-{}-{}-{}-{}", &rest[..4], &rest[4..8], &rest[8..12], &rest[12..]),
                2 => format!("1-{time}-{rest}"),
                3 => format!("0x{}", digits.trim_start_matches('0')),
                4 => id.lower().to_string(),
                5 => format!("\\u0022{digits}\\u0022"),
                6 => format!("%22{}", id.lower()),
                7 => format!("\\x22{digits}"),
                _ => format!("00-{digits}-00f067aa0ba902b7-01"),
            };
            let form = if is_upper { form.to_uppercase().replace("0X", "0x") } else { form };
            let text = format!("{before}{form}{after}");
            let finder = Finder::new(&id.into()).expect("a finder");
            let (Some(_), Some(key)) = (finder.find(text.as_bytes(), 0), finder.key()) else {
                return Ok(());
            };
            let mut builder = IndexBuilder::new();
            builder.add(text.as_bytes());
            builder.end_block(text.as_bytes(), 0);
            let archive = Archive::new(b"");
            let file = File::open(&archive.path).expect("readable");
            let index = builder.finish(&file).expect("readable").expect("short");
            prop_assert!(index.blocks()[0].may_have(key), "{}", text);
        }
    }
}
