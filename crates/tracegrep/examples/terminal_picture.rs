//! Turns the colored drawing of a trace into a picture of a terminal: `docs/pictures/make.sh` runs it.
//!
//! ```sh
//! tracegrep 4bf92f35 logs --tree --color always | cargo run --example terminal_picture 'tracegrep 4bf92f35 logs' >picture.svg
//! ```

use std::{
    env,
    io::{self, Write as _},
};
use unicode_width::UnicodeWidthStr as _;

const COLUMN: f64 = 8.0;
const ROW: f64 = 19.0;
const MARGIN: f64 = 22.0;
const FONTS: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
/// The parts of bars. A bar has no border of the axis.
const BLOCKS: &str = "▎▍▌▋▊▉█▐▒";

fn main() -> io::Result<()> {
    let command = env::args().nth(1).unwrap_or_default();
    let drawing = io::read_to_string(io::stdin())?;
    let prompt = format!("\u{1b}[2m$\u{1b}[0m {command}");
    let rows: Vec<&str> = [&*prompt, ""].into_iter().chain(drawing.lines()).collect();
    let columns = rows.iter().map(|row| row_width(row)).max();
    let width = columns.unwrap_or_default() as f64 * COLUMN + 2.0 * MARGIN;
    let height = rows.len() as f64 * ROW + 2.0 * MARGIN;
    let mut picture = vec![
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">"#
        ),
        r##"<rect width="100%" height="100%" rx="10" fill="#14171c"/>"##.to_owned(),
        format!(r#"<g font-family="{FONTS}" font-size="13" xml:space="preserve">"#),
    ];
    for (number, row) in rows.iter().enumerate() {
        let mut column = 0;
        for (parameter, text) in pieces(row) {
            picture.extend(element(parameter, text, column, number));
            column += text.width();
        }
    }
    picture.push("</g>\n</svg>\n".to_owned());
    io::stdout().write_all(picture.join("\n").as_bytes())
}

fn row_width(row: &str) -> usize {
    pieces(row).iter().map(|(_, text)| text.width()).sum()
}

/// Each text of a row, after the parameter of the escape that sets its color.
fn pieces(row: &str) -> Vec<(&str, &str)> {
    let mut escapes = row.split("\u{1b}[");
    let plain = ("0", escapes.next().unwrap_or_default());
    let styled = escapes.filter_map(|piece| piece.split_once('m'));
    std::iter::once(plain).chain(styled).collect()
}

/// A text, or a box for a bar, because the rows of a picture do not touch.
fn element(parameter: &str, text: &str, column: usize, row: usize) -> Option<String> {
    let indented = text.trim_end();
    let text = indented.trim_start();
    if text.is_empty() {
        return None;
    }
    let column = column + indented.width() - text.width();
    let (x, top) = (MARGIN + column as f64 * COLUMN, MARGIN + row as f64 * ROW);
    let width = text.width() as f64 * COLUMN;
    let (color, weight) = style(parameter);
    if text.chars().all(|character| BLOCKS.contains(character)) {
        let opacity = if text.contains('▒') { 0.55 } else { 1.0 };
        let y = top + 4.0;
        return Some(format!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="11" rx="2" fill="{color}" opacity="{opacity}"/>"#
        ));
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let y = top + 14.0;
    Some(format!(
        r#"<text x="{x}" y="{y}" fill="{color}" font-weight="{weight}" textLength="{width}" lengthAdjust="spacingAndGlyphs">{text}</text>"#
    ))
}

fn style(parameter: &str) -> (&'static str, &'static str) {
    match parameter {
        "1" => ("#f2f5f8", "bold"),
        "2" => ("#8f9aa8", "normal"),
        "31" => ("#ff7483", "normal"),
        "33" => ("#e6b455", "normal"),
        "36" => ("#3cc4b4", "normal"),
        "32" => ("#80c46c", "normal"),
        "34" => ("#6ba1f7", "normal"),
        "35" => ("#c792ea", "normal"),
        "96" => ("#7fdbca", "normal"),
        "92" => ("#addb67", "normal"),
        "94" => ("#99a3ff", "normal"),
        "95" => ("#ee85c4", "normal"),
        _ => ("#dfe4ea", "normal"),
    }
}
