//! Fields that loggers add about themselves and the call site. They are not drawn, because the drawing is about the request.

use serde_json::Value;

const NAMES: [&str; 32] = [
    "target",
    "logger",
    "loggerName",
    "logger_name",
    "log.logger",
    "logger.name",
    "loggerFqcn",
    "caller",
    "thread",
    "threadName",
    "thread_name",
    "threadId",
    "threadPriority",
    "pid",
    "hostname",
    "source_host",
    "v",
    "@version",
    "ecs.version",
    "log.original",
    "endOfBatch",
    "sequenceNumber",
    "context.birthdate",
    // Whether the trace is sampled.
    "trace_flags",
    "contextMap.trace_flags",
    "mdc.trace_flags",
    "sampled",
    "trace_sampled",
    "diags.sampled",
    "otelTraceSampled",
    "contextMap.sampled",
    "mdc.sampled",
];

/// The beginnings of names.
const GROUPS: [&str; 3] = ["log.origin.", "process.", "logging.googleapis.com/"];

/// Under these names loggers repeat the service.
const OF_THE_SERVICE: [&str; 5] = ["name", "app", "application", "event.dataset", "dd.service"];

/// Whether a field of a line of a service is about the logger.
pub(crate) fn is_of_the_logger(name: &str, value: &Value, service: Option<&str>) -> bool {
    let repeats_service = value.is_string() && value.as_str() == service;
    NAMES.contains(&name)
        || GROUPS.iter().any(|group| name.starts_with(group))
        || (repeats_service && (OF_THE_SERVICE.contains(&name) || name.contains("service")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_about_the_logger_and_a_repeated_service_are_recognized() {
        for (name, value, expected) in [
            ("ecs.version", "1.2.0", true),
            ("log.origin.file.line", "3", true),
            ("process.thread.name", "main", true),
            ("logging.googleapis.com/trace_sampled", "true", true),
            ("event.dataset", "shop", true),
            ("name", "shop", true),
            ("name", "Ada", false),
            ("buyer", "shop", false),
            ("processor", "x", false),
        ] {
            let value = Value::from(value);
            assert_eq!(
                is_of_the_logger(name, &value, Some("shop")),
                expected,
                "{name}"
            );
        }
    }
}
