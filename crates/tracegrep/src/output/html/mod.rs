//! A page for a browser.

mod data;
mod escape;
mod page;

pub use self::page::html;
