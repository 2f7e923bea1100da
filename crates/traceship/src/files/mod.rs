//! The log files: finding them, identifying them, and reading their bytes.

mod find;
mod identity;
mod open_file;

pub(super) use self::{
    find::{Candidate, Sources},
    identity::FileId,
    open_file::{OpenFile, TAIL_BYTES},
};
