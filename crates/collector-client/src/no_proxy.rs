//! The list of `NO_PROXY`: servers that are reached without a proxy.

use std::net::IpAddr;

/// Returns whether a list such as `NO_PROXY` contains a server. Commas or whitespace separate its members:
///
/// | member | servers |
/// |---|---|
/// | `example.com`, `.example.com`, `*.example.com` | that host and its subdomains |
/// | `example.com:3100` | the same, on that port |
/// | `10.0.0.7`, `[::1]:4318` | that address, or that port of the address |
/// | `10.0.0.0/8`, `fd00::/8` | the addresses of that network |
/// | `*` | all |
pub(super) fn contains(list: &str, host: &str, port: u16) -> bool {
    let host = normalize(host);
    list.split([',', ' ', '\t'])
        .filter(|member| !member.is_empty())
        .any(|member| is_member(member, &host, port))
}

/// Returns whether a name or address is that of this machine itself.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = normalize(host);
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Returns a host in lower case, without the brackets of an IPv6 address and the final dot of a fully qualified name.
fn normalize(host: &str) -> String {
    let host = host.strip_prefix('[').unwrap_or(host);
    let host = host.strip_suffix(']').unwrap_or(host);
    let host = host.strip_suffix('.').unwrap_or(host);
    host.to_ascii_lowercase()
}

fn is_member(member: &str, host: &str, port: u16) -> bool {
    if member == "*" {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>()
        && let Some((network, bits)) = member.split_once('/')
    {
        return is_within(address.to_canonical(), network, bits);
    }
    let (name, member_port) = split_port(member);
    if member_port.is_some_and(|member_port| member_port != port) {
        return false;
    }
    let name = normalize(name.strip_prefix('*').unwrap_or(name));
    match (host.parse::<IpAddr>(), name.parse::<IpAddr>()) {
        (Ok(address), Ok(named)) => address.to_canonical() == named.to_canonical(),
        // An address is not a domain name, so it has no subdomains: `0.7` does not match `10.0.0.7`.
        (Ok(_), Err(_)) => false,
        (Err(_), _) => {
            let name = name.strip_prefix('.').unwrap_or(&name);
            let subdomain = host.strip_suffix(name).unwrap_or(".");
            !name.is_empty()
                && (subdomain.is_empty() || (subdomain.len() > 1 && subdomain.ends_with('.')))
        }
    }
}

/// Splits a member into its host and its port. The port of an IPv6 address follows its brackets.
fn split_port(member: &str) -> (&str, Option<u16>) {
    match member.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => port
            .parse()
            .map_or((member, None), |port| (name, Some(port))),
        _ => (member, None),
    }
}

fn is_within(address: IpAddr, network: &str, bits: &str) -> bool {
    let Ok(bits) = bits.parse::<u32>() else {
        return false;
    };
    match (address, normalize(network).parse()) {
        (IpAddr::V4(address), Ok(IpAddr::V4(network))) if bits <= 32 => {
            let differ = address.to_bits() ^ network.to_bits();
            differ.checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), Ok(IpAddr::V6(network))) if bits <= 128 => {
            let differ = address.to_bits() ^ network.to_bits();
            differ.checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_matches_hosts_subdomains_ports_addresses_networks_and_the_wildcard() {
        for (list, host, expected) in [
            ("example.com", "example.com", true),
            ("example.com", "EXAMPLE.com.", true),
            ("example.com", "logs.example.com", true),
            ("example.com", "badexample.com", false),
            ("example.com", "example.com.evil", false),
            (".example.com", "example.com", true),
            (".example.com", "logs.example.com", true),
            ("*.example.com", "logs.example.com", true),
            ("*.example.com", "badexample.com", false),
            ("a, b example.com", "example.com", true),
            ("example.com:3100", "example.com", true),
            ("example.com:80", "example.com", false),
            ("*", "example.com", true),
            ("", "example.com", false),
            (".", "example.com", false),
            ("10.0.0.7", "10.0.0.7", true),
            ("10.0.0.7:3100", "10.0.0.7", true),
            ("10.0.0.7:80", "10.0.0.7", false),
            ("0.7", "10.0.0.7", false),
            ("10.0.0.0/8", "10.200.0.7", true),
            ("10.0.0.0/8", "11.0.0.7", false),
            ("10.0.0.7/32", "10.0.0.7", true),
            ("10.0.0.7/32", "10.0.0.8", false),
            ("0.0.0.0/0", "10.0.0.7", true),
            ("10.0.0.0/33", "10.0.0.7", false),
            ("10.0.0.0/x", "10.0.0.7", false),
            ("10.0.0.0/8", "example.com", false),
            ("10.0.0.0/8", "[::ffff:10.0.0.7]", true),
            ("fd00::/8", "[fd12::1]", true),
            ("fd00::/8", "[fe80::1]", false),
            ("::/0", "[fe80::1]", true),
            ("fd12::1", "[fd12::1]", true),
            ("[fd12::1]:3100", "[fd12::1]", true),
            ("[fd12::1]:80", "[fd12::1]", false),
        ] {
            assert_eq!(contains(list, host, 3100), expected, "{host} in {list:?}");
        }
    }

    #[test]
    fn loopback_is_recognised_by_name_and_by_address() {
        for host in [
            "localhost",
            "LocalHost.",
            "a.localhost",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example.com", "10.0.0.1", "[::2]", "notlocalhost"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
