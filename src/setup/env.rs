//! Reads environment variables and collects all invalid values, so that one error lists them together.

use crate::Error;
use log_files::{excerpt, redacted};
use std::{cell::RefCell, env::VarError};

/// Looks up a variable by its name.
type Lookup<'a> = &'a dyn Fn(&str) -> Result<String, VarError>;

/// The environment, and the problems found in it so far.
pub(super) struct Env<'a> {
    lookup: Lookup<'a>,
    problems: RefCell<Vec<String>>,
}

impl<'a> Env<'a> {
    pub(super) fn new(lookup: Lookup<'a>) -> Self {
        Self {
            lookup,
            problems: RefCell::default(),
        }
    }

    /// The value of a variable, trimmed. An empty value counts as unset, by OpenTelemetry's specification.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match (self.lookup)(name) {
            Ok(value) => Some(value.trim().to_owned()).filter(|value| !value.is_empty()),
            Err(VarError::NotPresent) => None,
            // The value may be a secret, so the message leaves it out.
            Err(VarError::NotUnicode(_)) => {
                self.problem(format!("{name} is not valid UTF-8"));
                None
            }
        }
    }

    /// The value of a variable as parsed by `parse`, which returns `None` if the value is invalid.
    pub(super) fn parsed<T>(
        &self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.text(name)?;
        let parsed = parse(&value);
        if parsed.is_none() {
            self.invalid(name, &value, expected);
        }
        parsed
    }

    /// The value of the first of several variables that is set.
    pub(super) fn first_of<T>(&self, names: &[&str], get: impl Fn(&str) -> Option<T>) -> Option<T> {
        // All are read, so that an invalid value is reported even if another variable takes precedence.
        let all: Vec<_> = names.iter().map(|name| get(name)).collect();
        all.into_iter().flatten().next()
    }

    /// The meaning of a variable that takes one of several words, in any case.
    pub(super) fn one_of<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let accepted: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        self.parsed(name, &format!("one of {}", accepted.join(", ")), |value| {
            let word = words
                .iter()
                .find(|(word, _)| word.eq_ignore_ascii_case(value));
            word.map(|(_, meaning)| *meaning)
        })
    }

    /// Adds an invalid value to the problems, without secrets that a URL may contain.
    pub(super) fn invalid(&self, name: &str, value: &str, expected: &str) {
        let value = excerpt(&redacted(value));
        self.problem(format!("{name} is `{value}`, expected {expected}"));
    }

    pub(super) fn problem(&self, problem: String) {
        self.problems.borrow_mut().push(problem);
    }

    /// Ends reading.
    ///
    /// # Errors
    ///
    /// If there were problems: an error that lists all of them.
    pub(super) fn check(self) -> Result<(), Error> {
        let problems = self.problems.into_inner();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Error::invalid_inputs(problems))
        }
    }
}
