#[cfg(feature = "pseudonyms")]
use crate::pseudonyms::PseudonymKey;
#[cfg(feature = "patterns")]
use crate::{
    invalid_pattern::InvalidPattern,
    texts::{Form, NamedPattern},
};
use crate::{
    key_pattern::KeyPattern, path_pattern::PathPattern, replacement::Replacement, sets::SECRET_KEYS,
};

/// Rules for what is secret, and what stands in its place.
///
/// ```
/// use log_redaction::{Redaction, Replacement};
///
/// let redaction = Redaction::new()
///     .secret_keys()
///     .key("iban")
///     .replaced_by(Replacement::LastFour)
///     .path("customer.phone");
/// let redactor = redaction.build();
/// assert!(redactor.key("user.password").is_some());
/// assert!(redactor.key("orders").is_none());
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "rules do nothing until they are built, or given to a layer"]
pub struct Redaction {
    /// Keys at the top of a line that stay as they are.
    pub(crate) kept_keys: Vec<String>,
    pub(crate) keys: Vec<NamedKey>,
    pub(crate) paths: Vec<NamedPath>,
    /// Whether the URL parameters of [`URL_PARAMETERS`](crate::sets::URL_PARAMETERS) are secret.
    pub(crate) has_secret_keys: bool,
    /// The only URL parameters that are secret.
    pub(crate) parameters: Option<Vec<String>>,
    /// What stands in texts in place of the parameters that are secret only in a URL.
    #[cfg(feature = "patterns")]
    pub(crate) parameters_replacement: Replacement,
    #[cfg(feature = "patterns")]
    pub(crate) patterns: Vec<NamedPattern>,
    /// Whether texts are searched for the keys of the rules.
    #[cfg(feature = "patterns")]
    pub(crate) has_keys_in_texts: bool,
    #[cfg(feature = "pseudonyms")]
    pub(crate) pseudonym_key: Option<PseudonymKey>,
    /// For the rules that are added next.
    replacement: Replacement,
}

/// A rule for keys.
#[derive(Clone, Debug)]
pub(crate) struct NamedKey {
    pub(crate) name: String,
    pub(crate) pattern: KeyPattern,
    pub(crate) replacement: Replacement,
    pub(crate) keeps_booleans: bool,
}

/// A rule for a path.
#[derive(Clone, Debug)]
pub(crate) struct NamedPath {
    pub(crate) name: String,
    pub(crate) pattern: PathPattern,
    pub(crate) replacement: Replacement,
}

impl Redaction {
    /// Returns no rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what stands in place of what the rules find that are added after this; [`Replacement::Redacted`] by default.
    pub fn replaced_by(self, replacement: Replacement) -> Self {
        Self {
            replacement,
            ..self
        }
    }

    /// Redacts the values of fields with this key. Case and the separators `-`, `_` and `.` do not matter.
    ///
    /// Without a `*`, the name matches the last words of a key: `api_key` matches `apiKey` and `x-api-key`, but neither `api_key_id` nor
    /// `key`. With `*`, which stands for any text, it has to match the whole key, as `card*` matches `card_number`.
    ///
    /// The first rule that matches a key is used.
    pub fn key(mut self, pattern: &str) -> Self {
        self.add_key(pattern, false);
        self
    }

    /// Redacts the values at a path in nested JSON, such as `customer.address.street`. The first part is the name of a field. `*` is any
    /// key, and the elements of a list have the path of the list.
    pub fn path(mut self, path: &str) -> Self {
        self.paths.push(NamedPath {
            name: path.to_owned(),
            pattern: PathPattern::new(path),
            replacement: self.replacement,
        });
        self
    }

    /// Leaves the members with these keys at the top of a [`line`](crate::Redactor::line) as they are. Those with the usual names of a line's time,
    /// level and ids always stay. Names must match exactly.
    ///
    /// ```
    /// use log_redaction::Redaction;
    ///
    /// let redaction = Redaction::new().key("id").keep(["orderId"]);
    /// let line = br#"{"orderId":7,"userId":8}"#;
    /// let redacted = redaction.build().line(line);
    /// assert_eq!(redacted.as_deref(), Some(&br#"{"orderId":7,"userId":"[redacted]"}"#[..]));
    /// ```
    pub fn keep(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.kept_keys.extend(keys.into_iter().map(Into::into));
        self
    }

    /// Redacts fields whose keys say that they are secret, such as `password`, `authorization`, `set-cookie`, `api_key` and `token`.
    /// Booleans are left as they are.
    pub fn secret_keys(mut self) -> Self {
        for key in SECRET_KEYS {
            self.add_key(key, true);
        }
        self.has_secret_keys = true;
        #[cfg(feature = "patterns")]
        {
            self.parameters_replacement = self.replacement;
        }
        self
    }

    /// Sets the query parameters that [`Redactor::url`](crate::Redactor::url) and [`Redactor::query`](crate::Redactor::query) redact. Names must
    /// match exactly, after percent-decoding.
    ///
    /// Without this, they redact the parameters that the key rules match. With [`secret_keys`](Self::secret_keys) they also redact names
    /// that are secret only in a URL, such as `sig`, `code` and `key`.
    pub fn parameters(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            parameters: Some(names.into_iter().map(Into::into).collect()),
            ..self
        }
    }

    /// Adds [`secret_keys`](Self::secret_keys), and searches texts for what is secret by its form: JSON Web Tokens, bearer and basic
    /// credentials, tokens and keys of AWS, GitHub, GitLab, Google, npm, OpenAI, Anthropic, Slack, Stripe and others, private keys in PEM, user
    /// and password in a URL, and URL parameters such as `sig` and `code`.
    ///
    /// It also searches texts for the keys of all key rules, own ones too, and redacts the values after them:
    ///
    /// ```
    /// # use log_redaction::Redaction;
    /// let redactor = Redaction::new().key("pin").secrets().build();
    /// for (text, redacted) in [
    ///     ("login failed, password: hunter2 for ada", "login failed, password: [redacted] for ada"),
    ///     (r#"Login { user: "ada", pin: 1234 }"#, r#"Login { user: "ada", pin: [redacted] }"#),
    ///     ("GET /files?id=7&token=a1b2c3", "GET /files?id=7&token=[redacted]"),
    ///     ("mysql --user ada --password hunter2", "mysql --user ada --password [redacted]"),
    /// ] {
    ///     assert_eq!(redactor.text(text).as_deref(), Some(redacted));
    /// }
    /// // Prose stays as it is.
    /// assert_eq!(redactor.text("password: must be at least 8 characters"), None);
    /// assert_eq!(redactor.text(r#"unexpected token: "foo""#), None);
    /// ```
    ///
    /// Parts of a URL that are percent-encoded, and letters that are escaped as in JSON, are decoded for the search.
    ///
    /// A value is redacted after `key=`, after a key in quotes, and after `key: ` if it is in quotes, if it has brackets as `Debug` writes them,
    /// if it looks random, or if it is the last word of a clause that begins with the key. So `password: correct horse` stays: nothing tells it
    /// from a sentence about passwords.
    #[cfg(feature = "patterns")]
    pub fn secrets(mut self) -> Self {
        self.has_keys_in_texts = true;
        for (name, form) in Form::secrets() {
            self.add_pattern(name, form);
        }
        self.secret_keys()
    }

    /// Redacts numbers of payment cards in texts and in values that are strings: 13 to 19 digits that start with 2 to 6 and whose check digit is
    /// valid (Luhn). Numbers with other first digits are most often times. The digits are without separators, or in groups with equal
    /// separators between them: one or two spaces, no-break spaces, dots, hyphens or dashes, and `+` or `%20` as in URLs.
    ///
    /// JSON numbers stay as they are, since any number can be valid by chance. A key rule redacts them.
    #[cfg(feature = "patterns")]
    pub fn cards(mut self) -> Self {
        self.add_pattern("card", Form::Cards);
        self
    }

    /// Redacts e-mail addresses.
    #[cfg(feature = "patterns")]
    pub fn emails(mut self) -> Self {
        self.add_pattern("email", Form::Emails);
        self
    }

    /// Redacts IP addresses, of version 4 and 6.
    ///
    /// Four numbers with dots are a version, and stay, after `version`, `ver`, `v` and `oid`, and after a slash and a name with a capital
    /// letter, as in `Chrome/120.0.0.0`. `/clients/10.0.0.1` is redacted.
    #[cfg(feature = "patterns")]
    pub fn ips(mut self) -> Self {
        self.add_pattern("ip", Form::Ips);
        self
    }

    /// Redacts what matches a regular expression in the syntax of the `regex` crate. If it has groups, the first group is the secret, and
    /// otherwise the whole match.
    ///
    /// # Errors
    ///
    /// If the expression is invalid or too large, or matches the empty text. The error says which.
    #[cfg(feature = "patterns")]
    pub fn pattern(mut self, name: &str, regex: &str) -> Result<Self, InvalidPattern> {
        self.add_pattern(name, Form::own(regex)?);
        Ok(self)
    }

    /// Sets the key of pseudonyms, of at least 16 bytes. Without one, a random key of this process is used, so that the pseudonyms of two
    /// processes differ. It consists of hashes by the standard library's randomly seeded hasher.
    ///
    /// If a value is redacted a second time by its key, the result is the pseudonym of the first pseudonym, because nothing
    /// distinguishes a pseudonym from other values.
    #[cfg(feature = "pseudonyms")]
    pub fn with_pseudonym_key(self, key: impl Into<Vec<u8>>) -> Self {
        Self {
            pseudonym_key: Some(PseudonymKey::new(key.into())),
            ..self
        }
    }

    #[cfg(feature = "patterns")]
    fn add_pattern(&mut self, name: &str, form: Form) {
        self.patterns.push(NamedPattern {
            name: name.to_owned(),
            form,
            replacement: self.replacement,
        });
    }

    fn add_key(&mut self, pattern: &str, keeps_booleans: bool) {
        self.keys.push(NamedKey {
            name: pattern.to_owned(),
            pattern: KeyPattern::new(pattern),
            replacement: self.replacement,
            keeps_booleans,
        });
    }
}
