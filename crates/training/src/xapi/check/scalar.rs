//! Texts and numbers of a certain form.

use chrono::DateTime;
use kernel::Timestamp;
use serde_json::Value;

use super::walk::Walk;

/// How long an IRI may be: longer ones are nobody's names.
const LONGEST_IRI: usize = 2_000;

/// A text of any form.
pub(super) fn text(walk: &mut Walk, value: &Value) {
    walk.text(value);
}

pub(super) fn boolean(walk: &mut Walk, value: &Value) {
    if !value.is_boolean() {
        walk.fault("type", "must be true or false");
    }
}

pub(super) fn number(walk: &mut Walk, value: &Value) {
    if !value.is_number() {
        walk.fault("type", "must be a number");
    }
}

pub(super) fn length(walk: &mut Walk, value: &Value) {
    if value.as_u64().is_none() {
        walk.fault("type", "must be a whole number that is not negative");
    }
}

fn formed(walk: &mut Walk, value: &Value, fits: impl Fn(&str) -> bool, words: &str) {
    if let Some(text) = walk.text(value)
        && !fits(text)
    {
        walk.fault("format", words);
    }
}

pub(super) fn iri(walk: &mut Walk, value: &Value) {
    formed(walk, value, is_iri, "must be an IRI with its scheme");
}

/// Whether a text is an IRI with its scheme, as far as can be told with little effort.
pub fn is_iri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let begins = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    let scheme = begins && scheme.chars().all(|one| one.is_ascii_alphanumeric() || "+-.".contains(one));
    let allowed = |one: char| !one.is_control() && !one.is_whitespace() && !"<>\"{}|\\^`".contains(one);
    scheme && text.len() <= LONGEST_IRI && !rest.is_empty() && rest.chars().all(allowed)
}

pub(super) fn mailbox(walk: &mut Walk, value: &Value) {
    formed(walk, value, is_mailbox, "must be mailto: and an e-mail address");
}

fn is_mailbox(text: &str) -> bool {
    let address = text.strip_prefix("mailto:").and_then(|address| address.rsplit_once('@'));
    address.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty()) && is_iri(text)
}

pub(super) fn sha1(walk: &mut Walk, value: &Value) {
    let fits = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    formed(walk, value, fits, "must be a SHA-1 in hexadecimal");
}

pub(super) fn sha2(walk: &mut Walk, value: &Value) {
    let fits = |text: &str| {
        (32..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
    };
    formed(walk, value, fits, "must be a SHA-2 in hexadecimal or base64");
}

/// A media type stands in a header where the attachment is answered: it has no line breaks.
pub(super) fn media_type(walk: &mut Walk, value: &Value) {
    let fits = |text: &str| {
        let (kind, rest) = text.split_once('/').unwrap_or_default();
        let visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        !kind.is_empty() && !rest.is_empty() && text.len() <= 255 && text.bytes().all(visible)
    };
    formed(walk, value, fits, "must be a media type such as application/pdf");
}

pub(super) fn uuid(walk: &mut Walk, value: &Value) {
    formed(walk, value, is_uuid, "must be a UUID in its usual form");
}

/// Whether a text is a UUID in its usual form.
pub fn is_uuid(text: &str) -> bool {
    let hyphen = |place: usize| matches!(place, 8 | 13 | 18 | 23);
    let fits = |(place, byte): (usize, u8)| if hyphen(place) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

pub(super) fn version(walk: &mut Walk, value: &Value) {
    let fits = |text: &str| {
        text == "1.0"
            || text.strip_prefix("1.0.").is_some_and(|patch| {
                !patch.is_empty() && patch.len() < 5 && patch.bytes().all(|byte| byte.is_ascii_digit())
            })
    };
    formed(walk, value, fits, "must be a version 1.0.x");
}

pub(super) fn time(walk: &mut Walk, value: &Value) {
    formed(walk, value, |text| timestamp(text).is_some(), "must be an RFC 3339 time, whose offset is not -00:00");
}

/// The instant that a text names.
pub fn timestamp(text: &str) -> Option<Timestamp> {
    let parted = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    let offset = text.len().checked_sub(6).and_then(|at| text.get(at..));
    // RFC 3339 has it for "the offset is not known"; xAPI does not take that.
    if !parted || offset == Some("-00:00") {
        return None;
    }
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc().into())
}

pub(super) fn language(walk: &mut Walk, value: &Value) {
    formed(walk, value, is_language, "must be a language tag (RFC 5646)");
}

/// Whether the lengths of a tag's parts are those of RFC 5646.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let private = first.eq_ignore_ascii_case("x") || first.eq_ignore_ascii_case("i");
    let begins = private || (2..=8).contains(&first.len());
    let rest = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    begins && first.bytes().all(|byte| byte.is_ascii_alphabetic()) && parts.all(rest) && !(private && tag.len() < 3)
}

pub(super) fn language_map(walk: &mut Walk, value: &Value) {
    let Some(members) = walk.members(value) else { return };
    for (tag, words) in members {
        walk.within(tag, |walk| {
            if !is_language(tag) {
                walk.fault("format", "the name must be a language tag (RFC 5646)");
            }
            walk.text(words);
        });
    }
}

pub(super) fn extensions(walk: &mut Walk, value: &Value) {
    let Some(members) = walk.members(value) else { return };
    for name in members.keys().filter(|name| !is_iri(name)) {
        walk.within(name, |walk| walk.fault("format", "the name must be an IRI with its scheme"));
    }
}

pub(super) fn duration(walk: &mut Walk, value: &Value) {
    formed(walk, value, is_duration, "must be an ISO 8601 duration such as PT1H30M");
}

/// Whether a text is an ISO 8601 duration: designators in their order, a fraction in the last part alone.
fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else { return false };
    if let Some(weeks) = rest.strip_suffix('W') {
        return is_amount(weeks, true);
    }
    let (days, time) = match rest.split_once('T') {
        Some((_, "")) => return false,
        Some((days, time)) => (days, time),
        None => (rest, ""),
    };
    let last_of_days = time.is_empty();
    !rest.is_empty() && in_order(days, "YMD", last_of_days) && in_order(time, "HMS", true)
}

/// Whether amounts stand before these designators, each once at most and in this order.
fn in_order(text: &str, designators: &str, may_be_fraction: bool) -> bool {
    let (mut left, mut open) = (designators, text);
    while !open.is_empty() {
        let Some(at) = open.find(|one: char| one.is_ascii_alphabetic()) else { return false };
        let (amount, rest) = open.split_at(at);
        let Some(place) = rest.chars().next().and_then(|designator| left.find(designator)) else { return false };
        left = left.get(place + 1..).unwrap_or_default();
        open = rest.get(1..).unwrap_or_default();
        if !is_amount(amount, may_be_fraction && open.is_empty()) {
            return false;
        }
    }
    true
}

fn is_amount(text: &str, may_be_fraction: bool) -> bool {
    let digits = |text: &str| !text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once(['.', ',']) {
        Some((whole, fraction)) => may_be_fraction && digits(whole) && digits(fraction),
        None => digits(text),
    }
}
