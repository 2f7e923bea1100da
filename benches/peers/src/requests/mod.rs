//! Measures the cost of a server layer per request: `ServerLayer` and its peers, around one axum service that is called without a
//! connection.

mod app;
mod by_hand;
mod contender;
mod report;
mod same_span;
mod subscriber;

use std::hint::black_box;

use self::{
    app::App,
    contender::{ALL, Contender},
    subscriber::Kind,
};
pub use self::{report::print, same_span::show};
use crate::measure::{Clock, Reps};

/// Runs one child. The parent reads its output.
pub fn run(name: &str, n: usize, kind: &str) -> Result<(), String> {
    let contender = Contender::find(name)?;
    let kind = Kind::parse(kind)?;
    subscriber::install(kind, |span| drop(black_box(span)));
    let mut app = App::new(contender, kind);
    println!("{}", Reps::steady(n, Clock::Cpu).of(|| app.serve()));
    Ok(())
}

pub fn list() {
    for contender in ALL {
        println!("{}", contender.name());
    }
}
