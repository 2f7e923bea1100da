//! Starts the services, sends the orders of some customers, and then looks up the lines of the order that failed.

use crate::{Failure, report};
use axum::http::StatusCode;
use serde_json::Value;
use std::{
    env, fs,
    io::{self, BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tokio::task::JoinSet;

/// The orders, which are placed at the same time. The price of the last one exceeds the limit of the card.
const ORDERS: RangeInclusive<u32> = 1..=8;

pub(crate) fn run() -> Result<(), Failure> {
    let folder = env::temp_dir().join(format!("shop-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let payments = Service::start("payments", None, &folder)?;
    let orders = Service::start("orders", Some(payments.address), &folder)?;
    let gateway = Service::start("gateway", Some(orders.address), &folder)?;

    let responses = tokio::runtime::Runtime::new()?.block_on(check_out_all(gateway.address))?;
    let services = [gateway, orders, payments];
    let logs: Vec<PathBuf> = services
        .into_iter()
        .map(Service::stop)
        .collect::<Result<_, _>>()?;

    let failed = responses
        .iter()
        .find(|response| response.status != StatusCode::OK);
    let failed = failed.ok_or("every checkout succeeded, although one should have failed")?;
    report::heading("the gateway's response to the checkout that failed")?;
    writeln!(
        io::stdout(),
        "HTTP {}\ntraceresponse: {}\n\n{}",
        failed.status,
        failed.traceresponse,
        failed.body
    )?;
    // `00-<trace id>-<span id>-<flags>`.
    let trace_id = failed.traceresponse.split('-').nth(1);
    let trace_id = trace_id.ok_or("the gateway's response names no trace")?;
    report::print_trace(&logs, trace_id)
}

/// A service, which is a process of this program.
struct Service {
    process: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Service {
    fn start(name: &str, calls: Option<SocketAddr>, folder: &Path) -> Result<Self, Failure> {
        let log = folder.join(format!("{name}.jsonl"));
        let mut process = Command::new(env::current_exe()?)
            .arg(name)
            .args(calls.map(|address| address.to_string()))
            .env("OTEL_SERVICE_NAME", name)
            .env("LOG_FILE", &log)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = process
            .stdout
            .take()
            .ok_or("standard output is not piped")?;
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().parse()?;
        Ok(Self {
            process,
            address,
            log,
        })
    }

    fn stop(mut self) -> Result<PathBuf, Failure> {
        drop(self.process.stdin.take());
        self.process.wait()?;
        Ok(self.log)
    }
}

/// Response of the gateway.
struct Checkout {
    status: StatusCode,
    traceresponse: String,
    body: Value,
}

/// Sends all orders. The customers are not traced, so each checkout begins a trace at the gateway.
async fn check_out_all(gateway: SocketAddr) -> Result<Vec<Checkout>, Failure> {
    let client = reqwest::Client::new();
    let mut checkouts = JoinSet::new();
    for order in ORDERS {
        let request = client.post(format!("http://{gateway}/checkout/{order}"));
        checkouts.spawn(async move {
            let response = request.send().await?;
            let header = response.headers().get("traceresponse");
            let header = header.and_then(|value| value.to_str().ok());
            Ok(Checkout {
                status: response.status(),
                traceresponse: header.unwrap_or_default().to_owned(),
                body: response.json().await?,
            })
        });
    }
    checkouts.join_all().await.into_iter().collect()
}
