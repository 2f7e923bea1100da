/// What a line says about an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorDetails {
    /// The message of the error.
    pub message: Option<String>,
    /// The type of the error.
    pub kind: Option<String>,
    /// The stack trace, with its line breaks.
    pub stack: Option<String>,
    /// The messages of the causes, the nearest first.
    pub causes: Vec<String>,
}

impl ErrorDetails {
    /// Adds what is known from elsewhere, and keeps all that is known already.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            message: self.message.or(other.message),
            kind: self.kind.or(other.kind),
            stack: self.stack.or(other.stack),
            causes: match self.causes.is_empty() {
                true => other.causes,
                false => self.causes,
            },
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_already_is_kept() {
        let message = |text: &str| Some(text.to_owned());
        let known = ErrorDetails {
            message: message("known"),
            ..ErrorDetails::default()
        };
        let other = ErrorDetails {
            message: message("other"),
            kind: message("Kind"),
            stack: None,
            causes: vec!["cause".to_owned()],
        };
        let both = known.or(other.clone());
        assert_eq!(both.message, message("known"));
        assert_eq!((both.kind, both.causes), (other.kind, other.causes));
    }
}
