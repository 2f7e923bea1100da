//! The proxy of a URL, from the environment.

use crate::no_proxy::{self, is_loopback};
use log_files::redacted;
use std::fmt;
use ureq::http::Uri;

/// A proxy, and the variable that names it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    url: String,
    variable: &'static str,
}

impl Proxy {
    /// Returns the proxy that the environment names for a URL, if there is one: see the [module](super).
    pub(super) fn from_env(url: &Uri) -> Option<Self> {
        // A value that is not UTF-8 is ignored.
        Self::of(url, &|name| std::env::var(name).ok())
    }

    fn of(url: &Uri, variable: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let host = url.host()?;
        let (scheme_variables, default_port): (&[&'static str], _) = match url.scheme_str() {
            Some("https") => (&["https_proxy", "HTTPS_PROXY"], 443),
            _ => (&["http_proxy"], 80),
        };
        if is_loopback(host) {
            return None;
        }
        let first = |names: &[&'static str]| {
            names.iter().find_map(|name| {
                let value = variable(name)?.trim().to_owned();
                (!value.is_empty()).then_some((*name, value))
            })
        };
        let (variable_name, proxy_url) =
            first(scheme_variables).or_else(|| first(&["all_proxy", "ALL_PROXY"]))?;
        let excluded = first(&["no_proxy", "NO_PROXY"]).map(|(_, list)| list);
        let port = url.port_u16().unwrap_or(default_port);
        if excluded.is_some_and(|list| no_proxy::contains(&list, host, port)) {
            return None;
        }
        let url = match proxy_url.contains("://") {
            true => proxy_url,
            false => format!("http://{proxy_url}"),
        };
        Some(Self {
            url,
            variable: variable_name,
        })
    }

    /// Converts the proxy for ureq.
    ///
    /// # Errors
    ///
    /// If it is not the URL of a proxy.
    pub(super) fn connector(&self) -> Result<ureq::Proxy, String> {
        ureq::Proxy::new(&self.url).map_err(|_| {
            format!(
                "the proxy {self} is not usable: expected a URL such as `http://proxy.example:3128` or `socks5h://proxy.example:1080`"
            )
        })
    }
}

/// Hides the password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (by {})", redacted(&self.url), self.variable)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(url: &str, variables: &[(&str, &str)]) -> Option<String> {
        let url = url.parse().expect("a URL");
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Proxy::of(&url, &variable).map(|proxy| proxy.to_string())
    }

    #[test]
    fn the_scheme_of_the_url_decides_which_variable_names_the_proxy_as_in_curl() {
        let all = [
            ("http_proxy", "http://plain:1"),
            ("HTTP_PROXY", "http://cgi:1"),
            ("HTTPS_PROXY", "http://secure:1"),
            ("ALL_PROXY", "socks5h://all:1"),
        ];
        let of = |url, from: usize| proxy(url, &all[from..]);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            of("http://loki:3100", 0),
            some("http://plain:1 (by http_proxy)")
        );
        assert_eq!(
            of("http://loki:3100", 1),
            some("socks5h://all:1 (by ALL_PROXY)")
        );
        assert_eq!(
            of("https://loki", 0),
            some("http://secure:1 (by HTTPS_PROXY)")
        );
        assert_eq!(
            of("https://loki", 3),
            some("socks5h://all:1 (by ALL_PROXY)")
        );
        assert_eq!(of("https://loki", 4), None);
        assert_eq!(
            proxy("http://loki", &[("HTTP_PROXY", "http://cgi:1")]),
            None
        );
        // The variable in lower case takes precedence, unless it is empty. The scheme of the proxy can be left out.
        let lower = [
            ("https_proxy", "u:p@lower:1"),
            ("HTTPS_PROXY", "http://upper:1"),
        ];
        assert_eq!(
            proxy("https://loki", &lower),
            some("http://…@lower:1 (by https_proxy)")
        );
        let empty = [("https_proxy", ""), ("HTTPS_PROXY", "http://upper:1")];
        assert_eq!(
            proxy("https://loki", &empty),
            some("http://upper:1 (by HTTPS_PROXY)")
        );
    }

    #[test]
    fn loopback_and_servers_in_no_proxy_are_never_proxied() {
        let all = |no_proxy| [("ALL_PROXY", "http://proxy:1"), ("NO_PROXY", no_proxy)];
        for url in [
            "http://localhost:3100",
            "http://127.0.0.1:3100",
            "https://[::1]:4318",
        ] {
            assert_eq!(proxy(url, &all("")), None, "{url}");
        }
        assert!(proxy("http://loki:3100", &all("")).is_some());
        assert!(proxy("http://loki:3100", &all("loki:80")).is_some());
        for list in ["loki", "loki:3100", "*"] {
            assert_eq!(proxy("http://loki:3100", &all(list)), None, "{list}");
        }
        assert_eq!(proxy("http://loki", &all("loki:80")), None);
        assert_eq!(proxy("https://loki", &all("loki:443")), None);
    }

    #[test]
    fn an_unusable_proxy_is_reported_without_its_password() {
        for url in [
            "ftp://user:secret@proxy:1",
            "http://user:secret@",
            "http://",
        ] {
            let proxy = Proxy {
                url: url.to_owned(),
                variable: "ALL_PROXY",
            };
            let error = proxy.connector().expect_err(url);
            assert!(
                error.contains("ALL_PROXY") && !error.contains("secret"),
                "{error}"
            );
        }
    }
}
