//! Sends log records to a collector over OTLP/HTTP.

mod record;
mod response;

use super::{
    batch::Batch,
    body::Body,
    client::Client,
    protobuf::{long, medium, push_bytes, short},
    server::Server,
    verdict::Verdict,
};
use crate::error::Error;

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
        format!("otlp {}", self.server.url())
    }

    /// Encodes lines as a request. These are the messages:
    ///
    /// ```text
    /// message ExportLogsServiceRequest { repeated ResourceLogs resource_logs = 1; }
    /// message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
    /// message Resource     { repeated KeyValue attributes = 1; }
    /// message ScopeLogs    { repeated LogRecord log_records = 2; }
    /// ```
    pub(super) fn encode(&self, batch: &Batch, lines: &[usize], body: &mut Body) {
        let lines = lines.iter().filter_map(|index| batch.line(*index));
        let mut lines: Vec<_> = lines
            .map(|line| (record::service(line).unwrap_or_default(), line))
            .collect();
        lines.sort_by(|(one, _), (other, _)| one.cmp(other));
        body.gzip(|request| {
            for lines in lines.chunk_by(|(one, _), (other, _)| one == other) {
                long(request, 1, |resource_logs| {
                    let service = lines.first().map_or("", |(service, _)| &**service);
                    short(resource_logs, 1, |resource| push_service(resource, service));
                    long(resource_logs, 2, |scope_logs| {
                        for (_, line) in lines {
                            medium(scope_logs, 2, |log| record::push(log, *line));
                        }
                    });
                });
            }
        });
    }

    pub(super) fn send(&self, client: &Client, body: &[u8]) -> Verdict {
        let headers = [
            ("content-type", "application/x-protobuf"),
            ("content-encoding", "gzip"),
        ];
        match client.post(PATH, &headers, body) {
            Ok(response) => response::verdict(&response),
            Err(verdict) => verdict,
        }
    }
}

fn push_service(resource: &mut Vec<u8>, service: &str) {
    if !service.is_empty() {
        short(resource, 1, |attribute| {
            push_bytes(attribute, 1, b"service.name");
            short(attribute, 2, |value| {
                push_bytes(value, 1, service.as_bytes())
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use opentelemetry_proto::tonic::{
        collector::logs::v1::ExportLogsServiceRequest,
        common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList, any_value::Value as Any},
        logs::v1::{LogRecord, ResourceLogs},
    };
    use prost::Message as _;
    use serde_json::{Map, Value};
    use std::io::Read as _;

    fn encoded(text: &str) -> Vec<ResourceLogs> {
        let batch = Batch::of_text(text);
        let lines: Vec<usize> = (0..batch.len()).collect();
        let mut body = Body::default();
        Otlp::new("http://localhost:4318/v1/logs")
            .expect("the address is valid")
            .encode(&batch, &lines, &mut body);
        let mut bytes = Vec::new();
        GzDecoder::new(body.bytes())
            .read_to_end(&mut bytes)
            .expect("the body is gzip");
        let request = ExportLogsServiceRequest::decode(bytes.as_slice());
        request.expect("the body is protobuf").resource_logs
    }

    fn record(text: &str) -> (String, LogRecord) {
        let [resource] = encoded(text).try_into().expect("there is one resource");
        let attributes = resource.resource.expect("there is a resource").attributes;
        let service = attributes
            .first()
            .and_then(|pair| pair.value.clone()?.value);
        let service = match service {
            Some(Any::StringValue(service)) => service,
            _ => String::new(),
        };
        (service, resource.scope_logs[0].log_records[0].clone())
    }

    /// The mapping of JSON, by the types of OpenTelemetry's own crate.
    fn any_value(value: &Value) -> AnyValue {
        let pair = |(key, value): (&String, &Value)| KeyValue {
            key: key.clone(),
            value: Some(any_value(value)),
            ..KeyValue::default()
        };
        let value = match value {
            Value::Null => None,
            Value::Bool(value) => Some(Any::BoolValue(*value)),
            Value::Number(number) => Some(match number.as_i64() {
                Some(value) => Any::IntValue(value),
                None if number.is_u64() => Any::StringValue(number.to_string()),
                None => Any::DoubleValue(number.as_f64().expect("it is a float")),
            }),
            Value::String(text) => Some(Any::StringValue(text.clone())),
            Value::Array(values) => Some(Any::ArrayValue(ArrayValue {
                values: values.iter().map(any_value).collect(),
            })),
            Value::Object(members) => Some(Any::KvlistValue(KeyValueList {
                values: members.iter().map(pair).collect(),
            })),
        };
        AnyValue { value }
    }

    fn assert_attributes(text: &str, expected: &str) {
        let (_, record) = record(text);
        let mut attributes = record.attributes;
        attributes.sort_by(|one, other| one.key.cmp(&other.key));
        let members: Map<String, Value> = serde_json::from_str(expected).expect("it is an object");
        let Some(Any::KvlistValue(mut list)) = any_value(&Value::Object(members)).value else {
            panic!("{expected}")
        };
        list.values.sort_by(|one, other| one.key.cmp(&other.key));
        assert_eq!(attributes, list.values, "{text}");
    }

    #[test]
    fn every_value_of_json_has_its_type_in_otlp() {
        let long = "é\u{1}\"\\".repeat(5_000);
        let members = serde_json::json!({
            "null": null, "yes": true, "no": false, "zero": 0, "minus": -1, "min": i64::MIN, "big": u64::MAX, "float": -0.1,
            "exponent": 1e300, "text": "a \"b\" \n é", "long": long, "": "empty key", "key \" \u{1f980}": 1,
            "list": [1, null, [], {"a": {"b": [true]}}, "x".repeat(200)], "object": {}, "deep": [[[[[[[[1]]]]]]]],
        });
        assert_attributes(&members.to_string(), &members.to_string());
        let many: Map<String, Value> = (0..200).map(|n| (format!("n{n}"), n.into())).collect();
        let many = Value::Object(many).to_string();
        assert_attributes(&many, &many);
    }

    #[test]
    fn of_members_with_the_same_key_the_last_one_is_an_attribute() {
        assert_attributes(
            r#"{"a":1,"b":{"c":1,"c":2},"a":2}"#,
            r#"{"a":2,"b":{"c":2}}"#,
        );
        let mut many: Vec<String> = (0..40).map(|n| format!("\"n{n}\":{n}")).collect();
        let expected = format!("{{{}}}", many.join(","));
        many.insert(0, "\"n39\":0".to_owned());
        assert_attributes(&format!("{{{}}}", many.join(",")), &expected);
    }

    #[test]
    fn a_line_that_is_not_valid_json_or_nested_too_deeply_is_text() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        for text in [
            r#"{"message":"m","a":b}"#,
            r#"{"a":1}}"#,
            r#"{"a":1,}"#,
            &deep,
        ] {
            let (_, record) = record(text);
            assert_eq!(record.body, Some(any_value(&text.into())));
            assert!(record.attributes.is_empty() && record.severity_number == 0);
        }
    }

    #[test]
    fn a_message_can_be_an_object_or_null() {
        let body = |text| record(text).1.body;
        let message = serde_json::json!({ "a": [1] });
        assert_eq!(body(r#"{"message":{"a":[1]}}"#), Some(any_value(&message)));
        assert_eq!(body(r#"{"message":null,"n":1}"#), None);
        assert_eq!(body("{}"), None);
    }

    #[test]
    fn ids_severity_and_time_are_in_the_fields_of_a_record() {
        let text = concat!(
            r#"{"timestamp":"2001-09-09T01:46:41.5Z","level":"WARN","message":"a","target":"shop","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_flags":"01","service.name":"orders","n":7,"big":18446744073709551615,"f":0.1,"list":[1,{"a":true}]}"#,
            "\n",
            "no JSON\n",
        );
        let [text, orders] = encoded(text).try_into().expect("there are two resources");
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
        assert_eq!(record.time_unix_nano, 1_000_000_001_500_000_000);
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
        assert_eq!(record.body, Some(any_value(&"a".into())));
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
            (
                1_000_000_001_500_000_001,
                Some(any_value(&"no JSON".into()))
            )
        );
    }

    #[test]
    fn a_field_of_the_application_named_like_a_key_of_another_schema_is_an_attribute() {
        let text = r#"{"timestamp":"1970-01-01T00:00:01Z","level":"INFO","message":"m","time":5,"severity":"high","service":"peer","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#;
        let (service, record) = record(text);
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
    fn the_members_of_every_schema_have_their_fields() {
        for line in [
            r#"{"@timestamp":"1970-01-01T00:00:01Z","log.level":"info","message":"m","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","span.id":"00f067aa0ba902b7","service.name":"orders"}"#,
            r#"{"time":"1970-01-01T00:00:01Z","severity":"INFO","message":"m","logging.googleapis.com/trace":"projects/p/traces/4bf92f3577b34da6a3ce929d0e0e4736","logging.googleapis.com/spanId":"00f067aa0ba902b7","service.name":"orders"}"#,
            r#" { "service.name" : "orders" , "level" : "INFO" , "time" : "1970-01-01T00:00:01Z" , "span_id" : "00f067aa0ba902b7" , "message" : "m" , "trace_id" : "4bf92f3577b34da6a3ce929d0e0e4736" } "#,
        ] {
            let (service, record) = record(line);
            assert_eq!(
                (service.as_str(), record.severity_number),
                ("orders", 9),
                "{line}"
            );
            assert_eq!(
                (record.trace_id[0], record.span_id[7]),
                (0x4b, 0xb7),
                "{line}"
            );
            assert_eq!(record.body, Some(any_value(&"m".into())), "{line}");
            assert!(record.attributes.is_empty(), "{:?}", record.attributes);
        }
    }
}
