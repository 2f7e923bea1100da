//! Reports which folders and files changed since the last look, so that idle files cost nothing.
//!
//! The operating system reports changes where it can. Elsewhere, folders are polled: on network file systems, which do not report what other
//! machines write, and where a limit of the system is reached.

mod changes;
mod events;
mod folder_watch;
mod heard;
mod pause;
mod system_watch;

pub use self::{changes::Changes, folder_watch::FolderWatch};
