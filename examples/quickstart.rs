//! The shortest program with trace ids on its log lines: `cargo run --example quickstart --features setup`.

use tracing::{info, info_span, warn};

fn main() -> Result<(), tracing_stamp::Error> {
    let _guard = tracing_stamp::init()?;
    let _checkout = info_span!("checkout", order = 1017).entered();
    info!(items = 3, "cart received");
    warn!(cents = 129_900, "the card needs a second look");
    Ok(())
}
