//! A credential for people: its page, and its pictures with the JWT baked in.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use askama::Template;
use chrono::{Datelike, NaiveDate};
use database::Error;
use training::badge::{Badge, Places, Standing};

use super::{files::File, page};
use crate::{Outcome, Reply};

/// What the page may load: its style and its picture. It runs nothing.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
                      form-action 'none'";

/// Where LinkedIn takes a certification into somebody's profile.
const LINKEDIN: &str = "https://www.linkedin.com/profile/add";

/// How many letters fit into a line of the picture, and how many lines into it.
const LINE: usize = 20;
const LINES: usize = 4;

/// What whoever has the link sees.
#[derive(Template)]
#[template(path = "credential.html")]
struct Page<'a> {
    badge: &'a Badge,
    state: &'static str,
    is_good: bool,
    here: String,
    picture: String,
    profile: String,
    last_day: Option<NaiveDate>,
}

#[derive(Template)]
#[template(path = "badge.svg", escape = "html")]
struct Picture<'a> {
    badge: &'a Badge,
    jwt: &'a str,
    /// The name, with the height at which each line of it stands.
    lines: Vec<(usize, String)>,
}

/// The page.
pub(crate) fn certificate(badge: &Badge, places: &Places) -> Outcome {
    let state = match badge.standing {
        Standing::Valid => "Valid",
        Standing::Coming => "Not valid yet",
        Standing::Expired => "Expired",
        Standing::Revoked => "Revoked",
    };
    let id = badge.credential.id;
    let template = Page {
        badge,
        state,
        is_good: badge.standing == Standing::Valid,
        here: places.credential(id),
        picture: places.picture(id),
        profile: profile(badge, places)?,
        last_day: badge.credential.last_day(),
    };
    page(&template, POLICY)
}

/// The drawing.
pub(crate) fn painted(badge: &Badge, jwt: &str) -> Result<Reply, Error> {
    let lines = lines(&badge.name);
    let top = 330 - 22 * lines.len().saturating_sub(1);
    let lines = lines.into_iter().enumerate().map(|(nth, line)| (top + 44 * nth, line)).collect();
    let svg = Picture { badge, jwt, lines }.render().map_err(|error| Error::Internal(error.to_string()))?;
    Ok(Reply::text(StatusCode::OK, "image/svg+xml", svg))
}

/// The seal, the same for all, with the JWT in a chunk behind its head (Open Badges 3.0, 5.3.1.1).
pub(crate) fn stamped(jwt: &str) -> File {
    const SEAL: &[u8] = include_bytes!("seal.png");
    /// The signature, and the chunk that says how large it is.
    const HEAD: usize = 33;
    let (head, rest) = SEAL.split_at(HEAD);
    // Not compressed, of no language, and its keyword is not translated.
    let mut chunk = b"iTXtopenbadgecredential\0\0\0\0\0".to_vec();
    chunk.extend_from_slice(jwt.as_bytes());
    let length = u32::try_from(chunk.len() - 4).unwrap_or_default().to_be_bytes();
    let check = crc(&chunk).to_be_bytes();
    File::new("image/png", Cow::Owned([head, &length, &chunk, &check, rest].concat()))
}

/// The checksum of a chunk (PNG, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

/// A name in lines; what does not fit is left out.
fn lines(name: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split_whitespace() {
        match lines.last_mut().filter(|line| line.chars().count() + word.chars().count() < LINE) {
            Some(line) => line.extend([" ", word]),
            None => lines.push(word.chars().take(LINE).collect()),
        }
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        lines.last_mut().into_iter().for_each(|line| line.push('…'));
    }
    lines
}

/// A link that takes the certification into a profile.
fn profile(badge: &Badge, places: &Places) -> Result<String, Error> {
    let credential = &badge.credential;
    let (id, from, last) = (credential.id, credential.awarded_on, credential.last_day());
    let mut query = vec![
        ("startTask", "CERTIFICATION_NAME".to_owned()),
        ("name", badge.name.clone()),
        ("organizationName", badge.issuer.clone()),
        ("issueYear", from.year().to_string()),
        ("issueMonth", from.month().to_string()),
        ("certUrl", places.credential(id)),
        ("certId", id.to_string()),
    ];
    let until =
        |last: NaiveDate| [("expirationYear", last.year().to_string()), ("expirationMonth", last.month().to_string())];
    query.extend(last.into_iter().flat_map(until));
    let query = serde_urlencoded::to_string(query).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(format!("{LINKEDIN}?{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_that_of_the_specification() {
        // The chunk that ends every PNG.
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn a_name_stands_in_lines_that_fit() {
        assert_eq!(lines("Technical professional"), ["Technical", "professional"]);
        assert_eq!(lines("Sales"), ["Sales"]);
        let long = lines(&"certification ".repeat(20));
        assert_eq!((long.len(), long.iter().all(|line| line.chars().count() <= LINE + 1)), (LINES, true));
        assert_eq!(lines(&"x".repeat(200)), ["x".repeat(LINE)]);
    }
}
