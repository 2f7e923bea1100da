//! The files that are read: which there are, which file is which, and their bytes.

mod find;
mod identity;
mod reading;

pub(super) use self::{
    find::{Candidate, Sources},
    identity::FileId,
    reading::{Open, TAIL},
};
