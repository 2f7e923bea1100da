/// The hosts that get trace headers: all, or those of a list.
#[derive(Clone, Debug, Default)]
pub(super) struct AllowedHosts {
    list: Option<Vec<String>>,
}

impl AllowedHosts {
    /// Allows the hosts of a list. Case and port do not matter, and `*.example.com` means all hosts below `example.com`. `*` in any other
    /// place, or alone, allows no host: a list must not allow more than its author may have meant.
    pub(super) fn new(hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            list: Some(
                hosts
                    .into_iter()
                    .map(|host| normalize(without_port(&host.into())))
                    .collect(),
            ),
        }
    }

    pub(super) fn contains(&self, host: Option<&str>) -> bool {
        let Some(list) = &self.list else { return true };
        let Some(host) = host else { return false };
        let host = normalize(host);
        list.iter().any(|allowed| match allowed.strip_prefix('*') {
            Some(domain) => {
                domain.starts_with('.') && host.len() > domain.len() && host.ends_with(domain)
            }
            None => *allowed == host,
        })
    }
}

/// Removes the port. An IPv6 address has one only after brackets.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit())
                && (name.ends_with(']') || !name.contains(':')) =>
        {
            name
        }
        _ => host,
    }
}

/// Returns a host in lower case, without the brackets of an IPv6 address and the final dot of a fully qualified name.
fn normalize(host: &str) -> String {
    host.trim_matches(['[', ']'])
        .trim_end_matches('.')
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_as_names() {
        let hosts = AllowedHosts::new(["Orders.Internal.", "*.shop.example", "[::1]"]);
        for host in [
            "orders.internal",
            "ORDERS.internal.",
            "a.shop.example",
            "a.b.Shop.example.",
            "::1",
            "[::1]",
        ] {
            assert!(hosts.contains(Some(host)), "{host}");
        }
        for host in [
            "shop.example",
            ".shop.example",
            "evilshop.example",
            "orders.internal.evil",
            "internal",
            "",
        ] {
            assert!(!hosts.contains(Some(host)), "{host}");
        }
        assert!(!hosts.contains(None));
        let hosts = AllowedHosts::new(["orders:8080", "[::2]:443", "fe80::1", "*.shop.example:80"]);
        for (host, is_allowed) in [
            ("orders", true),
            ("::2", true),
            ("fe80::1", true),
            ("a.shop.example", true),
            ("::", false),
            ("fe80:", false),
        ] {
            assert_eq!(hosts.contains(Some(host)), is_allowed, "{host}");
        }
        assert!(
            AllowedHosts::default().contains(None) && AllowedHosts::default().contains(Some("any"))
        );
        assert!(!AllowedHosts::new(["*"]).contains(Some("any")));
    }
}
