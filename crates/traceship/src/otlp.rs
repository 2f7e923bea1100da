//! Sends log records to a collector over OTLP/HTTP.

use super::{
    batch::{Batch, Line},
    body::Body,
    client::Client,
    server::Server,
    verdict::Verdict,
};
use crate::error::Error;
use log_files::Located;
use opentelemetry_proto::tonic::{
    collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse},
    common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList, any_value::Value as Any},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber},
    resource::v1::Resource,
};
use prost::Message as _;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, io::Write as _, ops::Range};

const PATH: &str = "/v1/logs";

/// An OpenTelemetry collector, reached by [OTLP over HTTP](https://opentelemetry.io/docs/specs/otlp/#otlphttp) in protobuf.
///
/// Ids, severity and time are in the fields that OTLP has for them. The message is the body, `service.name` is the resource, and every
/// other member of a line is an attribute.
///
/// Delivery is at least once. OTLP has nothing by which a collector could recognize a repeat, so a line that was sent but not confirmed
/// arrives twice. If each line must be stored once, ship to [`Loki`](super::Loki) or [`Elasticsearch`](super::Elasticsearch) directly.
///
/// A collector can reject some lines of a request without saying which. They are counted as rejected and reported, but they are not sent
/// again.
///
/// ```no_run
/// use traceship::{Otlp, Server, Shipper};
///
/// let collector = Otlp::new(Server::new("http://localhost:4318")?.with_header("x-team", "orders"))?;
/// let shipping = Shipper::new(collector).with_files("/var/log/orders").start()?;
/// # drop(shipping);
/// # Ok::<(), traceship::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Otlp {
    pub(super) server: Server,
}

impl Otlp {
    /// Creates a target from a [`Server`] or an address, with or without `/v1/logs` at its end.
    ///
    /// # Errors
    ///
    /// If the address is not a valid HTTP URL. See [`Server::new`].
    ///
    /// ```
    /// traceship::Otlp::new("localhost:4318").expect_err("the scheme is missing");
    /// ```
    pub fn new(server: impl TryInto<Server, Error: Into<Error>>) -> Result<Self, Error> {
        Ok(Self {
            server: Server::for_api(server, PATH)?,
        })
    }

    pub(super) fn name(&self) -> String {
        format!("otlp {}", self.server.url)
    }

    pub(super) fn encode(&self, batch: &Batch, lines: &[usize], body: &mut Body) {
        let mut by_service: BTreeMap<String, Vec<LogRecord>> = BTreeMap::new();
        for line in lines.iter().filter_map(|index| batch.line(*index)) {
            let (service, record) = record(line);
            by_service.entry(service).or_default().push(record);
        }
        let request = ExportLogsServiceRequest {
            resource_logs: by_service.into_iter().map(resource_logs).collect(),
        };
        body.gzip(|out| {
            // Writing to a `Vec` cannot fail.
            let _ = out.write_all(&request.encode_to_vec());
        });
    }

    pub(super) fn send(&self, client: &Client, body: &[u8]) -> Verdict {
        let headers = [
            ("content-type", "application/x-protobuf"),
            ("content-encoding", "gzip"),
        ];
        let response = match client.post(PATH, &headers, body) {
            Ok(response) => response,
            Err(why) => return Verdict::no_response(why),
        };
        match Verdict::from_status(response.status, response.retry_after, &response.text()) {
            Verdict::Accepted => success_verdict(&response.body),
            other => other,
        }
    }
}

/// Returns the verdict for a successful response. The collector may have rejected some of the records without saying which; by the
/// specification, the request must not be sent again.
fn success_verdict(body: &[u8]) -> Verdict {
    let partial = ExportLogsServiceResponse::decode(body)
        .ok()
        .and_then(|response| response.partial_success);
    match partial.map(|partial| {
        (
            u64::try_from(partial.rejected_log_records).unwrap_or(0),
            partial.error_message,
        )
    }) {
        Some((rejected, why)) if rejected > 0 => Verdict::PartlyAccepted { rejected, why },
        _ => Verdict::Accepted,
    }
}

fn resource_logs((service, log_records): (String, Vec<LogRecord>)) -> ResourceLogs {
    let attributes = match service.is_empty() {
        true => Vec::new(),
        false => vec![key_value("service.name", Some(Any::StringValue(service)))],
    };
    ResourceLogs {
        resource: Some(Resource {
            attributes,
            ..Resource::default()
        }),
        scope_logs: vec![ScopeLogs {
            log_records,
            ..ScopeLogs::default()
        }],
        ..ResourceLogs::default()
    }
}

/// Converts a line to a record. Returns the service of the line too.
fn record(line: Line<'_>) -> (String, LogRecord) {
    let nanos = u64::try_from(line.nanos()).unwrap_or(0);
    let mut record = LogRecord {
        time_unix_nano: nanos,
        observed_time_unix_nano: nanos,
        ..LogRecord::default()
    };
    let members = line
        .is_json()
        .then(|| serde_json::from_slice::<Map<String, Value>>(line.text()).ok());
    let Some(mut members) = members.flatten() else {
        let text = String::from_utf8_lossy(line.text()).into_owned();
        record.body = any_value(Value::String(text));
        return (String::new(), record);
    };
    let mut take_value =
        |pick: fn(&Located) -> &Option<Range<usize>>| members.remove(line.key(pick)?);
    let message = take_value(|located| &located.message);
    let mut take = |pick| match take_value(pick)? {
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    take(|located| &located.time);
    let level = take(|located| &located.level);
    let service = take(|located| &located.service);
    let trace = take(|located| &located.trace_id);
    let span = take(|located| &located.span_id);
    let flags = take(|located| &located.trace_flags);
    if let Some(level) = level {
        record.severity_number = severity(&level).into();
        record.severity_text = level;
    }
    // In Google's schema the trace is a resource name, `projects/…/traces/<id>`.
    record.trace_id = trace
        .and_then(|id| bytes_of_hex(id.rsplit('/').next()?, 16))
        .unwrap_or_default();
    record.span_id = span.and_then(|id| bytes_of_hex(&id, 8)).unwrap_or_default();
    record.flags = flags
        .and_then(|flags| u32::from_str_radix(&flags, 16).ok())
        .unwrap_or(0);
    record.body = message.and_then(any_value);
    record.attributes = members
        .into_iter()
        .map(|(key, value)| key_value(&key, any_value(value).and_then(|any| any.value)))
        .collect();
    (service.unwrap_or_default(), record)
}

/// Returns the lowest severity number of the level's range in the
/// [data model](https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber).
fn severity(level: &str) -> SeverityNumber {
    match level.to_ascii_lowercase().as_str() {
        "trace" => SeverityNumber::Trace,
        "debug" => SeverityNumber::Debug,
        "info" | "notice" => SeverityNumber::Info,
        "warn" | "warning" => SeverityNumber::Warn,
        "error" => SeverityNumber::Error,
        "critical" | "fatal" | "alert" | "emergency" => SeverityNumber::Fatal,
        _ => SeverityNumber::Unspecified,
    }
}

fn bytes_of_hex(text: &str, bytes: usize) -> Option<Vec<u8>> {
    let is_hex = text.len() == 2 * bytes && text.is_ascii();
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    is_hex
        .then(|| (0..text.len()).step_by(2).map(pair).collect())
        .flatten()
}

fn key_value(key: &str, value: Option<Any>) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value }),
        ..KeyValue::default()
    }
}

fn any_value(value: Value) -> Option<AnyValue> {
    let value = match value {
        Value::Null => return None,
        Value::Bool(value) => Any::BoolValue(value),
        Value::Number(number) => match number.as_i64() {
            Some(value) => Any::IntValue(value),
            // OTLP's integers have 63 bits and a sign. A larger one becomes a string, which keeps its value.
            None if number.is_u64() => Any::StringValue(number.to_string()),
            None => Any::DoubleValue(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Any::StringValue(text),
        Value::Array(values) => Any::ArrayValue(ArrayValue {
            values: values
                .into_iter()
                .map(|value| any_value(value).unwrap_or_default())
                .collect(),
        }),
        Value::Object(members) => Any::KvlistValue(KeyValueList {
            values: members
                .into_iter()
                .map(|(key, value)| key_value(&key, any_value(value).and_then(|any| any.value)))
                .collect(),
        }),
    };
    Some(AnyValue { value: Some(value) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read as _;

    #[test]
    fn ids_severity_and_time_are_in_the_fields_of_a_record() {
        let text = concat!(
            r#"{"timestamp":"1970-01-01T00:00:01.5Z","level":"WARN","message":"a","target":"shop","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_flags":"01","service.name":"orders","n":7,"big":18446744073709551615,"f":0.1,"list":[1,{"a":true}]}"#,
            "\n",
            "no JSON\n",
        );
        let batch = Batch::of_text(text);
        let mut body = Body::default();
        Otlp::new("http://localhost:4318/v1/logs")
            .expect("the address is valid")
            .encode(&batch, &[0, 1], &mut body);
        let mut bytes = Vec::new();
        GzDecoder::new(body.bytes())
            .read_to_end(&mut bytes)
            .expect("the body is gzip");
        let request =
            ExportLogsServiceRequest::decode(bytes.as_slice()).expect("the body is protobuf");
        let [text, orders] = request
            .resource_logs
            .try_into()
            .expect("there are two resources");
        assert!(
            text.resource
                .expect("there is a resource")
                .attributes
                .is_empty()
        );
        assert_eq!(
            orders.resource.expect("there is a resource").attributes[0].key,
            "service.name"
        );
        let record = &orders.scope_logs[0].log_records[0];
        assert_eq!(record.time_unix_nano, 1_500_000_000);
        assert_eq!(
            (record.severity_number, record.severity_text.as_str()),
            (13, "WARN")
        );
        assert_eq!(record.trace_id.len(), 16);
        assert_eq!(
            record.span_id,
            [0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]
        );
        assert_eq!(record.flags, 1);
        assert_eq!(record.body, any_value(Value::from("a")));
        let keys: Vec<&str> = record
            .attributes
            .iter()
            .map(|pair| pair.key.as_str())
            .collect();
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, ["big", "f", "list", "n", "target"]);
        let value = |key: &str| {
            record
                .attributes
                .iter()
                .find(|pair| pair.key == key)
                .and_then(|pair| pair.value.clone()?.value)
        };
        assert_eq!(value("n"), Some(Any::IntValue(7)));
        assert_eq!(
            value("big"),
            Some(Any::StringValue("18446744073709551615".to_owned()))
        );
        let record = &text.scope_logs[0].log_records[0];
        assert_eq!(
            (record.time_unix_nano, record.body.clone()),
            (1_500_000_265, any_value(Value::from("no JSON")))
        );
    }

    #[test]
    fn a_field_of_the_application_named_like_a_key_of_another_schema_is_an_attribute() {
        let text = r#"{"timestamp":"1970-01-01T00:00:01Z","level":"INFO","message":"m","time":5,"severity":"high","service":"peer","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#;
        let batch = Batch::of_text(text);
        let (service, record) = record(batch.line(0).expect("the batch has a line"));
        assert_eq!(
            (service.as_str(), record.trace_id.as_slice()),
            ("", &[][..])
        );
        let mut keys: Vec<&str> = record
            .attributes
            .iter()
            .map(|pair| pair.key.as_str())
            .collect();
        keys.sort_unstable();
        assert_eq!(keys, ["service", "severity", "time", "trace.id"]);
    }

    #[test]
    fn records_that_a_collector_rejects_in_a_successful_response_are_counted() {
        use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsPartialSuccess;
        let verdict = |rejected| {
            let partial_success = Some(ExportLogsPartialSuccess {
                rejected_log_records: rejected,
                error_message: "old".to_owned(),
            });
            success_verdict(&ExportLogsServiceResponse { partial_success }.encode_to_vec())
        };
        assert_eq!(verdict(0), Verdict::Accepted);
        assert_eq!(
            verdict(2),
            Verdict::PartlyAccepted {
                rejected: 2,
                why: "old".to_owned()
            }
        );
        assert_eq!(success_verdict(b""), Verdict::Accepted);
    }
}
