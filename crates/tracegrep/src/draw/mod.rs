//! Draws a tree for a terminal.

mod bar;
mod drawing;
mod line_rows;
mod logger_fields;
mod request;
mod row;
mod services;
mod style;
mod walk;
mod width;

pub use self::drawing::Drawing;
