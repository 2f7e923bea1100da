//! The value of `--export`: `KIND=TARGET`.

use log_files::redacted;
use std::path::PathBuf;

/// A form of the trace for another tool, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Export {
    File(ExportKind, PathBuf),
    /// The address of a server that receives spans by OTLP.
    Collector(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExportKind {
    Perfetto,
    Jaeger,
    Otlp,
}

/// Parses the value. The message of an error shows no password.
pub(crate) fn parse(text: &str) -> Result<Export, String> {
    let expected =
        "expected `perfetto=FILE`, `jaeger=FILE`, `otlp=FILE` or `otlp=http://HOST:4318`";
    let invalid = || format!("`{}` is not a valid export: {expected}", redacted(text));
    let (kind, target) = text.split_once('=').ok_or_else(invalid)?;
    let kind = match kind {
        "perfetto" => ExportKind::Perfetto,
        "jaeger" => ExportKind::Jaeger,
        "otlp" => ExportKind::Otlp,
        _ => return Err(invalid()),
    };
    let is_address = target.contains("://");
    match kind {
        _ if target.is_empty() => Err(invalid()),
        ExportKind::Otlp if is_address => Ok(Export::Collector(target.to_owned())),
        _ if is_address => Err(format!(
            "`{}` is not a valid export: only `otlp` can be sent to a server; `jaeger` and `perfetto` need a file",
            redacted(text)
        )),
        _ if looks_like_address(target) => Err(format!(
            "`{}` is neither a file nor an address: an address begins with `http://` or `https://`, and the name of such a file must begin with `./`",
            redacted(text)
        )),
        kind => Ok(Export::File(kind, target.into())),
    }
}

/// Whether a target was probably meant as an address: `localhost:4318`, `user:password@host` or `http//host`. As the name of a file, it would
/// be shown with its password.
fn looks_like_address(target: &str) -> bool {
    let is_path = ["./", "../", "/"]
        .iter()
        .any(|start| target.starts_with(start));
    if is_path && !target.starts_with("//") {
        return false;
    }
    let lower = target.to_ascii_lowercase();
    let rest = lower.strip_prefix("http").unwrap_or_default();
    let rest = rest.strip_prefix('s').unwrap_or(rest);
    let place = target.split('/').next().unwrap_or_default();
    let port = place.rsplit_once(':').map(|(_, port)| port);
    target.contains('@')
        || rest.starts_with([':', '/'])
        || port.is_some_and(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_a_kind_with_a_file_or_the_address_of_a_collector() {
        let file = |kind| Ok(Export::File(kind, "t.json".into()));
        assert_eq!(parse("perfetto=t.json"), file(ExportKind::Perfetto));
        assert_eq!(parse("jaeger=t.json"), file(ExportKind::Jaeger));
        assert_eq!(parse("otlp=t.json"), file(ExportKind::Otlp));
        let address = "http://u:p@localhost:4318";
        let collector = Export::Collector(address.to_owned());
        assert_eq!(parse(&format!("otlp={address}")), Ok(collector));
        for wrong in [
            "",
            "otlp",
            "otlp=",
            "zipkin=t.json",
            "jaeger=http://u:secret@a",
        ] {
            let error = parse(wrong).expect_err(wrong);
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_target_that_looks_like_an_address_is_no_file_and_its_password_is_not_shown() {
        for wrong in [
            "localhost:4318",
            "localhost:4318/v1/traces",
            "bob:secret@host:1",
            "bob:secret@host",
            "http//bob:secret@h",
            "https:bob:secret@h",
            "HTTP:/h",
            "//bob:secret@h",
        ] {
            for kind in ["otlp", "jaeger", "perfetto"] {
                let error = parse(&format!("{kind}={wrong}")).expect_err(wrong);
                assert!(error.contains("begins with `http://`"), "{error}");
                assert!(
                    !error.contains("secret") && !error.contains("bob"),
                    "{error}"
                );
            }
        }
        for file in [
            "./a@b.json",
            "/tmp/a:1",
            "../x@y",
            "http.json",
            "a:b.json",
            "C:\\t.json",
        ] {
            let parsed = parse(&format!("otlp={file}"));
            assert_eq!(parsed, Ok(Export::File(ExportKind::Otlp, file.into())));
        }
    }
}
