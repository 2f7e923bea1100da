use crate::http::install_url_rules;
use log_redaction::Redactor;

/// Makes them the rules of all layers without a list of their own. Without rules, the layers keep their default.
pub(in crate::setup) fn install(redactor: Option<Redactor>) {
    if let Some(redactor) = redactor {
        install_url_rules(redactor);
    }
}
