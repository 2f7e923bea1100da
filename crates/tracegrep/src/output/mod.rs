//! Other forms than drawings.

mod html;
mod json;
mod markdown;
mod summaries;

pub use self::{html::html, json::json, markdown::markdown, summaries::json_of_summaries};
