//! Serving on free loopback ports until told to stop.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use axum::Router;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

#[derive(Default)]
pub(crate) struct Servers {
    running: JoinSet<io::Result<()>>,
    stop: watch::Sender<()>,
}

impl Servers {
    pub(crate) async fn start(&mut self, router: Router) -> io::Result<SocketAddr> {
        // Port 0 lets the system choose: the example runs beside anything, itself included.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let mut stop = self.stop.subscribe();
        self.running.spawn(async move {
            axum::serve(listener, router)
                .with_graceful_shutdown(async move {
                    // An error means that the sender is gone, which is a reason to stop as well.
                    let _ = stop.changed().await;
                })
                .await
        });
        Ok(address)
    }

    /// Returns once every request has been answered and every connection closed.
    pub(crate) async fn stop(self) -> io::Result<()> {
        drop(self.stop);
        self.running.join_all().await.into_iter().collect()
    }
}
