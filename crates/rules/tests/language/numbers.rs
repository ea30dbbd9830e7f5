use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;
use rules::{Number, Rounding};

fn big(number: Number) -> BigRational {
    let (over, under) = number.parts();
    BigRational::new(over.into(), under.into())
}

fn any_number() -> impl Strategy<Value = Number> {
    let whole = prop_oneof![-1000_i128..1000, any::<i64>().prop_map(i128::from), any::<i128>()];
    let under = prop_oneof![Just(1_i128), 1_i128..1000, any::<i64>().prop_map(i128::from), any::<i128>()];
    (whole, under).prop_filter_map("fits", |(over, under)| Number::fraction(over, under))
}

fn reference(number: &BigRational, decimals: u8, mode: Rounding) -> BigRational {
    let scale = BigRational::from_integer(BigInt::from(10).pow(u32::from(decimals)));
    let scaled = number * &scale;
    let (low, high) = (scaled.floor(), scaled.ceil());
    let half = (&low + &high) / BigInt::from(2);
    let zero = BigRational::from_integer(0.into());
    let chosen = match mode {
        Rounding::Floor => low,
        Rounding::Ceiling => high,
        Rounding::Down => scaled.trunc(),
        Rounding::Up => {
            if scaled < zero {
                low
            } else {
                high
            }
        }
        Rounding::HalfUp => scaled.round(),
        Rounding::HalfEven if low == high => low,
        Rounding::HalfEven => match scaled.cmp(&half) {
            std::cmp::Ordering::Less => low,
            std::cmp::Ordering::Greater => high,
            std::cmp::Ordering::Equal => {
                if (low.to_integer() % BigInt::from(2)) == 0.into() {
                    low
                } else {
                    high
                }
            }
        },
    };
    chosen / scale
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn as_exact_as_big_rationals(a in any_number(), b in any_number()) {
        for (ours, theirs) in [
            (a.plus(b), Some(big(a) + big(b))),
            (a.minus(b), Some(big(a) - big(b))),
            (a.times(b), Some(big(a) * big(b))),
            (a.over(b), (!b.is_zero()).then(|| big(a) / big(b))),
        ] {
            if let Some(ours) = ours {
                prop_assert_eq!(Some(big(ours)), theirs);
            }
        }
        prop_assert_eq!(a.cmp(&b), big(a).cmp(&big(b)));
        prop_assert_eq!(big(a.floor()), big(a).floor());
    }

    #[test]
    fn small_numbers_never_overflow(a in -1_000_000_i128..1_000_000, b in 1_i128..1_000_000, c in -1_000_000_i128..1_000_000, d in 1_i128..1_000_000) {
        let (a, b) = (Number::fraction(a, b).unwrap(), Number::fraction(c, d).unwrap());
        prop_assert!(a.plus(b).is_some() && a.minus(b).is_some() && a.times(b).is_some());
        prop_assert!(b.is_zero() || a.over(b).is_some());
    }

    #[test]
    fn rounds_as_the_reference(a in any_number(), decimals in 0_u8..6) {
        for mode in [Rounding::Floor, Rounding::Ceiling, Rounding::Down, Rounding::Up, Rounding::HalfUp, Rounding::HalfEven] {
            if let Some(rounded) = a.rounded(decimals, mode) {
                prop_assert_eq!(big(rounded), reference(&big(a), decimals, mode), "{:?}", mode);
            }
        }
    }

    #[test]
    fn text_and_back(over in -1_000_000_000_000_i128..1_000_000_000_000, under in 1_i128..100_000) {
        let number = Number::fraction(over, under).unwrap();
        if number.to_string().split_once('.').is_none_or(|(_, decimals)| decimals.len() <= 12) {
            prop_assert_eq!(number.to_string().parse::<Number>().unwrap(), number);
            let json = serde_json::to_value(number).unwrap();
            prop_assert_eq!(serde_json::from_value::<Number>(json).unwrap(), number);
        }
    }

    #[test]
    fn no_text_is_too_strange(text in "[-0-9./e+ ]{0,24}") {
        let _ = text.parse::<Number>();
    }
}

#[test]
fn what_may_be_written() {
    for (json, shown) in [
        ("15", "15"),
        ("0.05", "0.05"),
        ("\"15/7\"", "15/7"),
        ("\"1234.50\"", "1234.5"),
        ("-0.1", "-0.1"),
        ("6.67", "6.67"),
        ("1e3", "1000"),
        ("\"-10/4\"", "-2.5"),
    ] {
        assert_eq!(serde_json::from_str::<Number>(json).unwrap().to_string(), shown, "{json}");
    }
    for json in [
        "0.30000000000000004",
        "\"12%\"",
        "\"\"",
        "\"1/0\"",
        "\"1.1234567890123\"",
        "1000000000000000001",
        "\"1/1000000000001\"",
        "\"--1\"",
        "\"1.\"",
        "1e30",
        "true",
        "null",
        "\"1/-2\"",
    ] {
        assert!(serde_json::from_str::<Number>(json).is_err(), "{json}");
    }
    let advice = serde_json::from_str::<Number>("0.30000000000000004").unwrap_err().to_string();
    assert!(advice.contains("write it as a string"), "{advice}");
}

#[test]
fn written_where_every_reader_keeps_it() {
    let shown = |text: &str| serde_json::to_string(&text.parse::<Number>().unwrap()).unwrap();
    assert_eq!(shown("9007199254740991"), "9007199254740991");
    assert_eq!(shown("9007199254740992"), "\"9007199254740992\"");
    assert_eq!(shown("7.5"), "\"7.5\"");
    assert_eq!(shown("40/6"), "\"20/3\"");
}
