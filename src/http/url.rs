//! URLs without their secrets.

use log_redaction::{Redaction, Redactor};
use std::{
    borrow::Cow,
    sync::{LazyLock, OnceLock},
};

/// The rules that `init` has installed.
static OF_INIT: OnceLock<Redactor> = OnceLock::new();

/// The rules without `init`.
static DEFAULT: LazyLock<Redactor> = LazyLock::new(|| Redaction::new().secret_keys().build());

/// Sets the rules of all layers that have no list of their own. Only the first ones count.
#[cfg(feature = "setup")]
pub(crate) fn install_url_rules(redactor: Redactor) {
    let _ = OF_INIT.set(redactor);
}

/// Which parts of a URL are redacted.
#[derive(Clone, Debug, Default)]
pub(super) struct UrlRules {
    /// Replaces the rules of the process.
    own: Option<Redactor>,
}

impl UrlRules {
    /// Returns rules for these query parameters alone.
    pub(super) fn new(parameters: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            own: Some(Redaction::new().parameters(parameters).build()),
        }
    }

    /// Returns a query with `REDACTED` in place of each secret value.
    pub(super) fn redact_query<'q>(&self, query: &'q str) -> Cow<'q, str> {
        let (redactor, further) = self.redactors();
        match (redactor.query(query), further) {
            (Cow::Borrowed(query), Some(further)) => further.query(query),
            (Cow::Owned(query), Some(further)) => further.query(&query).into_owned().into(),
            (query, None) => query,
        }
    }

    /// Returns a URL with `REDACTED` in place of user, password and the values of secret parameters.
    pub(super) fn redact(&self, url: &str) -> String {
        let (redactor, further) = self.redactors();
        let url = redactor.url(url);
        match further {
            Some(further) => further.url(&url),
            None => url,
        }
    }

    /// Returns the rules, and the default ones if these do not include them.
    fn redactors(&self) -> (&Redactor, Option<&Redactor>) {
        match (&self.own, OF_INIT.get()) {
            (Some(own), _) => (own, None),
            (None, Some(of_init)) => {
                let further = (!of_init.has_secret_keys()).then_some(&*DEFAULT);
                (of_init, further)
            }
            (None, None) => (&*DEFAULT, None),
        }
    }
}
