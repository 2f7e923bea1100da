//! Values of `valuable`, available with `--cfg tracing_unstable`: structs, lists and maps as JSON.

use super::{escape::push_string, rules::Rules, value::Value};
use std::{collections::HashSet, fmt};
use valuable::{Enumerable, Fields, NamedValues, Structable, Visit};

/// Values nested deeper than this are written as `null`.
const MAX_DEPTH: usize = 64;

/// A value that writes JSON in its `Debug`.
pub(super) struct Json<'a> {
    pub(super) value: valuable::Value<'a>,
    pub(super) rules: &'a Rules,
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::new();
        let mut encoder = Encoder {
            out: &mut out,
            rules: self.rules,
            depth: 0,
            is_first: true,
            keys: HashSet::new(),
        };
        encoder.push(&self.value);
        // Only text is pushed, so it is valid UTF-8.
        f.write_str(std::str::from_utf8(&out).unwrap_or("null"))
    }
}

/// Writes the values that it visits into a list or an object.
struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    rules: &'a Rules,
    depth: usize,
    is_first: bool,
    /// The keys written to the object so far. Each key is written once.
    keys: HashSet<String>,
}

impl Encoder<'_> {
    fn push(&mut self, value: &valuable::Value<'_>) {
        use valuable::Value as V;
        let rules = self.rules;
        if self.depth > MAX_DEPTH || self.out.len() > rules.limit {
            self.out.extend_from_slice(b"null");
            return;
        }
        let scalar = match value {
            V::Bool(value) => Value::Bool(*value),
            V::I8(value) => Value::I64((*value).into()),
            V::I16(value) => Value::I64((*value).into()),
            V::I32(value) => Value::I64((*value).into()),
            V::I64(value) => Value::I64(*value),
            V::I128(value) => Value::I128(*value),
            V::Isize(value) => Value::I128(*value as i128),
            V::U8(value) => Value::U64((*value).into()),
            V::U16(value) => Value::U64((*value).into()),
            V::U32(value) => Value::U64((*value).into()),
            V::U64(value) => Value::U64(*value),
            V::U128(value) => Value::U128(*value),
            V::Usize(value) => Value::U128(*value as u128),
            V::F32(value) => Value::F64((*value).into()),
            V::F64(value) => Value::F64(*value),
            V::String(value) => Value::Str(value),
            V::Error(value) => Value::Error(*value),
            V::Char(value) => return push_string(self.out, value.encode_utf8(&mut [0; 4])),
            V::Path(value) => return push_string(self.out, &value.to_string_lossy()),
            V::Unit => return self.out.extend_from_slice(b"null"),
            V::Listable(list) => return self.within(b'[', b']', |inner| list.visit(inner)),
            V::Tuplable(tuple) => return self.within(b'[', b']', |inner| tuple.visit(inner)),
            V::Mappable(map) => return self.within(b'{', b'}', |inner| map.visit(inner)),
            V::Structable(value) => return self.push_struct(*value),
            V::Enumerable(value) => return self.push_enum(*value),
            other => {
                let text = format!("{other:?}");
                return push_string(self.out, &text);
            }
        };
        scalar.push(self.out, rules);
    }

    fn push_struct(&mut self, value: &dyn Structable) {
        match value.definition().fields() {
            Fields::Named(_) => self.within(b'{', b'}', |inner| value.visit(inner)),
            Fields::Unnamed(_) => self.within(b'[', b']', |inner| value.visit(inner)),
        }
    }

    /// `"Variant"`, `{"Variant":{…}}` or `{"Variant":[…]}`.
    fn push_enum(&mut self, value: &dyn Enumerable) {
        let variant = value.variant();
        let is_unit = matches!(variant.fields(), Fields::Unnamed(0));
        if is_unit {
            return push_string(self.out, variant.name());
        }
        self.out.push(b'{');
        push_string(self.out, variant.name());
        self.out.push(b':');
        match variant.fields() {
            Fields::Named(_) => self.within(b'{', b'}', |inner| value.visit(inner)),
            Fields::Unnamed(_) => self.within(b'[', b']', |inner| value.visit(inner)),
        }
        self.out.push(b'}');
    }

    fn within(&mut self, open: u8, close: u8, visit: impl FnOnce(&mut dyn Visit)) {
        self.out.push(open);
        visit(&mut Encoder {
            out: self.out,
            rules: self.rules,
            depth: self.depth + 1,
            is_first: true,
            keys: HashSet::new(),
        });
        self.out.push(close);
    }

    fn separate(&mut self) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.push(b',');
        }
    }

    fn member(&mut self, key: String, value: &valuable::Value<'_>) {
        if self.keys.contains(&key) {
            return;
        }
        self.separate();
        push_string(self.out, &key);
        self.out.push(b':');
        self.push(value);
        self.keys.insert(key);
    }
}

impl Visit for Encoder<'_> {
    fn visit_value(&mut self, value: valuable::Value<'_>) {
        self.separate();
        self.push(&value);
    }

    fn visit_unnamed_fields(&mut self, values: &[valuable::Value<'_>]) {
        values.iter().for_each(|value| self.visit_value(*value));
    }

    fn visit_named_fields(&mut self, values: &NamedValues<'_>) {
        for (field, value) in values {
            self.member(field.name().to_owned(), value);
        }
    }

    fn visit_entry(&mut self, key: valuable::Value<'_>, value: valuable::Value<'_>) {
        let key = match key.as_str() {
            Some(key) => key.to_owned(),
            None => format!("{key:?}"),
        };
        self.member(key, &value);
    }
}
