//! Other forms of a tree than the drawing.

mod html;
mod json;
mod markdown;

pub use self::{html::html, json::json, markdown::markdown};
