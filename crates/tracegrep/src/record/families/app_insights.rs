//! Application Insights of Azure names the trace an operation, and has numbers for levels: 0 (verbose) to 4 (critical). Its durations are
//! milliseconds.

use super::{
    super::{durations::Unit, members::Members},
    adapted::Adapted,
};
use serde_json::Value;

const LEVELS: [&str; 5] = ["verbose", "information", "warning", "error", "critical"];

/// Items that are spans, and not lines within a span.
const SPANS: [&str; 2] = ["request", "dependency"];

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    let is_item = ["itemtype", "severitylevel", "itemid"].iter();
    if !(members.has("operationid") && is_item.into_iter().any(|key| members.has(key))) {
        return None;
    }
    let kind = members.text("itemtype").unwrap_or_default();
    let is_span = SPANS.contains(&kind);
    for member in members.iter_mut() {
        let key = match &*member.key {
            "operationid" => "traceid",
            "operationparentid" if is_span => "parentspanid",
            "operationparentid" => "spanid",
            "id" if is_span => "spanid",
            "name" if is_span => "spanname",
            "cloudrolename" => "service",
            "severitylevel" => {
                if let Some(name) = level(&member.value) {
                    member.value = name.into();
                }
                "level"
            }
            _ => continue,
        };
        key.clone_into(&mut member.key);
    }
    Some(Adapted::with_unit(Unit::Milliseconds))
}

/// Returns the name of a level. Exports write the number as text.
fn level(value: &Value) -> Option<&'static str> {
    let number = match value {
        Value::String(text) => text.parse().ok()?,
        value => value.as_u64()?,
    };
    LEVELS.get(usize::try_from(number).ok()?).copied()
}
