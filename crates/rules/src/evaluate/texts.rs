//! Texts and lists that are made of values.

use std::fmt::Write;

use chrono::NaiveDate;

use super::Run;
use crate::{Unknown, Value, node::Node};

/// How long a text may become: a name may stand twice in it, and hold another twice.
const LENGTH: usize = 2_000;

impl<'a> Run<'a> {
    /// The values whose conditions are met. An unknown condition is not met, and an unknown value is left out.
    pub(super) fn collect(&mut self, args: &'a [Node]) -> Value {
        let mut values = Vec::new();
        for case in args.chunks_exact(2) {
            let [when, then] = case else { continue };
            if self.eval(when).truth() == Some(true) {
                values.push(self.eval(then));
            }
        }
        values.retain(Value::is_known);
        Value::List(values.into())
    }

    pub(super) fn join(&mut self, args: &'a [Node]) -> Value {
        let mut text = String::new();
        for node in args {
            match self.eval(node) {
                Value::Unknown(why) => return Value::Unknown(why),
                // Writing into a text cannot fail.
                part => drop(write!(text, "{part}")),
            }
            if text.len() > LENGTH {
                return Value::Unknown(Unknown::TooLarge);
            }
        }
        Value::Text(text.into())
    }
}

/// The first day of `2026-01`, `2026-Q1` or `2026`.
pub(super) fn period_start(name: &str) -> Option<NaiveDate> {
    let (year, rest) = name.split_at_checked(4)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let year = year.parse().ok().filter(|_| digits(year))?;
    let month = match (rest.strip_prefix("-Q"), rest.strip_prefix('-')) {
        (Some(quarter), _) if quarter.len() == 1 => quarter.parse::<u32>().ok()?.checked_sub(1)?.checked_mul(3)? + 1,
        (None, Some(month)) if month.len() == 2 && digits(month) => month.parse().ok()?,
        (None, None) if rest.is_empty() => 1,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, month, 1)
}
