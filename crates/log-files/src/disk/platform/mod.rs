//! Options of files that differ between platforms. Every platform has the same functions; some of them have no effect.

#[cfg(not(any(unix, windows)))]
mod other;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;
#[cfg(not(unix))]
mod without_owner;

#[cfg(not(any(unix, windows)))]
pub(crate) use self::other::*;
#[cfg(unix)]
pub use self::unix::*;
#[cfg(windows)]
pub(crate) use self::windows::*;
#[cfg(not(unix))]
pub use self::without_owner::*;
