use collector_client::Endpoint;
use log_files::disk;
use std::path::Path;

/// Adds the credentials and certificates that variables with a prefix name, as
/// [`Server::with_variables`](super::Server::with_variables) describes.
pub(crate) fn with_variables(
    mut endpoint: Endpoint,
    prefix: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Endpoint, String> {
    let get = |name: &str| {
        let value = variable(&format!("{prefix}_{name}"));
        value.filter(|value| !value.trim().is_empty())
    };
    // As for traceship, a file takes precedence.
    let secret = |name: &str| {
        let name_of_file = format!("{name}_FILE");
        match get(&name_of_file) {
            Some(path) => file(Path::new(&path))
                .map(Some)
                .map_err(|reason| format!("{prefix}_{name_of_file}: {reason}")),
            None => Ok(get(name)),
        }
    };
    if !endpoint.has_credentials() {
        let user = get("USERNAME");
        let (password, token) = (secret("PASSWORD")?, secret("BEARER_TOKEN")?);
        endpoint = match (secret("API_KEY")?, user, token) {
            (_, None, _) if password.is_some() => {
                return Err(format!(
                    "{prefix}_PASSWORD is set without {prefix}_USERNAME: set both"
                ));
            }
            (None, None, None) => endpoint,
            (Some(key), None, None) => endpoint.with_api_key(&key),
            (None, Some(user), None) => endpoint.with_basic(&user, &password.unwrap_or_default()),
            (None, None, Some(token)) => endpoint.with_bearer(&token),
            _ => {
                return Err(format!(
                    "more than one of {prefix}_API_KEY, {prefix}_USERNAME and {prefix}_BEARER_TOKEN is set: set only one of them"
                ));
            }
        };
    }
    if let Some(tenant) = get("ORG_ID") {
        endpoint = endpoint.with_header("X-Scope-OrgID", &tenant);
    }
    if let Some(path) = get("CA_CERT_PATH") {
        endpoint = endpoint.with_roots(path);
    }
    match (get("CLIENT_CERT_PATH"), get("CLIENT_KEY_PATH")) {
        (Some(certificate), Some(key)) => Ok(endpoint.with_identity(certificate, key)),
        (None, None) => Ok(endpoint),
        _ => Err(format!(
            "only one of {prefix}_CLIENT_CERT_PATH and {prefix}_CLIENT_KEY_PATH is set: set both or neither"
        )),
    }
}

/// Reads a secret without the line break at its end.
fn file(path: &Path) -> Result<String, String> {
    let bytes = disk::read(path, disk::TOKEN_BYTES)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let text =
        String::from_utf8(bytes).map_err(|_| format!("{} is not valid UTF-8", path.display()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    match secret.trim().is_empty() {
        true => Err(format!("{} is empty", path.display())),
        false => Ok(secret.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// The header with the credentials, under these variables.
    fn header(url: &str, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let endpoint = Endpoint::new(url).expect("a valid address");
        let endpoint = with_variables(endpoint, "LOKI", &|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })?;
        let request = endpoint.get("/")?.body(()).expect("a valid request");
        let header = request.headers().get("authorization");
        Ok(header.map(|value| value.to_str().expect("text").to_owned()))
    }

    #[test]
    fn credentials_come_from_variables_and_from_files_that_variables_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        fs::write(&path, "s3cret\n").expect("written");
        let path = path.to_str().expect("text");
        for (variables, expected) in [
            (&[][..], None),
            (
                &[("LOKI_USERNAME", "u"), ("LOKI_PASSWORD", "s3cret")],
                Some("Basic dTpzM2NyZXQ="),
            ),
            (
                &[("LOKI_USERNAME", "u"), ("LOKI_PASSWORD_FILE", path)],
                Some("Basic dTpzM2NyZXQ="),
            ),
            (&[("LOKI_BEARER_TOKEN", "s3cret")], Some("Bearer s3cret")),
            (&[("LOKI_BEARER_TOKEN_FILE", path)], Some("Bearer s3cret")),
            (
                &[("LOKI_BEARER_TOKEN_FILE", path), ("LOKI_BEARER_TOKEN", "t")],
                Some("Bearer s3cret"),
            ),
            (&[("LOKI_API_KEY_FILE", path)], Some("ApiKey s3cret")),
            (
                &[("LOKI_USERNAME", " "), ("LOKI_BEARER_TOKEN", "t")],
                Some("Bearer t"),
            ),
        ] {
            let header = header("http://a", variables);
            assert_eq!(header, Ok(expected.map(str::to_owned)), "{variables:?}");
        }
    }

    #[test]
    fn credentials_in_the_address_replace_those_of_variables() {
        let variables = [("LOKI_BEARER_TOKEN", "t")];
        let header = header("http://u:s3cret@a", &variables);
        assert_eq!(header, Ok(Some("Basic dTpzM2NyZXQ=".to_owned())));
    }

    #[test]
    fn incomplete_and_contradictory_credentials_are_errors_that_name_the_variables() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("empty");
        fs::write(&path, " \n").expect("written");
        let path = path.to_str().expect("text");
        for (variables, expected) in [
            (
                &[("LOKI_PASSWORD", "s3cret")][..],
                "LOKI_PASSWORD is set without LOKI_USERNAME",
            ),
            (
                &[("LOKI_PASSWORD", "s3cret"), ("LOKI_BEARER_TOKEN", "s3cret")],
                "LOKI_PASSWORD is set without LOKI_USERNAME",
            ),
            (
                &[("LOKI_USERNAME", "u"), ("LOKI_BEARER_TOKEN", "s3cret")],
                "LOKI_USERNAME and LOKI_BEARER_TOKEN",
            ),
            (
                &[("LOKI_USERNAME", "u"), ("LOKI_API_KEY", "s3cret")],
                "LOKI_API_KEY",
            ),
            (&[("LOKI_BEARER_TOKEN_FILE", path)], "is empty"),
        ] {
            let error = header("http://a", variables).expect_err("an error");
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn an_unreadable_file_and_half_of_a_client_certificate_are_errors() {
        let error = header("http://a", &[("LOKI_BEARER_TOKEN_FILE", "/none")]);
        assert!(
            error
                .expect_err("no file")
                .starts_with("LOKI_BEARER_TOKEN_FILE: /none cannot be read: ")
        );
        let error = header("http://a", &[("LOKI_CLIENT_KEY_PATH", "/key")]);
        assert!(
            error
                .expect_err("no certificate")
                .contains("LOKI_CLIENT_CERT_PATH")
        );
        let error = header("http://a", &[("LOKI_BEARER_TOKEN", "sec\nret")]);
        assert!(!error.expect_err("not a header").contains("sec"));
    }
}
