//! Turns the colored drawing of a trace into a picture of a terminal: `docs/pictures/make.sh` runs it.
//!
//! ```sh
//! tracegrep 4bf92f35 logs --tree --color always | cargo run --example terminal_picture 'tracegrep 4bf92f35 logs' >picture.svg
//! ```

use std::{env, io};
use unicode_width::UnicodeWidthStr as _;

const COLUMN: f64 = 8.0;
const ROW: f64 = 19.0;
const MARGIN: f64 = 22.0;

fn main() -> io::Result<()> {
    let command = env::args().nth(1).unwrap_or_default();
    let drawing = io::read_to_string(io::stdin())?;
    let rows: Vec<String> = [format!("\u{1b}[2m$\u{1b}[0m {command}"), String::new()]
        .into_iter()
        .chain(drawing.lines().map(str::to_owned))
        .collect();
    let columns = rows
        .iter()
        .map(|row| pieces(row).iter().map(|(_, text)| text.width()).sum());
    let columns: usize = columns.max().unwrap_or_default();
    let width = columns as f64 * COLUMN + 2.0 * MARGIN;
    let height = rows.len() as f64 * ROW + 2.0 * MARGIN;
    println!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">"
    );
    println!("<rect width=\"100%\" height=\"100%\" rx=\"10\" fill=\"#14171c\"/>");
    println!(
        "<g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"13\" xml:space=\"preserve\">"
    );
    for (number, row) in rows.iter().enumerate() {
        let mut column = 0;
        for (parameter, text) in pieces(row) {
            write_piece(parameter, text, column, number);
            column += text.width();
        }
    }
    println!("</g>\n</svg>");
    Ok(())
}

/// Each text of a row, after the parameter of the escape that sets its color.
fn pieces(row: &str) -> Vec<(&str, &str)> {
    let mut escapes = row.split("\u{1b}[");
    let plain = ("0", escapes.next().unwrap_or_default());
    let styled = escapes.filter_map(|piece| piece.split_once('m'));
    std::iter::once(plain).chain(styled).collect()
}

/// Bars are drawn as boxes, because the rows of a picture do not touch.
fn write_piece(parameter: &str, text: &str, column: usize, row: usize) {
    let start = text.len() - text.trim_start().len();
    let column = column + text[..start].width();
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    let (x, top) = (MARGIN + column as f64 * COLUMN, MARGIN + row as f64 * ROW);
    let (color, weight) = style(parameter);
    let width = text.width() as f64 * COLUMN;
    if text
        .chars()
        .all(|character| "▏▎▍▌▋▊▉█▐▕▒".contains(character))
        && text != "▕"
        && text != "▏"
    {
        let opacity = if text.contains('▒') { 0.55 } else { 1.0 };
        println!(
            "<rect x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"11\" rx=\"2\" fill=\"{color}\" opacity=\"{opacity}\"/>",
            top + 4.0
        );
        return;
    }
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    println!(
        "<text x=\"{x}\" y=\"{}\" fill=\"{color}\" font-weight=\"{weight}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\">{text}</text>",
        top + 14.0
    );
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
