//! What a scalar without quotes is: the core schema of YAML 1.2, without what readers understand differently.

use serde_json::{Number, Value};

use crate::number;

/// The value of a plain scalar.
///
/// # Errors
/// What is unclear about a number, and how to write it.
pub(super) fn resolve(text: &str) -> Result<Value, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    match digits {
        ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN" => {
            return Err("is no number that can be counted with".to_owned());
        }
        _ => {}
    }
    if digits.starts_with("0x") || digits.starts_with("0o") {
        let based = digits.len() > 2 && digits.chars().skip(2).all(|digit| digit.is_ascii_hexdigit());
        return if based { Err("is not written in decimals".to_owned()) } else { Ok(text.into()) };
    }
    if is_number(digits) { numeric(text, digits) } else { Ok(text.into()) }
}

/// `[0-9]+`, `[0-9]+.[0-9]*`, `.[0-9]+`, each perhaps with an exponent.
fn is_number(digits: &str) -> bool {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !whole.is_empty() || !decimals.is_empty();
    let power = |text: &str| !text.is_empty() && all(text);
    let exponent = exponent.is_none_or(|text| power(text.strip_prefix(['-', '+']).unwrap_or(text)));
    has_digits && all(whole) && all(decimals) && exponent
}

fn numeric(text: &str, digits: &str) -> Result<Value, String> {
    if digits.len() > 1
        && digits.starts_with('0')
        && digits.as_bytes().get(1).copied().is_some_and(|b| b.is_ascii_digit())
    {
        return Err(format!("is unclear with its leading 0: a text is written \"{text}\", a number without the 0"));
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Some(words) = number::fault(text) {
        return Err(words);
    }
    let whole = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok();
    let number = whole.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64));
    number.map(Value::Number).ok_or_else(|| "is no number that can be counted with".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_that_look_like_booleans_are_words() {
        for word in
            ["n", "y", "no", "yes", "on", "off", "No", "ON", "2026-12-25", "1_000", "12:30", "0xg", "e5", "-", "."]
        {
            assert_eq!(resolve(word), Ok(json!(word)), "{word}");
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_or_refused() {
        for (text, value) in [
            ("0", json!(0)),
            ("-12", json!(-12)),
            ("+5", json!(5)),
            ("0.05", json!(0.05)),
            (".5", json!(0.5)),
            ("5.", json!(5.0)),
            ("1e3", json!(1000.0)),
            ("18446744073709551615", json!(u64::MAX)),
            ("0.0", json!(0.0)),
            ("true", json!(true)),
            ("~", Value::Null),
        ] {
            assert_eq!(resolve(text), Ok(value), "{text}");
        }
        for text in [
            "007",
            "-012",
            "0x1F",
            "0o17",
            ".inf",
            "-.inf",
            ".nan",
            "18446744073709551616",
            "1e400",
            "1e-400",
            "0.1234567890123456",
            "100000000000000000.5",
        ] {
            assert!(resolve(text).is_err(), "{text}");
        }
    }
}
