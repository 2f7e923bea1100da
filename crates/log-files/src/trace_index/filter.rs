use xorf::{BinaryFuse16, Descriptor, Filter as _};

/// Says of a number that it is not in a set, or that it may be. One of 65,536 numbers that are not in the set may be in it.
#[derive(Clone, Debug)]
pub(super) struct Filter(Option<BinaryFuse16>);

impl Filter {
    /// Returns `None` if no filter was found for these numbers, which is next to impossible. They are sorted, each once.
    pub(super) fn of(sorted: &[u64]) -> Option<Self> {
        match sorted {
            [] => Some(Self(None)),
            numbers => Some(Self(Some(BinaryFuse16::try_from(numbers).ok()?))),
        }
    }

    pub(super) fn may_have(&self, number: u64) -> bool {
        self.0.as_ref().is_some_and(|fuse| fuse.contains(&number))
    }

    /// The parts of the filter, unless it is empty.
    pub(super) fn parts(&self) -> Option<(&Descriptor, &[u16])> {
        let fuse = self.0.as_ref()?;
        Some((&fuse.descriptor, &fuse.fingerprints))
    }

    /// Returns `None` if no filter has these parts. It would look for fingerprints that do not exist.
    pub(super) fn from_parts(
        seed: u64,
        segment_length: u32,
        segment_count_length: u32,
        fingerprints: Vec<u16>,
    ) -> Option<Self> {
        if fingerprints.is_empty() {
            return Some(Self(None));
        }
        let [segment, segments] = [segment_length, segment_count_length].map(u64::from);
        let is_valid = segment.is_power_of_two()
            && segments >= segment
            && segments.is_multiple_of(segment)
            && fingerprints.len() as u64 == segments + 2 * segment;
        is_valid.then(|| {
            let descriptor = Descriptor {
                seed,
                segment_length,
                segment_length_mask: segment_length - 1,
                segment_count_length,
            };
            let fingerprints = fingerprints.into_boxed_slice();
            Self(Some(BinaryFuse16 {
                descriptor,
                fingerprints,
            }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_filter_has_all_its_numbers_and_is_read_back(numbers in proptest::collection::btree_set(proptest::num::u64::ANY, 0..400)) {
            let numbers: Vec<u64> = numbers.into_iter().collect();
            let filter = Filter::of(&numbers).expect("a filter");
            proptest::prop_assert!(numbers.iter().all(|number| filter.may_have(*number)));
            if let Some((descriptor, fingerprints)) = filter.parts() {
                let Descriptor { seed, segment_length, segment_count_length, .. } = *descriptor;
                let read = Filter::from_parts(seed, segment_length, segment_count_length, fingerprints.to_vec());
                let read = read.expect("valid");
                proptest::prop_assert!(numbers.iter().all(|number| read.may_have(*number)));
            }
        }

        #[test]
        fn no_parts_make_a_filter_fail(
            seed in proptest::num::u64::ANY,
            segment_length in proptest::num::u32::ANY,
            small in 0_u32..9,
            segments in 0_u32..99,
            count in 0_usize..99,
        ) {
            for (length, count_length) in [(segment_length, segments), (1 << small, segments), (1 << small, segments << small)] {
                let counts = [count, (count_length.wrapping_add(length.wrapping_mul(2)) % 50_000) as usize];
                for count in counts {
                    if let Some(filter) = Filter::from_parts(seed, length, count_length, vec![7; count]) {
                        for number in 0..1_000 {
                            filter.may_have(number << 54);
                        }
                    }
                }
            }
        }
    }

    /// If this fails, filters are computed in another way, and the format of the index needs another version.
    #[test]
    fn a_filter_that_an_earlier_version_has_written_is_understood() {
        let mut fingerprints = vec![0; 24];
        for (at, fingerprint) in [(3, 60_845), (16, 47_544), (17, 62_823), (21, 47_580)] {
            fingerprints[at] = fingerprint;
        }
        let seed = 10_451_216_379_200_822_465;
        let filter = Filter::from_parts(seed, 8, 8, fingerprints).expect("valid");
        assert!(
            [1, 2, 3, u64::MAX]
                .iter()
                .all(|number| filter.may_have(*number))
        );
        let others = (4..10_004).filter(|number| filter.may_have(*number));
        assert!(others.count() < 10);
    }
}
