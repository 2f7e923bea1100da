//! The VictoriaLogs that all contenders ship to, by Loki's push protocol.

use std::{env, thread, time::Duration};

use super::folder::LABEL;

/// Returns the address below which VictoriaLogs accepts `/loki/api/v1/push`.
///
/// # Errors
///
/// If the environment names none.
pub fn push_address() -> Result<String, String> {
    // The URL ends in a slash, because tracing-loki resolves its path against it.
    address().map(|address| format!("{address}/insert/"))
}

fn address() -> Result<String, String> {
    let address = env::var("VICTORIALOGS_URL");
    let address = address.map_err(|_| {
        "VICTORIALOGS_URL names no VictoriaLogs: see tests/servers/victorialogs.sh".to_owned()
    })?;
    Ok(address.trim_end_matches('/').to_owned())
}

/// Returns how many lines of a process VictoriaLogs has. Waits until it has all of them, or their number no longer grows.
///
/// # Errors
///
/// If VictoriaLogs does not respond.
pub fn lines_of(label: &str, wanted: usize) -> Result<usize, String> {
    let mut last = 0;
    for _ in 0..10 {
        // VictoriaLogs finds a line a second after it has confirmed the line.
        thread::sleep(Duration::from_millis(1_500));
        let lines = count(label)?;
        if lines == wanted || (lines > 0 && lines == last) {
            return Ok(lines);
        }
        last = lines;
    }
    Ok(last)
}

pub fn count(label: &str) -> Result<usize, String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(300)))
        .build()
        .into();
    let response = agent
        .get(format!("{}/select/logsql/query", address()?))
        .query(
            "query",
            format!("{{{LABEL}=\"{label}\"}} | stats count() lines"),
        )
        .call()
        .and_then(|mut response| response.body_mut().read_to_string())
        .map_err(|error| format!("VictoriaLogs cannot be queried: {error}"))?;
    let response: serde_json::Value = serde_json::from_str(&response).map_err(|e| e.to_string())?;
    let lines = response["lines"].as_str();
    Ok(lines.and_then(|lines| lines.parse().ok()).unwrap_or(0))
}
