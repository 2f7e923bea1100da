//! The resource: attributes that identify the service and its process.

use super::env::Env;
use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::{
    Resource,
    resource::{SdkProvidedResourceDetector, TelemetryResourceDetector},
};
use std::{
    env, fs,
    hash::{BuildHasher as _, RandomState},
    process,
};

/// The attributes in `OTEL_RESOURCE_ATTRIBUTES` and the name in `OTEL_SERVICE_NAME`.
///
/// `OTEL_RESOURCE_ATTRIBUTES` has `key=value` pairs with commas between them, and percent-encoded values: see [Resource SDK].
/// OpenTelemetry's SDK does not decode them.
///
/// [Resource SDK]: https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable
pub(super) fn from_env(env: &Env<'_>) -> Vec<KeyValue> {
    let expected = "`key=value` pairs with commas between them and percent-encoded values, as in `service.version=1.4,team=web%20shop`";
    let attributes = env.parsed("OTEL_RESOURCE_ATTRIBUTES", expected, |value| {
        value
            .split(',')
            .filter(|entry| !entry.trim().is_empty())
            .map(|entry| {
                let (key, value) = entry.split_once('=')?;
                let key = Some(decoded(key.trim())?).filter(|key| !key.is_empty())?;
                Some(KeyValue::new(key, decoded(value.trim())?))
            })
            .collect::<Option<Vec<_>>>()
    });
    let mut attributes = attributes.unwrap_or_default();
    // Of two attributes with one key the last one counts, so `OTEL_SERVICE_NAME` takes precedence.
    if let Some(name) = env.text("OTEL_SERVICE_NAME") {
        attributes.push(KeyValue::new(SERVICE_NAME, name));
    }
    attributes
}

/// Percent-decodes a text. `None` if an escape is invalid or the result is not UTF-8.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        if *first == b'%' {
            let digits = rest.get(..2)?;
            let digit = |byte: u8| char::from(byte).to_digit(16);
            bytes.push((digit(digits[0])? * 16 + digit(digits[1])?) as u8);
            rest = &rest[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The resource of spans. Attributes of the code take precedence over those of the environment, and these over detected ones.
pub(super) fn resource(from_env: &[KeyValue], from_code: &[KeyValue]) -> Resource {
    let mut builder = Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(detected())
        // Adds a `service.name` that begins with `unknown_service`, in case nothing else names the service.
        .with_detector(Box::new(SdkProvidedResourceDetector));
    builder = builder.with_attributes(from_env.iter().cloned());
    builder.with_attributes(from_code.iter().cloned()).build()
}

const SERVICE_NAME: &str = "service.name";

/// The name of the service.
pub(super) fn service(resource: &Resource) -> String {
    let name = resource.get(&Key::from_static_str(SERVICE_NAME));
    name.map(|name| name.as_str().into_owned())
        .unwrap_or_default()
}

/// The attributes that are on each line: those that were set for the service, not those that were detected on the machine.
pub(super) fn on_lines(resource: &Resource) -> Vec<KeyValue> {
    const ON_LINES: [&str; 4] = [
        SERVICE_NAME,
        "service.namespace",
        "service.version",
        "deployment.environment.name",
    ];
    let attribute = |name: &&'static str| {
        let value = resource.get(&Key::from_static_str(name))?;
        let is_known = !value.as_str().starts_with("unknown_service");
        is_known.then(|| KeyValue::new(*name, value))
    };
    ON_LINES.iter().filter_map(attribute).collect()
}

/// Attributes of the process and its host, by OpenTelemetry's semantic conventions. The arguments of the process are left out, because
/// they may contain secrets.
fn detected() -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("service.instance.id", instance_id()),
        KeyValue::new("process.pid", i64::from(process::id())),
        KeyValue::new("process.runtime.name", "rustc"),
        KeyValue::new("host.arch", arch()),
    ];
    if let Ok(path) = env::current_exe()
        && let Some(name) = path.file_name()
    {
        let name = name.to_string_lossy().into_owned();
        attributes.push(KeyValue::new("process.executable.name", name));
    }
    // On Linux the file has the host's name. On other systems a variable may have it.
    let host = fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| env::var("HOSTNAME").ok())
        .or_else(|| env::var("COMPUTERNAME").ok());
    if let Some(host) = host {
        attributes.push(KeyValue::new("host.name", host.trim().to_owned()));
    }
    attributes
}

/// The name of the processor architecture in the semantic conventions.
fn arch() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "arm32",
        other => other,
    }
}

/// Returns a random UUID (RFC 9562, version 4).
fn instance_id() -> String {
    // Each `RandomState` has 128 random bits from the standard library as keys.
    let random = || u128::from(RandomState::new().hash_one(process::id()));
    let mut bits = random() << 64 | random();
    bits = bits & !(0xf << 76) | 0x4 << 76;
    bits = bits & !(0x3 << 62) | 0x2 << 62;
    let hex = format!("{bits:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// Returns attributes as `with_resource` takes them.
pub(super) fn pairs(attributes: &[KeyValue]) -> Vec<(opentelemetry::Key, opentelemetry::Value)> {
    let pair = |attribute: &KeyValue| (attribute.key.clone(), attribute.value.clone());
    attributes.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_percent_decoded_and_invalid_escapes_are_rejected() {
        assert_eq!(decoded("web%20shop%C3%A9").as_deref(), Some("web shopé"));
        assert_eq!(decoded(""), Some(String::new()));
        for invalid in ["%", "%2", "%2g", "%+1", "%ff"] {
            assert_eq!(decoded(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn each_instance_id_is_a_different_uuid_of_version_4() {
        let id = instance_id();
        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "4");
        assert!("89ab".contains(&id[19..20]), "{id}");
        assert_ne!(id, instance_id());
    }
}
