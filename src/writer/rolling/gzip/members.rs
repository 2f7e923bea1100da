use flate2::{Compression, GzBuilder};
use log_files::trace_index::{IndexBuilder, MAX_BLOCK_BYTES};
use std::io::{self, BufRead, Read as _, Write};

/// How much text a member has, and a reader of one line decompresses.
///
/// A file of JSON lines becomes 1.2 % longer than one of a single member; with half as much text it would be 2.4 %.
const MEMBER_BYTES: usize = 512 << 10;

/// Compresses a text as one gzip member for each block of whole lines, and builds the index of these blocks. Only the first member has the
/// header. `gunzip` and all other readers read the members as one text.
pub(super) fn compress(
    mut text: impl BufRead,
    header: GzBuilder,
    mut out: impl Write,
) -> io::Result<IndexBuilder> {
    let mut builder = IndexBuilder::new();
    let mut header = Some(header);
    let mut block = Vec::new();
    while read_block(&mut text, &mut block)? > 0 || header.is_some() {
        let header = header.take().unwrap_or_default();
        let mut member = header.write(Vec::new(), Compression::default());
        member.write_all(&block)?;
        let member = member.finish()?;
        out.write_all(&member)?;
        builder.add(&block);
        builder.end_block(&block, member.len());
    }
    Ok(builder)
}

/// Reads the next lines. A line that is too long for an index is divided, and then there is no index.
fn read_block(text: &mut impl BufRead, block: &mut Vec<u8>) -> io::Result<usize> {
    block.clear();
    let most = MAX_BLOCK_BYTES as u64 + 1;
    text.take(MEMBER_BYTES as u64).read_to_end(block)?;
    if block.len() == MEMBER_BYTES && !block.ends_with(b"\n") {
        text.take(most - MEMBER_BYTES as u64)
            .read_until(b'\n', block)?;
    }
    Ok(block.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::MultiGzDecoder;
    use std::fs::File;

    fn decompressed(archive: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        let mut decoder = MultiGzDecoder::new(archive);
        decoder.read_to_end(&mut text).expect("a gzip file");
        text
    }

    /// The lengths of the blocks of the index, if there is one.
    fn compressed(text: &[u8]) -> Option<Vec<usize>> {
        let mut archive = Vec::new();
        let builder = compress(text, GzBuilder::new(), &mut archive).expect("in memory");
        assert!(decompressed(&archive) == text);
        // Any file will do.
        let file = File::open("Cargo.toml").expect("readable");
        let index = builder.finish(&file).expect("readable")?;
        let lengths = index.blocks().iter().map(|block| {
            let range = usize::try_from(block.text().start).ok()?
                ..usize::try_from(block.text().end).ok()?;
            let member = usize::try_from(index.member_of(block)?).ok()?;
            let begins_here = decompressed(&archive[member..]) == text[range.start..];
            (begins_here && block.is(&text[range.clone()])).then_some(range.len())
        });
        let lengths: Option<Vec<usize>> = lengths.collect();
        Some(lengths.expect("each block is a member"))
    }

    #[test]
    fn each_block_of_lines_is_a_member() {
        assert_eq!(compressed(b"one line"), Some(vec![8]));
        let text = b"a line of twenty-two..\n".repeat(100_000);
        let lengths = compressed(&text).expect("an index");
        assert_eq!(lengths.iter().sum::<usize>(), text.len());
        let (last, others) = lengths.split_last().expect("not empty");
        assert!(*last <= MEMBER_BYTES + 23);
        assert!(
            others
                .iter()
                .all(|length| *length % 23 == 0
                    && (MEMBER_BYTES..MEMBER_BYTES + 23).contains(length))
        );
    }

    #[test]
    fn an_empty_file_and_one_with_a_line_that_is_too_long_are_compressed() {
        assert_eq!(compressed(b""), Some(vec![0]));
        assert_eq!(compressed(&vec![b'x'; MAX_BLOCK_BYTES + 9]), None);
        let long = [&[b'x'; 3 << 20][..], b"\nnext\n"].concat();
        assert_eq!(compressed(&long), Some(vec![(3 << 20) + 1, 5]));
    }
}
