use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::sync::LazyLock;

/// What stands in place of a secret, on lines and in URLs.
const REPLACEMENTS: [&str; 2] = ["[redacted]", "REDACTED"];

/// The characters that `encodeURIComponent` of JavaScript encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The characters that forms of browsers encode.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');

/// A secret or a look-alike.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    /// `secret` if a part of the text is secret, `key` if the key makes it secret, or `look-alike`.
    kind: String,
    pub(crate) key: String,
    pub(crate) text: String,
    pub(crate) secrets: Vec<String>,
    /// The forms of the secrets, or those of a look-alike's text.
    #[serde(skip)]
    forms: Vec<String>,
}

static TABLE: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let lines = include_str!("../../crates/log-redaction/tests/cases.jsonl").lines();
    let cases = lines.map(|line| serde_json::from_str::<Case>(line).expect("a case"));
    cases.map(Case::with_forms).collect()
});

pub(crate) fn table() -> &'static [Case] {
    &TABLE
}

impl Case {
    /// Returns the case with the forms that outputs are searched for.
    fn with_forms(self) -> Self {
        let forms = match self.is_secret() {
            true => self
                .secrets
                .iter()
                .flat_map(|secret| forms(secret))
                .collect(),
            false => forms(&self.text),
        };
        Self { forms, ..self }
    }

    /// Returns the case in upper case.
    pub(crate) fn to_uppercase(&self) -> Self {
        let secrets = self.secrets.iter();
        let case = Self {
            key: self.key.to_uppercase(),
            text: self.text.to_uppercase(),
            secrets: secrets.map(|secret| secret.to_uppercase()).collect(),
            ..self.clone()
        };
        case.with_forms()
    }

    pub(crate) fn is_secret(&self) -> bool {
        self.kind != "look-alike"
    }

    /// Returns whether the key alone makes the text secret.
    pub(crate) fn needs_key(&self) -> bool {
        self.kind == "key"
    }

    /// Returns a text that has the key too, if the secret is not known without it.
    pub(crate) fn sentence(&self) -> String {
        match self.needs_key() {
            true => format!("{}={}", self.key, self.text),
            false => self.text.clone(),
        }
    }

    /// Returns what is wrong with an output. `raw` is all of it, and `texts` are the decoded texts in it.
    pub(crate) fn fault(&self, raw: &str, texts: &[String]) -> Option<&'static str> {
        // A look-alike may say so itself.
        let is_new = |word: &str| !self.text.contains(word) && raw.contains(word);
        let is_replaced = REPLACEMENTS.into_iter().any(is_new);
        if !self.is_secret() {
            return match texts.iter().any(|text| self.is_in(text)) {
                true if is_replaced => Some("a part is redacted"),
                true => None,
                false => Some("it has changed"),
            };
        }
        match self.is_in(raw) {
            true => Some("a secret is left"),
            false if is_replaced => None,
            false => Some("nothing is redacted"),
        }
    }

    /// Returns whether a secret, or the text of a look-alike, is in an output in any form.
    fn is_in(&self, output: &str) -> bool {
        self.forms.iter().any(|form| output.contains(form.as_str()))
    }
}

/// Returns the inside of a text's JSON string.
pub(crate) fn escaped(text: &str) -> String {
    let json = serde_json::to_string(text).expect("a string");
    json[1..json.len() - 1].to_owned()
}

/// Returns a text with each character as an escape.
pub(crate) fn all_escaped(text: &str) -> String {
    let units = text.encode_utf16();
    units.map(|unit| format!("\\u{unit:04x}")).collect()
}

/// Returns a text as a part of a URL.
pub(crate) fn component(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// Returns a text as the value of a form's field.
pub(crate) fn form(text: &str) -> String {
    utf8_percent_encode(text, FORM)
        .to_string()
        .replace("%20", "+")
}

/// Returns all forms in which a text can be in an output.
fn forms(text: &str) -> Vec<String> {
    let debug = format!("{text:?}");
    let debug = debug[1..debug.len() - 1].to_owned();
    let mut forms = vec![
        text.to_owned(),
        escaped(text),
        escaped(&debug),
        debug,
        all_escaped(text),
        component(text),
        form(text),
        utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
    ];
    forms.sort();
    forms.dedup();
    forms
}
