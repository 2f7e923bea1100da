//! Starts the services, plays the customers, and then the person who looks for what went wrong.

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

/// Placed at once. The last is over what the customer's card is good for.
const ORDERS: RangeInclusive<u32> = 1..=8;

pub(crate) fn run() -> Result<(), Failure> {
    let folder = env::temp_dir().join(format!("shop-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let payments = Service::start("payments", None, &folder)?;
    let orders = Service::start("orders", Some(payments.address), &folder)?;
    let gateway = Service::start("gateway", Some(orders.address), &folder)?;

    let answers = tokio::runtime::Runtime::new()?.block_on(check_out_all(gateway.address))?;
    let services = [gateway, orders, payments];
    let logs: Vec<PathBuf> = services
        .into_iter()
        .map(Service::stop)
        .collect::<Result<_, _>>()?;

    let failed = answers
        .iter()
        .find(|answer| answer.status != StatusCode::OK);
    let failed = failed.ok_or("every checkout succeeded, but one was to fail")?;
    report::heading("what the gateway told the customer whose checkout failed")?;
    writeln!(
        io::stdout(),
        "HTTP {}\ntraceresponse: {}\n\n{}",
        failed.status,
        failed.traceresponse,
        failed.body
    )?;
    // `00-<trace id>-<span id>-<flags>`.
    let trace_id = failed.traceresponse.split('-').nth(1);
    let trace_id = trace_id.ok_or("the gateway's answer names no trace")?;
    report::print_trace(&logs, trace_id)
}

/// A process of this program.
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
        let output = process.stdout.take().ok_or("it has an output")?;
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

struct Answer {
    status: StatusCode,
    traceresponse: String,
    body: Value,
}

/// Nobody traces the customers, so a trace begins at the gateway, one per checkout.
async fn check_out_all(gateway: SocketAddr) -> Result<Vec<Answer>, Failure> {
    let client = reqwest::Client::new();
    let mut checkouts = JoinSet::new();
    for order in ORDERS {
        let request = client.post(format!("http://{gateway}/checkout/{order}"));
        checkouts.spawn(async move {
            let response = request.send().await?;
            let header = response.headers().get("traceresponse");
            let header = header.and_then(|value| value.to_str().ok());
            Ok(Answer {
                status: response.status(),
                traceresponse: header.unwrap_or_default().to_owned(),
                body: response.json().await?,
            })
        });
    }
    checkouts.join_all().await.into_iter().collect()
}
