//! Draws a tree, and a table of traces, for a terminal.

mod bar;
mod drawing;
mod facts;
mod line_content;
mod line_rows;
mod logger_fields;
mod passed;
mod request;
mod row;
mod services;
mod style;
mod table;
mod table_columns;
mod walk;
mod width;

pub use self::drawing::Drawing;
pub(crate) use self::{
    facts::Facts,
    line_content::{LineContent, field_text, is_drawn},
    logger_fields::is_of_the_logger,
    passed::passed,
    services::service_of_its_own,
    walk::walk,
};
