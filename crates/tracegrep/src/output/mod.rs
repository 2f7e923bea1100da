//! Other forms of a tree than the drawing.

mod json;
mod markdown;

pub use self::{json::json, markdown::markdown};
