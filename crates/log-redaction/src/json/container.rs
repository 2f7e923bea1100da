use crate::key_rule::KeyRule;

/// An object or a list that has begun.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) is_object: bool,
    /// Whether nothing has been read of it.
    pub(super) is_new: bool,
    /// Whether a member or element before this one is kept, so that a comma is needed.
    pub(super) has_kept: bool,
    /// The comma before the current member, or where the first one begins.
    pub(super) separator: usize,
    /// Its part of `paths` begins here.
    pub(super) paths: usize,
    /// The rule for the value of an object whose name has been read, or for the second element of a list whose first one has been read.
    pub(super) named: Option<KeyRule>,
    /// The key, if it has fixed members.
    pub(super) fixed_below: Option<String>,
}

/// How many parts of a path rule have matched.
#[derive(Clone, Copy, Debug)]
pub(super) struct PathState {
    pub(super) rule: usize,
    pub(super) depth: usize,
}
