//! The Loki that both ship to.

use std::{env, thread, time::Duration};

use super::folder::LABEL;

/// # Errors
///
/// When the environment names none.
pub fn address() -> Result<String, String> {
    env::var("LOKI_URL").map_err(|_| "LOKI_URL names no Loki: see tests/servers/loki.sh".to_owned())
}

/// How many lines it has of a process, as soon as they are all, or no more come.
pub fn lines_of(label: &str, wanted: usize) -> Result<usize, String> {
    let mut last = 0;
    for _ in 0..10 {
        thread::sleep(Duration::from_millis(500));
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
    let query = format!("sum(count_over_time({{{LABEL}=\"{label}\"}}[1h]))");
    let answer = agent
        .get(format!("{}/loki/api/v1/query", address()?))
        .query("query", query)
        .call()
        .and_then(|mut answer| answer.body_mut().read_to_string())
        .map_err(|error| format!("Loki cannot be asked: {error}"))?;
    let answer: serde_json::Value = serde_json::from_str(&answer).map_err(|e| e.to_string())?;
    // A vector of one sample: a time, and a number as text.
    let value = answer["data"]["result"][0]["value"][1].as_str();
    Ok(value.and_then(|value| value.parse().ok()).unwrap_or(0))
}
