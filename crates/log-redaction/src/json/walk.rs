use super::{
    container::{Container, PathState},
    fixed_keys::{has_fixed_members, is_fixed},
    strings::{decoded, push_string, without_colors},
    tokens::{NotJson, Tokens},
};
use crate::{
    key_rule::KeyRule, redactor::Redactor, replace::is_replaced, replacement::Replacement,
};
use std::borrow::Cow;

/// Walks through a JSON text once, and copies it with its secrets replaced. Nesting is on a stack of its own, so its depth is not limited.
pub(crate) struct Walk<'a> {
    pub(super) redactor: &'a Redactor,
    pub(super) tokens: Tokens<'a>,
    out: String,
    /// How much of `json` is in `out`, or left out.
    copied: usize,
    pub(super) containers: Vec<Container>,
    /// The path rules that may match below each container.
    paths: Vec<PathState>,
    /// Whether the members at the top are those of a line.
    is_line: bool,
    /// Where the member or element begins that is being read.
    began: usize,
}

/// The result of a walk.
#[derive(Debug)]
pub(crate) struct Walked {
    /// The text up to `end`, if it has changed.
    pub(crate) changed: Option<String>,
    /// Where the value ends, or where the text stops being JSON.
    pub(crate) end: usize,
}

/// What to do with the value of a member.
enum Member<'k> {
    Secret(KeyRule),
    Fixed,
    Other(Cow<'k, str>),
}

impl<'a> Walk<'a> {
    /// Walks through the value of the field `key`.
    pub(crate) fn of_value(redactor: &'a Redactor, key: &str, json: &'a str) -> Self {
        let mut walk = Self::new(redactor, json, false);
        for rule in 0..redactor.prepared().redaction().paths.len() {
            walk.step(PathState { rule, depth: 0 }, key);
        }
        walk
    }

    /// Walks through a line.
    pub(crate) fn of_line(redactor: &'a Redactor, json: &'a str) -> Self {
        let mut walk = Self::new(redactor, json, true);
        let rules = 0..redactor.prepared().redaction().paths.len();
        let states = rules.map(|rule| PathState { rule, depth: 0 });
        walk.paths.extend(states);
        walk
    }

    fn new(redactor: &'a Redactor, json: &'a str, is_line: bool) -> Self {
        Self {
            redactor,
            tokens: Tokens { json, at: 0 },
            out: String::new(),
            copied: 0,
            containers: Vec::new(),
            paths: Vec::new(),
            is_line,
            began: 0,
        }
    }

    pub(crate) fn run(mut self) -> Walked {
        let is_whole = self.walk().is_ok();
        let end = if is_whole { self.tokens.at } else { self.began };
        let changed = (self.copied > 0).then(|| {
            // What a secret value without an end has covered is already left out.
            if let Some(rest) = self.tokens.json.get(self.copied..end) {
                self.out.push_str(rest);
            }
            self.out
        });
        Walked {
            changed,
            end: end.max(self.copied),
        }
    }

    fn walk(&mut self) -> Result<(), NotJson> {
        self.tokens.skip_space();
        self.began = self.tokens.at;
        self.value(0, None)?;
        while let Some(container) = self.containers.last() {
            let is_object = container.is_object;
            self.tokens.skip_space();
            if is_object {
                self.member()?;
            } else {
                self.element()?;
            }
        }
        Ok(())
    }

    /// Reads the next member of an object with the comma before it, or the end of the object.
    fn member(&mut self) -> Result<(), NotJson> {
        if self.ends_container(b'}')? {
            return Ok(());
        }
        let key_start = self.tokens.at;
        let key_end = self.tokens.string()?;
        let key = without_colors(decoded(&self.tokens.json[key_start + 1..key_end - 1]));
        self.tokens.skip_space();
        self.tokens.expect(b':')?;
        self.tokens.skip_space();
        let paths = self.paths.len();
        if matches!(&*key, "name" | "key" | "header") {
            let named = self.named_rule();
            if let Some(object) = self.containers.last_mut() {
                object.named = named;
            }
        }
        match self.decide(key) {
            Member::Secret(rule) => {
                self.paths.truncate(paths);
                self.secret(&rule)
            }
            Member::Fixed => {
                self.kept();
                self.paths.truncate(paths);
                self.tokens.at = self.tokens.value_end().ok_or(NotJson)?;
                Ok(())
            }
            Member::Other(key) => {
                self.kept();
                self.value(paths, Some(&key))
            }
        }
    }

    /// Reads the next element of a list with the comma before it, or the end of the list.
    fn element(&mut self) -> Result<(), NotJson> {
        let is_first = self.containers.last().is_some_and(|list| list.is_new);
        if self.ends_container(b']')? {
            return Ok(());
        }
        if let Some(rule) = self.pair_rule(is_first) {
            return self.secret(&rule);
        }
        self.kept();
        // The elements have the path of the list.
        let paths = self.paths.len();
        let inherited = self.containers.last().map_or(paths, |list| list.paths);
        self.paths.extend_from_within(inherited..paths);
        self.value(paths, None)
    }

    /// Reads the comma before the next part of a container, or its end.
    fn ends_container(&mut self, end: u8) -> Result<bool, NotJson> {
        let next = self.tokens.peek();
        let Some(container) = self.containers.last_mut() else {
            return Err(NotJson);
        };
        if next == Some(end) {
            self.paths.truncate(container.paths);
            self.containers.pop();
            self.tokens.at += 1;
            return Ok(true);
        }
        if !std::mem::take(&mut container.is_new) {
            if next != Some(b',') {
                return Err(NotJson);
            }
            container.separator = self.tokens.at;
            if !container.has_kept {
                // All members before this one were removed.
                self.out
                    .push_str(&self.tokens.json[self.copied..self.tokens.at]);
                self.copied = self.tokens.at + 1;
            }
            self.tokens.at += 1;
            self.tokens.skip_space();
        }
        self.began = self.tokens.at;
        Ok(false)
    }

    fn kept(&mut self) {
        if let Some(container) = self.containers.last_mut() {
            container.has_kept = true;
        }
    }

    /// Finds the rule for a member. Appends the path rules that may match below it to `paths`.
    fn decide<'k>(&mut self, key: Cow<'k, str>) -> Member<'k> {
        let Some(object) = self.containers.last() else {
            return Member::Other(key);
        };
        let is_top = self.is_line && self.containers.len() == 1;
        let is_fixed_below = object
            .fixed_below
            .as_ref()
            .is_some_and(|parent| is_fixed(&format!("{parent}.{key}")));
        let value = self.tokens.peek();
        let is_nested = matches!(value, Some(b'{' | b'['));
        if !is_nested && (is_fixed_below || is_top && self.is_fixed(&key)) {
            return Member::Fixed;
        }
        let is_boolean = matches!(value, Some(b't' | b'f'));
        if let Some(rule) = self.key_rule(&key, value == Some(b'['))
            && !(rule.keeps_booleans && is_boolean)
        {
            return Member::Secret(rule);
        }
        let is_text = matches!(value, Some(b'"' | b'[' | b'{'));
        if matches!(&*key, "value" | "values")
            && let Some(rule) = object.named.filter(|_| is_text)
        {
            return Member::Secret(rule);
        }
        let states = object.paths..self.paths.len();
        for index in states {
            let state = self.paths[index];
            if let Some(rule) = self.step(state, &key) {
                return Member::Secret(rule);
            }
        }
        Member::Other(key)
    }

    /// Returns whether a member at the top of a line stays as it is.
    fn is_fixed(&self, key: &str) -> bool {
        let kept = &self.redactor.prepared().redaction().kept_keys;
        is_fixed(key) || kept.iter().any(|kept| kept == key)
    }

    /// Returns the rule for a key. The list of an error's sources has the rule of the error.
    fn key_rule(&self, key: &str, is_list: bool) -> Option<KeyRule> {
        let error = key.strip_suffix(".sources").filter(|_| is_list);
        self.redactor
            .prepared()
            .named_key(key)
            .or_else(|| self.redactor.prepared().named_key(error?))
    }

    /// Follows a path rule below a key. Returns its rule if the path ends here.
    fn step(&mut self, state: PathState, key: &str) -> Option<KeyRule> {
        let redactor = self.redactor;
        let path = redactor.prepared().redaction().paths.get(state.rule)?;
        let depth = path.pattern.step(state.depth, key)?;
        if path.pattern.is_whole(depth) {
            return redactor.prepared().path_rule(state.rule);
        }
        let rule = state.rule;
        self.paths.push(PathState { rule, depth });
        None
    }

    /// Replaces the value that begins here, or removes its member.
    fn secret(&mut self, rule: &KeyRule) -> Result<(), NotJson> {
        let start = self.tokens.at;
        // A line that is cut within a secret has nothing but the secret in its rest.
        let end = match self.tokens.value_end() {
            Some(end) => end,
            None if self.is_line && start < self.tokens.json.len() => self.tokens.json.len(),
            None => return Err(NotJson),
        };
        self.tokens.at = end;
        let raw = &self.tokens.json[start..end];
        let text = match raw.strip_prefix('"') {
            Some(inside) => decoded(inside.strip_suffix('"').unwrap_or(inside)),
            None => raw.into(),
        };
        if rule.replacement != Replacement::Remove && is_replaced(&text) {
            self.kept();
            return Ok(());
        }
        let replaced = self.redactor.replace(rule, |buffer| buffer.push_str(&text));
        match (replaced, self.containers.last_mut()) {
            (Some(replaced), Some(container)) => {
                container.has_kept = true;
                self.out.push_str(&self.tokens.json[self.copied..start]);
                push_string(&mut self.out, &replaced);
            }
            (_, Some(container)) => {
                let from = if container.has_kept {
                    container.separator
                } else {
                    self.began
                };
                if let Some(before) = self.tokens.json.get(self.copied..from) {
                    self.out.push_str(before);
                }
            }
            (_, None) => {}
        }
        self.copied = end;
        Ok(())
    }

    /// Reads a value. The path rules that may match below it are those from `paths` on.
    fn value(&mut self, paths: usize, key: Option<&str>) -> Result<(), NotJson> {
        match self.tokens.peek() {
            Some(bracket @ (b'{' | b'[')) => {
                self.tokens.at += 1;
                let is_top = self.is_line && self.containers.len() == 1;
                let parent = key.filter(|key| is_top && has_fixed_members(key));
                self.containers.push(Container {
                    is_object: bracket == b'{',
                    is_new: true,
                    has_kept: false,
                    separator: self.tokens.at,
                    paths,
                    named: None,
                    fixed_below: parent.map(str::to_owned),
                });
                return Ok(());
            }
            Some(b'"') => {
                let start = self.tokens.at;
                let end = self.tokens.string()?;
                self.text(start, end);
            }
            _ => self.tokens.at = self.tokens.scalar_end().ok_or(NotJson)?,
        }
        self.paths.truncate(paths);
        Ok(())
    }

    /// Redacts the string between two positions by patterns.
    fn text(&mut self, start: usize, end: usize) {
        if !self.redactor.has_patterns() {
            return;
        }
        let raw = &self.tokens.json[start + 1..end - 1];
        // Other loggers may escape letters.
        let has_hidden_letters = raw.contains("\\u");
        if !has_hidden_letters && !self.redactor.may_match(raw.as_bytes()) {
            return;
        }
        if let Some(text) = self.redactor.text(&decoded(raw)) {
            self.out.push_str(&self.tokens.json[self.copied..start]);
            push_string(&mut self.out, &text);
            self.copied = end;
        }
    }
}
