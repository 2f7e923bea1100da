//! To whom headers are sent.

/// All hosts, or those of a list.
#[derive(Clone, Debug, Default)]
pub(super) struct AllowedHosts {
    list: Option<Vec<String>>,
}

impl AllowedHosts {
    /// Names without regard to case; `*.example.com` is all below `example.com`.
    pub(super) fn new(hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let lower = |host: String| host.trim_matches(['[', ']']).to_ascii_lowercase();
        Self {
            list: Some(hosts.into_iter().map(Into::into).map(lower).collect()),
        }
    }

    pub(super) fn contains(&self, host: Option<&str>) -> bool {
        let Some(list) = &self.list else { return true };
        let Some(host) = host else { return false };
        // A fully qualified name may end with a dot.
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        list.iter().any(|allowed| match allowed.strip_prefix('*') {
            Some(domain) => {
                domain.starts_with('.') && host.len() > domain.len() && host.ends_with(domain)
            }
            None => *allowed == host,
        })
    }
}
