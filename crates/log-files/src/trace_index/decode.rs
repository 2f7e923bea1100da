use super::{
    builder::MAX_BLOCK_BYTES,
    encode::{HAS_MEMBERS, IS_UNWRAPPED, MAGIC},
    filter::Filter,
    identity::Identity,
    index::{IndexedBlock, TraceIndex},
};

/// Reads the contents of a sidecar. Returns `None` if they are torn, or of another version.
pub(super) fn decode(bytes: &[u8]) -> Option<TraceIndex> {
    let (bytes, sum) = bytes.split_last_chunk()?;
    if crc32fast::hash(bytes) != u32::from_le_bytes(*sum) {
        return None;
    }
    let mut fields = Fields(bytes);
    if fields.bytes()? != MAGIC {
        return None;
    }
    let identity = Identity {
        length: fields.u64()?,
        hash: fields.u64()?,
    };
    let (flags, count) = (fields.u32()?, fields.u32()?);
    let mut blocks = Vec::new();
    let (mut text_offset, mut file_offset) = (0, 0);
    for _ in 0..count {
        let block = block(&mut fields, text_offset, file_offset)?;
        text_offset = block.text.end;
        file_offset = block.file_offset + u64::from(block.file_length);
        blocks.push(block);
    }
    fields.0.is_empty().then_some(TraceIndex {
        identity,
        has_members: flags & HAS_MEMBERS != 0,
        is_unwrapped: flags & IS_UNWRAPPED != 0,
        blocks,
    })
}

fn block(fields: &mut Fields<'_>, text_offset: u64, file_offset: u64) -> Option<IndexedBlock> {
    let length = fields.u32()?;
    if usize::try_from(length).ok()? > MAX_BLOCK_BYTES {
        return None;
    }
    let (file_length, sum) = (fields.u32()?, fields.u32()?);
    let (first, last) = (fields.i64()?, fields.i64()?);
    let mut ranges = Vec::new();
    for _ in 0..fields.u32()? {
        ranges.push(fields.u64()?..=fields.u64()?);
    }
    Some(IndexedBlock {
        text: text_offset..text_offset + u64::from(length),
        file_offset,
        file_length,
        sum,
        times: (first <= last).then_some(first..=last),
        filter: filter(fields)?,
        ranges,
    })
}

fn filter(fields: &mut Fields<'_>) -> Option<Filter> {
    let count = usize::try_from(fields.u32()?).ok()?;
    if count == 0 {
        return Filter::of(&[]);
    }
    let (seed, segment_length, segments) = (fields.u64()?, fields.u32()?, fields.u32()?);
    let (fingerprints, _) = fields.take(count.checked_mul(2)?)?.as_chunks();
    let fingerprints = fingerprints.iter().copied().map(u16::from_le_bytes);
    Filter::from_parts(seed, segment_length, segments, fingerprints.collect())
}

/// The rest of the bytes.
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.bytes().map(i64::from_le_bytes)
    }
}
