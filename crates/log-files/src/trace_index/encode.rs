use super::index::TraceIndex;

/// The first bytes, the last of which is the version of the format.
pub(super) const MAGIC: [u8; 8] = *b"trcidx\0\x02";

/// The flags.
pub(super) const HAS_MEMBERS: u32 = 1;
pub(super) const IS_UNWRAPPED: u32 = 2;

/// The first and the last time of a block whose times are not certain. They are no range, because the first is after the last.
pub(super) const NO_TIMES: (i64, i64) = (i64::MAX, i64::MIN);

/// Returns the contents of a sidecar.
pub(super) fn encode(index: &TraceIndex) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(index.identity.length.to_le_bytes());
    bytes.extend(index.identity.hash.to_le_bytes());
    let flag = |is_set, flag| if is_set { flag } else { 0 };
    let flags = flag(index.has_members, HAS_MEMBERS) | flag(index.is_unwrapped, IS_UNWRAPPED);
    bytes.extend(flags.to_le_bytes());
    bytes.extend(count(index.blocks.len()));
    for block in &index.blocks {
        // Both are at most `MAX_BLOCK_BYTES`.
        bytes.extend(count((block.text.end - block.text.start) as usize));
        bytes.extend(block.file_length.to_le_bytes());
        bytes.extend(block.sum.to_le_bytes());
        let (first, last) = match &block.times {
            Some(times) => (*times.start(), *times.end()),
            None => NO_TIMES,
        };
        bytes.extend(first.to_le_bytes());
        bytes.extend(last.to_le_bytes());
        bytes.extend(count(block.ranges.len()));
        for range in &block.ranges {
            bytes.extend(range.start().to_le_bytes());
            bytes.extend(range.end().to_le_bytes());
        }
        let Some((descriptor, fingerprints)) = block.filter.parts() else {
            bytes.extend(count(0));
            continue;
        };
        bytes.extend(count(fingerprints.len()));
        bytes.extend(descriptor.seed.to_le_bytes());
        bytes.extend(descriptor.segment_length.to_le_bytes());
        bytes.extend(descriptor.segment_count_length.to_le_bytes());
        for fingerprint in fingerprints {
            bytes.extend(fingerprint.to_le_bytes());
        }
    }
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// A number that no index exceeds: a sidecar with more would be longer than a reader accepts.
fn count(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}
