//! A storm: many writers, `logrotate`, container runtimes and shippers work at once, are killed and started again, and a proxy loses replies.
//! At the end, the lines of the files are compared with those of the server.
//!
//! **What must be found** is what the files hold at the end. So a line that `logrotate` drops between its copy and its `copytruncate`, or that
//! a writer adds to a file while that is compressed, is not expected. A shipper may have read it before, so it may be found. The report counts
//! such lines, and their number must be 0 where files are only renamed.
//!
//! - `STAMP_STORM_LINES`: how many lines are written for each server, 20,000 by default
//! - `STAMP_STORM_SECONDS`: how long that takes
//! - `STAMP_STORM_SEED`: the seed of an earlier run. Processes are not deterministic, so it repeats the faults, not the run
//! - `STAMP_STORM_FOLDER`: an empty folder for all files, which is kept
//! - `STAMP_STORM_PROGRAM`: the program to test. By default, it is built as the test was built
//!
//! They need Python 3, `gzip` and `logrotate` (Debian package of this name), and print that they are skipped without these.

mod containers;
mod dice;
mod key;
mod logrotate;
mod on_each_server;
pub(crate) mod own_writer;
mod place;
mod plan;
mod proxy;
mod run;
mod shipper_process;
mod shippers;
mod tally;
mod target;
mod writer_process;
mod writers;
mod written;
