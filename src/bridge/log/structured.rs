//! Captures values for which `sval` is needed, through `sval_json`.

use crate::json::{Captured, text_of, tidy};
use log::kv::Value;
use sval::{Index, Label, Stream, Tag};

/// Captures a value: a scalar as itself, anything else as JSON. Returns `None` for text, which it appends to `text`.
///
/// In JSON, NaN and the infinities become `null`, integers beyond 64 bits become strings, and the last of several equal keys
/// stays. Runs user code.
///
/// # Errors
///
/// If the value cannot be streamed, or if it streams to invalid JSON.
pub(super) fn capture(value: &Value<'_>, text: &mut String) -> sval::Result<Option<Captured>> {
    let mut scalar = Scalar {
        text,
        captured: None,
        is_in_enum: false,
        is_structured: false,
    };
    let streamed = scalar.value_computed(value);
    if !scalar.is_structured {
        return streamed.map(|()| scalar.captured);
    }
    let json = sval_json::stream_to_string(value).map_err(|_| sval::Error::new())?;
    // A variant without a value is written as its name.
    let captured = text_of(&json)
        .map(Captured::Text)
        .or_else(|| tidy(&json).map(Captured::Json));
    captured.map(Some).ok_or_else(sval::Error::new)
}

/// A stream that accepts text and scalars, and rejects everything else.
struct Scalar<'t> {
    text: &'t mut String,
    captured: Option<Captured>,
    is_in_enum: bool,
    /// Whether the value is more than a scalar.
    is_structured: bool,
}

impl Scalar<'_> {
    fn take(&mut self, captured: Captured) -> sval::Result {
        self.captured = Some(captured);
        Ok(())
    }

    fn reject(&mut self) -> sval::Result {
        self.is_structured = true;
        sval::error()
    }
}

impl<'sval> Stream<'sval> for Scalar<'_> {
    fn null(&mut self) -> sval::Result {
        self.take(Captured::Nothing)
    }

    fn bool(&mut self, value: bool) -> sval::Result {
        self.take(Captured::Bool(value))
    }

    fn text_begin(&mut self, _: Option<usize>) -> sval::Result {
        Ok(())
    }

    fn text_fragment_computed(&mut self, fragment: &str) -> sval::Result {
        self.text.push_str(fragment);
        Ok(())
    }

    fn text_end(&mut self) -> sval::Result {
        Ok(())
    }

    fn binary_begin(&mut self, _: Option<usize>) -> sval::Result {
        self.take(Captured::Bytes(Vec::new()))
    }

    fn binary_fragment_computed(&mut self, fragment: &[u8]) -> sval::Result {
        if let Some(Captured::Bytes(bytes)) = &mut self.captured {
            bytes.extend_from_slice(fragment);
        }
        Ok(())
    }

    fn binary_end(&mut self) -> sval::Result {
        Ok(())
    }

    fn u64(&mut self, value: u64) -> sval::Result {
        self.take(Captured::U64(value))
    }

    fn u128(&mut self, value: u128) -> sval::Result {
        self.take(Captured::U128(value))
    }

    fn i64(&mut self, value: i64) -> sval::Result {
        self.take(Captured::I64(value))
    }

    fn i128(&mut self, value: i128) -> sval::Result {
        self.take(Captured::I128(value))
    }

    fn f64(&mut self, value: f64) -> sval::Result {
        self.take(Captured::F64(value))
    }

    /// Maps, records and tuples also arrive here, unless a stream handles them separately.
    fn seq_begin(&mut self, _: Option<usize>) -> sval::Result {
        self.reject()
    }

    fn seq_value_begin(&mut self) -> sval::Result {
        self.reject()
    }

    fn seq_value_end(&mut self) -> sval::Result {
        self.reject()
    }

    fn seq_end(&mut self) -> sval::Result {
        self.reject()
    }

    fn enum_begin(
        &mut self,
        _: Option<&Tag>,
        _: Option<&Label<'_>>,
        _: Option<&Index>,
    ) -> sval::Result {
        self.is_in_enum = true;
        Ok(())
    }

    /// A variant with a value becomes an object named after the variant. Any other tagged value is only the value.
    fn tagged_begin(
        &mut self,
        _: Option<&Tag>,
        _: Option<&Label<'_>>,
        _: Option<&Index>,
    ) -> sval::Result {
        if self.is_in_enum {
            self.reject()
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn captured(value: &Value<'_>) -> Captured {
        let mut text = String::new();
        let captured = capture(value, &mut text).expect("the value can be streamed");
        captured.unwrap_or(Captured::Text(text))
    }

    fn json(json: &str) -> Captured {
        Captured::Json(json.to_owned())
    }

    #[test]
    fn scalars_stay_scalars_and_text_is_text() {
        assert_eq!(captured(&Value::from_sval(&7_u8)), Captured::U64(7));
        assert_eq!(captured(&Value::from_sval(&-7_i16)), Captured::I64(-7));
        assert_eq!(
            captured(&Value::from_sval(&u128::MAX)),
            Captured::U128(u128::MAX)
        );
        assert_eq!(
            captured(&Value::from_sval(&Some(1.5_f32))),
            Captured::F64(1.5)
        );
        assert!(
            matches!(captured(&Value::from_sval(&f64::NAN)), Captured::F64(nan) if nan.is_nan())
        );
        assert_eq!(captured(&Value::from_sval(&None::<u8>)), Captured::Nothing);
        assert_eq!(
            captured(&Value::from_sval(&"x")),
            Captured::Text("x".into())
        );
        assert_eq!(
            captured(&Value::from_serde(&'x')),
            Captured::Text("x".into())
        );
        assert_eq!(
            captured(&Value::from_debug(&Some("x"))),
            Captured::Text("Some(\"x\")".into())
        );
        assert_eq!(
            captured(&Value::from_display(&"x")),
            Captured::Text("x".into())
        );
        assert_eq!(
            captured(&Value::from_sval(&sval::BinarySlice::new(&[1, 2]))),
            Captured::Bytes(vec![1, 2])
        );
    }

    #[test]
    fn structured_values_are_json_however_they_were_captured() {
        let map = BTreeMap::from([("\u{1b}\u{9b}", u128::MAX)]);
        let expected = json("{\"\\u001b\\u009b\":\"340282366920938463463374607431768211455\"}");
        assert_eq!(captured(&Value::from_sval(&map)), expected);
        assert_eq!(captured(&Value::from_serde(&map)), expected);
        assert_eq!(captured(&Value::from_sval(&[1, 2])), json("[1,2]"));
        assert_eq!(captured(&Value::from_serde(&[1, 2])), json("[1,2]"));
        assert_eq!(
            captured(&Value::from_sval(&(f64::NAN, "x"))),
            json("[null,\"x\"]")
        );
    }

    #[test]
    fn a_variant_with_a_value_is_an_object() {
        #[derive(serde::Serialize)]
        enum State {
            Open,
            Closed(u8),
        }
        assert_eq!(
            captured(&Value::from_serde(&State::Open)),
            Captured::Text("Open".into())
        );
        assert_eq!(
            captured(&Value::from_serde(&State::Closed(3))),
            json("{\"Closed\":3}")
        );
    }
}
