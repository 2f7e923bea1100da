//! Protobuf's wire format, as far as Loki's push API and OTLP need it.
//!
//! A message is appended in place, before its length is known. [`short`], [`medium`] and [`long`] reserve bytes for the length.

/// The wire types of fields.
const VARINT: u8 = 0;
const FIXED_64: u8 = 1;
const BYTES: u8 = 2;
const FIXED_32: u8 = 5;

/// Longer names take longer to append: see [`push_named`].
const MAX_NAME_BYTES: usize = 26;

/// Appends a message of a name and a value, which are its fields 1 and 2. Inlined, so that the length of the name is known to the compiler.
#[inline(always)]
pub(super) fn push_named(out: &mut Vec<u8>, field: u8, name: &'static str, value: &[u8]) {
    let length = 4 + name.len() + value.len();
    // Lengths below 128 take one byte.
    if length >= 128 || name.len() > MAX_NAME_BYTES {
        return push_long_named(out, field, name, value);
    }
    let mut head = [0; 6 + MAX_NAME_BYTES];
    head[..4].copy_from_slice(&[
        field << 3 | BYTES,
        length as u8,
        1 << 3 | BYTES,
        name.len() as u8,
    ]);
    let end = 4 + name.len();
    head[4..end].copy_from_slice(name.as_bytes());
    head[end..end + 2].copy_from_slice(&[2 << 3 | BYTES, value.len() as u8]);
    out.extend_from_slice(&head[..end + 2]);
    out.extend_from_slice(value);
}

#[cold]
fn push_long_named(out: &mut Vec<u8>, field: u8, name: &str, value: &[u8]) {
    let length = |bytes: &[u8]| 1 + varint_length(bytes.len() as u64) + bytes.len();
    push_head(out, field, length(name.as_bytes()) + length(value));
    push_bytes(out, 1, name.as_bytes());
    push_bytes(out, 2, value);
}

/// Appends a message of two varints, which are its fields 1 and 2.
pub(super) fn push_varint_pair(out: &mut Vec<u8>, field: u8, one: u64, two: u64) {
    let mut pair = [0; 22];
    pair[0] = 1 << 3 | VARINT;
    let mut length = 1 + write_varint(&mut pair[1..], one);
    pair[length] = 2 << 3 | VARINT;
    length += 1 + write_varint(&mut pair[length + 1..], two);
    push_bytes(out, field, &pair[..length]);
}

/// Appends a string, bytes, or an encoded message. `field` is at most 15, here and below.
#[inline]
pub(super) fn push_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    push_head(out, field, bytes.len());
    out.extend_from_slice(bytes);
}

/// Appends the tag and the length of a field of bytes, which follow.
#[inline]
fn push_head(out: &mut Vec<u8>, field: u8, length: usize) {
    let mut head = [0; 11];
    head[0] = field << 3 | BYTES;
    let used = 1 + write_varint(&mut head[1..], length as u64);
    out.extend_from_slice(&head[..used]);
}

#[inline]
pub(super) fn push_varint_field(out: &mut Vec<u8>, field: u8, value: u64) {
    let mut bytes = [0; 11];
    bytes[0] = field << 3 | VARINT;
    let used = 1 + write_varint(&mut bytes[1..], value);
    out.extend_from_slice(&bytes[..used]);
}

pub(super) fn push_fixed64(out: &mut Vec<u8>, field: u8, value: u64) {
    out.push(field << 3 | FIXED_64);
    out.extend_from_slice(&value.to_le_bytes());
}

pub(super) fn push_fixed32(out: &mut Vec<u8>, field: u8, value: u32) {
    out.push(field << 3 | FIXED_32);
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends a message that `write` appends, and that is mostly shorter than 128 bytes.
#[inline]
pub(super) fn short<T>(out: &mut Vec<u8>, field: u8, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    nested::<1, T>(out, field, write)
}

/// Appends a message that `write` appends, and that is mostly shorter than 16 KiB.
#[inline]
pub(super) fn medium<T>(out: &mut Vec<u8>, field: u8, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    nested::<2, T>(out, field, write)
}

/// Appends a message that `write` appends, and that may be very long.
#[inline]
pub(super) fn long<T>(out: &mut Vec<u8>, field: u8, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    nested::<5, T>(out, field, write)
}

/// Appends a message that `write` appends. Reserves bytes for its length, and moves it if they are too few. A length may take more bytes than
/// it needs.
#[inline]
fn nested<const RESERVED: usize, T>(
    out: &mut Vec<u8>,
    field: u8,
    write: impl FnOnce(&mut Vec<u8>) -> T,
) -> T {
    out.push(field << 3 | BYTES);
    out.extend_from_slice(&[0; RESERVED]);
    let start = out.len();
    let result = write(out);
    let length = out.len() - start;
    let needed = varint_length(length as u64);
    if needed > RESERVED {
        out.splice(start..start, std::iter::repeat_n(0, needed - RESERVED));
    }
    let used = needed.max(RESERVED);
    write_padded(&mut out[start - RESERVED..][..used], length);
    result
}

/// Fills bytes with a varint.
#[inline]
fn write_padded(out: &mut [u8], mut value: usize) {
    let Some((last, others)) = out.split_last_mut() else {
        return;
    };
    for byte in others {
        *byte = (value & 0x7f) as u8 | 0x80;
        value >>= 7;
    }
    *last = value as u8;
}

fn varint_length(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Writes a varint. Returns the number of its bytes.
#[inline]
fn write_varint(out: &mut [u8], mut value: u64) -> usize {
    let mut at = 0;
    while value >= 0x80 {
        out[at] = (value as u8) | 0x80;
        value >>= 7;
        at += 1;
    }
    out[at] = value as u8;
    at + 1
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'m> {
    Bytes(&'m [u8]),
    /// A varint, or a number of 4 or 8 bytes.
    Number(u64),
}

/// The bytes are not a message.
#[derive(Debug)]
pub(super) struct Malformed;

/// Iterates over the fields of a message: the number and the value of each. Ends after an error.
pub(super) struct Fields<'m>(&'m [u8]);

impl<'m> Fields<'m> {
    pub(super) fn of(message: &'m [u8]) -> Self {
        Self(message)
    }

    fn read(&mut self) -> Result<(u32, Field<'m>), Malformed> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).map_err(|_| Malformed)?;
        if number == 0 {
            return Err(Malformed);
        }
        let value = match (tag & 7) as u8 {
            VARINT => Field::Number(self.varint()?),
            FIXED_64 => Field::Number(self.fixed(8)?),
            FIXED_32 => Field::Number(self.fixed(4)?),
            BYTES => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                Field::Bytes(self.take(length)?)
            }
            _ => return Err(Malformed),
        };
        Ok((number, value))
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    fn fixed(&mut self, length: usize) -> Result<u64, Malformed> {
        let bytes = self.take(length)?.iter().rev();
        Ok(bytes.fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn take(&mut self, length: usize) -> Result<&'m [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }
}

impl<'m> Iterator for Fields<'m> {
    type Item = Result<(u32, Field<'m>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_read_as_it_was_written() {
        let mut out = Vec::new();
        for value in [0, 127, 128, 16_383, 16_384, u64::MAX] {
            push_varint_field(&mut out, 1, value);
            push_fixed64(&mut out, 2, value);
            push_fixed32(&mut out, 3, value as u32);
        }
        let fields: Option<Vec<_>> = Fields::of(&out).map(Result::ok).collect();
        let expected = [0, 127, 128, 16_383, 16_384, u64::MAX]
            .into_iter()
            .flat_map(|value| {
                let fixed32 = u64::from(value as u32);
                [(1, value), (2, value), (3, fixed32)]
                    .map(|(field, value)| (field, Field::Number(value)))
            });
        assert_eq!(fields, Some(expected.collect()));
    }

    #[test]
    fn a_message_of_any_length_has_that_length() {
        for length in [0, 1, 127, 128, 20_000, 3_000_000] {
            let contents = vec![b'x'; length];
            let mut out = b"before".to_vec();
            short(&mut out, 1, |out| out.extend_from_slice(&contents));
            medium(&mut out, 2, |out| out.extend_from_slice(&contents));
            long(&mut out, 3, |out| out.extend_from_slice(&contents));
            push_bytes(&mut out, 4, &contents);
            push_named(&mut out, 5, "name", &contents);
            let fields: Option<Vec<_>> = Fields::of(&out[6..]).map(Result::ok).collect();
            let mut fields = fields.expect("all fields are valid");
            let pair = fields.pop();
            let expected = [1, 2, 3, 4].map(|field| (field, Field::Bytes(&contents)));
            assert_eq!(fields, expected, "{length}");
            let Some((5, Field::Bytes(pair))) = pair else {
                panic!("{length}")
            };
            let pair: Option<Vec<_>> = Fields::of(pair).map(Result::ok).collect();
            let expected = vec![(1, Field::Bytes(b"name")), (2, Field::Bytes(&contents))];
            assert_eq!(pair, Some(expected), "{length}");
        }
    }

    #[test]
    fn bytes_that_are_not_a_message_are_refused() {
        for bytes in [
            &b"<html></html>"[..],
            b"{}",
            b"\x0a\x05abc",
            b"\x0a",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"\x00\x00",
            b"\x0d\x00",
            b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        ] {
            assert!(Fields::of(bytes).any(|field| field.is_err()), "{bytes:?}");
        }
    }
}
