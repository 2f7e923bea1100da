//! The process of a service. It serves until its standard input is closed.

use crate::Failure;
use axum::Router;
use std::{
    io::{self, Read as _, Write as _},
    net::Ipv4Addr,
    thread,
};
use tokio::{net::TcpListener, sync::oneshot};

pub(crate) fn run(router: impl FnOnce() -> Router) -> Result<(), Failure> {
    // Kept to the end: on drop it writes the remaining lines and exports the remaining spans.
    let _guard = tracing_stamp::init()?;
    tokio::runtime::Runtime::new()?.block_on(serve(router))
}

async fn serve(router: impl FnOnce() -> Router) -> Result<(), Failure> {
    // With port 0 the system chooses a free port, so several instances of this example can run at once.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    writeln!(io::stdout(), "{}", listener.local_addr()?)?;
    axum::serve(listener, router())
        .with_graceful_shutdown(input_closed())
        .await?;
    Ok(())
}

async fn input_closed() {
    let (closed, is_closed) = oneshot::channel();
    thread::spawn(move || {
        // Nothing is ever written to standard input. An error counts as its end.
        let _ = io::stdin().read_to_end(&mut Vec::new());
        let _ = closed.send(());
    });
    let _ = is_closed.await;
}
