/// The digits of a span's id.
const DIGITS: usize = 16;

/// Parses the id of a span or a prefix of it: hexadecimal digits in any case, perhaps after `0x`, or Datadog's decimal number. Returns digits
/// in lower case.
pub(crate) fn parse(text: &str) -> Result<String, &'static str> {
    let number = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let digits = number.unwrap_or(text);
    if digits.len() > DIGITS
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && let Ok(decimal) = digits.parse::<u64>()
    {
        return Ok(format!("{decimal:016x}"));
    }
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    match (1..=DIGITS).contains(&digits.len()) && is_hex {
        true => Ok(digits.to_ascii_lowercase()),
        false => Err("expected 16 hexadecimal digits, or the first of them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_span_is_hexadecimal_or_a_decimal_number_of_more_digits() {
        for (text, digits) in [
            ("00F067AA0ba902b7", "00f067aa0ba902b7"),
            ("0x00f067aa0ba902b7", "00f067aa0ba902b7"),
            ("00f", "00f"),
            ("11803532876627986230", "a3ce929d0e0e4736"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(digits), "{text}");
        }
        for text in ["", "0x", "zz", "*", "+1", "00f067aa0ba902b7a", "é"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
