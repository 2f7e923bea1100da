//! Captures values for which `serde` is needed, through `serde_json`.

use super::{captured::Captured, tidy::tidy};
use serde_core::ser::{Error as _, Serialize, Serializer};
use serde_json::Serializer as JsonSerializer;
use std::{fmt, fmt::Write as _, io};

/// Captures a value: a scalar as itself, anything else as JSON. Returns `None` for text, which it appends to `text`.
///
/// In JSON, NaN and the infinities become `null`, integers beyond 64 bits become strings, and the last of several equal keys
/// stays. Runs user code.
///
/// # Errors
///
/// If the value's `Serialize` fails, if the key of a map is not a scalar, or if the value serializes to invalid JSON.
pub(crate) fn capture(
    value: &(impl Serialize + ?Sized),
    text: &mut String,
) -> Result<Option<Captured>, serde_json::Error> {
    let mut json = Vec::new();
    let mut scalar = None;
    value.serialize(Top {
        scalar: &mut scalar,
        text,
        json: &mut JsonSerializer::new(&mut json),
    })?;
    if json.is_empty() {
        return Ok(scalar);
    }
    let json = std::str::from_utf8(&json).ok().and_then(tidy);
    let json =
        json.ok_or_else(|| serde_json::Error::custom("the value serialized to invalid JSON"))?;
    Ok(Some(Captured::Json(json)))
}

type Inner<'a, W> = &'a mut JsonSerializer<W>;

/// Captures a top-level text or scalar itself, and passes everything else to `serde_json`.
struct Top<'a, W> {
    scalar: &'a mut Option<Captured>,
    text: &'a mut String,
    json: Inner<'a, W>,
}

impl<W> Top<'_, W> {
    fn take(self, scalar: Captured) -> Result<(), serde_json::Error> {
        *self.scalar = Some(scalar);
        Ok(())
    }
}

/// Implements the methods that take a scalar.
macro_rules! scalars {
    ($($method:ident($from:ty) => $variant:ident,)*) => {
        $(fn $method(self, value: $from) -> Result<(), Self::Error> {
            self.take(Captured::$variant(value.into()))
        })*
    };
}

impl<'a, W: io::Write> Serializer for Top<'a, W> {
    type Ok = ();
    type Error = serde_json::Error;
    type SerializeSeq = <Inner<'a, W> as Serializer>::SerializeSeq;
    type SerializeTuple = <Inner<'a, W> as Serializer>::SerializeTuple;
    type SerializeTupleStruct = <Inner<'a, W> as Serializer>::SerializeTupleStruct;
    type SerializeTupleVariant = <Inner<'a, W> as Serializer>::SerializeTupleVariant;
    type SerializeMap = <Inner<'a, W> as Serializer>::SerializeMap;
    type SerializeStruct = <Inner<'a, W> as Serializer>::SerializeStruct;
    type SerializeStructVariant = <Inner<'a, W> as Serializer>::SerializeStructVariant;

    scalars! {
        serialize_bool(bool) => Bool,
        serialize_i8(i8) => I64,
        serialize_i16(i16) => I64,
        serialize_i32(i32) => I64,
        serialize_i64(i64) => I64,
        serialize_i128(i128) => I128,
        serialize_u8(u8) => U64,
        serialize_u16(u16) => U64,
        serialize_u32(u32) => U64,
        serialize_u64(u64) => U64,
        serialize_u128(u128) => U128,
        serialize_f32(f32) => F64,
        serialize_f64(f64) => F64,
        serialize_bytes(&[u8]) => Bytes,
    }

    fn serialize_char(self, value: char) -> Result<(), Self::Error> {
        self.text.push(value);
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Self::Error> {
        self.text.push_str(value);
        Ok(())
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Self::Error> {
        // A string accepts everything, so the error can only be the value's own. The text written before it stays.
        let _ = write!(self.text, "{value}");
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Self::Error> {
        self.take(Captured::Nothing)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Self::Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Self::Error> {
        self.take(Captured::Nothing)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Self::Error> {
        self.take(Captured::Nothing)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Self::Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        self.json
            .serialize_newtype_variant(name, index, variant, value)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, Self::Error> {
        self.json.serialize_seq(len)
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, Self::Error> {
        self.json.serialize_tuple(len)
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, Self::Error> {
        self.json.serialize_tuple_struct(name, len)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, Self::Error> {
        self.json.serialize_tuple_variant(name, index, variant, len)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, Self::Error> {
        self.json.serialize_map(len)
    }

    fn serialize_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStruct, Self::Error> {
        self.json.serialize_struct(name, len)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, Self::Error> {
        self.json
            .serialize_struct_variant(name, index, variant, len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use std::collections::BTreeMap;

    fn captured(value: &(impl Serialize + ?Sized)) -> Captured {
        let mut text = String::new();
        let captured = capture(value, &mut text).expect("the value can be serialized");
        captured.unwrap_or(Captured::Text(text))
    }

    fn json(value: &impl Serialize) -> String {
        match captured(value) {
            Captured::Json(json) => json,
            other => panic!("{other:?}"),
        }
    }

    #[derive(Serialize)]
    struct Order {
        id: u64,
        note: &'static str,
        wide: u128,
        ratio: f64,
        nothing: Option<u8>,
    }

    #[derive(Serialize)]
    struct Id(u64);

    #[derive(Serialize)]
    enum State {
        Open,
        Closed { by: &'static str },
    }

    #[test]
    fn scalars_stay_scalars() {
        assert_eq!(captured(&7_u8), Captured::U64(7));
        assert_eq!(captured(&-7_i16), Captured::I64(-7));
        assert_eq!(captured(&Id(7)), Captured::U64(7));
        assert_eq!(captured(&Some(1.5)), Captured::F64(1.5));
        assert_eq!(captured(&true), Captured::Bool(true));
        assert_eq!(captured("x"), Captured::Text("x".into()));
        assert_eq!(captured(&'x'), Captured::Text("x".into()));
        assert_eq!(captured(&State::Open), Captured::Text("Open".into()));
        assert_eq!(captured(&None::<u8>), Captured::Nothing);
        assert_eq!(captured(&()), Captured::Nothing);
    }

    #[test]
    fn other_values_are_json_with_everything_escaped() {
        let order = Order {
            id: 7,
            note: "a \"b\"\u{9b}\u{7f}\n",
            wide: u128::MAX,
            ratio: f64::NAN,
            nothing: None,
        };
        assert_eq!(
            json(&order),
            r#"{"id":7,"note":"a \"b\"\u009b\u007f\n","wide":"340282366920938463463374607431768211455","ratio":null,"nothing":null}"#
        );
        assert_eq!(json(&[1, 2]), "[1,2]");
        assert_eq!(json(&(1, "x")), r#"[1,"x"]"#);
        assert_eq!(
            json(&State::Closed { by: "me" }),
            r#"{"Closed":{"by":"me"}}"#
        );
        assert_eq!(
            json(&BTreeMap::from([("\u{1b}", Id(1))])),
            r#"{"\u001b":1}"#
        );
        assert_eq!(json(&Vec::<u8>::new()), "[]");
    }

    #[test]
    fn the_last_of_equal_keys_stays() {
        struct Twice;
        impl Serialize for Twice {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map([("a", 1), ("b", 2), ("a", 3)])
            }
        }
        assert_eq!(json(&[Twice]), r#"[{"b":2,"a":3}]"#);
        assert_eq!(
            json(&BTreeMap::from([("x", Twice)])),
            r#"{"x":{"b":2,"a":3}}"#
        );
    }

    #[test]
    fn a_value_with_a_wrong_length_is_an_error() {
        struct Wrong;
        impl Serialize for Wrong {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeSeq as _;
                let mut seq = serializer.serialize_seq(Some(0))?;
                seq.serialize_element(&1)?;
                seq.end()
            }
        }
        assert!(capture(&(Wrong, 1), &mut String::new()).is_err());
    }

    #[test]
    fn a_value_that_fails_to_serialize_is_an_error() {
        assert!(capture(&BTreeMap::from([(vec![1], 1)]), &mut String::new()).is_err());
    }
}
