//! A service's process: started by one call, serving until its standard input is closed.

use crate::Failure;
use axum::Router;
use std::{
    io::{self, Read as _, Write as _},
    net::Ipv4Addr,
    thread,
};
use tokio::{net::TcpListener, sync::oneshot};

pub(crate) fn run(router: impl FnOnce() -> Router) -> Result<(), Failure> {
    // Held to the end: it writes what is left of lines and spans.
    let _guard = tracing_stamp::init()?;
    tokio::runtime::Runtime::new()?.block_on(serve(router))
}

async fn serve(router: impl FnOnce() -> Router) -> Result<(), Failure> {
    // Port 0 lets the system choose: the example runs beside anything, itself included.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    writeln!(io::stdout(), "{}", listener.local_addr()?)?;
    axum::serve(listener, router())
        .with_graceful_shutdown(input_closed())
        .await?;
    Ok(())
}

async fn input_closed() {
    let (closed, waits) = oneshot::channel();
    thread::spawn(move || {
        // Nothing is ever written there, and an error is an end too.
        let _ = io::stdin().read_to_end(&mut Vec::new());
        let _ = closed.send(());
    });
    let _ = waits.await;
}
