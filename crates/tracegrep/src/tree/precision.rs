/// The precision of a time, by its zeros. A time that was cut to seconds can be earlier than it was by almost a second.
pub(super) fn precision(nanos: i64) -> i64 {
    let units = [1_000_000_000, 1_000_000, 1_000];
    units
        .into_iter()
        .find(|unit| nanos % unit == 0)
        .unwrap_or(1)
}
