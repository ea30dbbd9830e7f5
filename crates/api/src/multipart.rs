//! Bodies of several parts (`multipart/mixed`; RFC 2046, 5.1): a document, and what is attached to it.

use std::convert::Infallible;

use actix_web::{HttpMessage, dev::ServiceRequest, web::Bytes};
use futures_util::stream;
use kernel::{Code, Error};
use multer::{Field, Multipart};
use training::xapi::BOUNDS;
use uuid::Uuid;

use crate::{body, operations::MIXED};

/// How many characters a boundary may have (RFC 2046, 5.1.1).
const BOUNDARY: usize = 70;

/// One part.
pub(crate) struct Part {
    /// Names in lower case. What is no text is not there.
    headers: Vec<(String, String)>,
    /// What it holds.
    pub bytes: Bytes,
}

impl Part {
    /// What its header says under this name, which is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Its media type without parameters, in lower case.
    pub(crate) fn media_type(&self) -> String {
        body::media_type(self.header("content-type").unwrap_or_default())
    }
}

/// The parts of a body, within bounds.
///
/// # Errors
/// `invalid_json`, where it is not of parts, or has too many.
pub(crate) async fn read(request: &ServiceRequest, bytes: Bytes) -> Result<Vec<Part>, Error> {
    let boundary = boundary(request)
        .ok_or_else(|| refused(format!("The Content-Type must name a boundary of 1 to {BOUNDARY} characters.")))?;
    let whole = stream::once(async move { Ok::<_, Infallible>(bytes) });
    let (mut reader, mut parts) = (Multipart::new(whole, boundary), Vec::new());
    while let Some(field) = reader.next_field().await.map_err(|error| broken(&error))? {
        if parts.len() >= BOUNDS.parts {
            return Err(refused(format!("The body has more than {} parts.", BOUNDS.parts)));
        }
        let nth = parts.len().saturating_add(1);
        parts.push(part(field, nth).await?);
    }
    Ok(parts)
}

fn boundary(request: &ServiceRequest) -> Option<String> {
    let media_type = request.mime_type().ok().flatten()?;
    let boundary = media_type.get_param("boundary")?.as_str().to_owned();
    (1..=BOUNDARY).contains(&boundary.len()).then_some(boundary)
}

async fn part(field: Field<'_>, nth: usize) -> Result<Part, Error> {
    let size: usize = field.headers().iter().map(|(name, value)| name.as_str().len().saturating_add(value.len())).sum();
    if size > BOUNDS.part_header {
        return Err(refused(format!("The header of part {nth} has more than {} bytes.", BOUNDS.part_header)));
    }
    let text = |value: &[u8]| str::from_utf8(value).ok().map(str::to_owned);
    let pairs = field.headers().iter().filter_map(|(name, value)| Some((name.to_string(), text(value.as_bytes())?)));
    let headers = pairs.collect();
    Ok(Part { headers, bytes: field.bytes().await.map_err(|error| broken(&error))? })
}

fn broken(error: &multer::Error) -> Error {
    refused(format!("The body is not {MIXED} (RFC 2046, 5.1): {error}."))
}

fn refused(detail: String) -> Error {
    Error::new(Code::InvalidJson, detail)
}

/// A body of several parts that is being written.
pub(crate) struct Written {
    boundary: String,
    bytes: Vec<u8>,
}

impl Written {
    /// One without parts. Nobody can guess its boundary and write it into a part.
    pub(crate) fn new() -> Self {
        Self { boundary: Uuid::new_v4().simple().to_string(), bytes: Vec::new() }
    }

    /// Adds a part.
    pub(crate) fn add(&mut self, headers: &[(&str, &str)], content: &[u8]) {
        self.bytes.extend_from_slice(format!("--{}\r\n", self.boundary).as_bytes());
        for (name, value) in headers {
            self.bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        self.bytes.extend_from_slice(b"\r\n");
        self.bytes.extend_from_slice(content);
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// The whole, with its media type.
    pub(crate) fn end(mut self) -> (String, Vec<u8>) {
        self.bytes.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        (format!("{MIXED}; boundary={}", self.boundary), self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    async fn parts(media_type: &str, body: &str) -> Result<Vec<Part>, String> {
        let request = TestRequest::default().insert_header(("Content-Type", media_type)).to_srv_request();
        read(&request, Bytes::copy_from_slice(body.as_bytes())).await.map_err(|error| error.detail)
    }

    /// The example of xAPI 1.0.3 (part three, 1.5.2), with its boundary of every character that one may have.
    #[actix_web::test]
    async fn the_example_of_the_specification_is_read() {
        let boundary = "abcABC0123'()+_,-./:=?";
        let body = format!(
            "\r\n--{boundary}\r\nContent-Type:application/json\r\n\r\n{{}}\r\n--{boundary}\r\nContent-Type:text/plain\r\n\
             Content-Transfer-Encoding:binary\r\nX-Experience-API-Hash:4953\r\n\r\nhere is a simple attachment\r\n--{boundary}--"
        );
        let parts = parts(&format!("multipart/mixed; boundary=\"{boundary}\""), &body).await.unwrap();
        assert_eq!(parts.iter().map(Part::media_type).collect::<Vec<_>>(), ["application/json", "text/plain"]);
        let second = parts.last().unwrap();
        assert_eq!(second.header("x-experience-api-hash"), Some("4953"));
        assert_eq!(second.bytes.as_ref(), b"here is a simple attachment");
    }

    #[actix_web::test]
    async fn what_is_written_is_read() {
        let mut written = Written::new();
        written.add(&[("Content-Type", "application/json")], b"{}");
        written.add(&[("X-A", "b")], b"");
        written.add(&[("X-A", "c")], b"\r\n--\r\n");
        let (media_type, bytes) = written.end();
        let parts = parts(&media_type, str::from_utf8(&bytes).unwrap()).await.unwrap();
        let bytes: Vec<&[u8]> = parts.iter().map(|part| part.bytes.as_ref()).collect();
        assert_eq!(bytes, [b"{}".as_slice(), b"", b"\r\n--\r\n"]);
    }

    #[actix_web::test]
    async fn what_is_not_of_parts_is_refused_at_once() {
        let refused = async |media_type: &str, body: &str| parts(media_type, body).await.err().unwrap();
        let long = format!("multipart/mixed; boundary={}", "x".repeat(71));
        for media_type in ["multipart/mixed", "multipart/mixed; boundary=\"\"", long.as_str()] {
            assert!(refused(media_type, "").await.contains("boundary of 1 to 70"), "{media_type}");
        }
        let mixed = "multipart/mixed; boundary=x";
        for body in
            ["", "--x", "--x\r\n", "--x\r\nA: b\r\n\r\nbytes", "--x\r\nA: b\r\n\r\nbytes\r\n--y--", "--x\r\n\r\n--x--"]
        {
            assert!(refused(mixed, body).await.contains("RFC 2046"), "{body}");
        }
        let many = "--x\r\nA: b\r\n\r\n\r\n".repeat(500_000);
        assert!(refused(mixed, &many).await.contains("more than 101 parts"));
        let headers = format!("--x\r\nA: {}\r\n\r\n\r\n--x--", "b".repeat(5_000_000));
        assert!(refused(mixed, &headers).await.contains("header of part 1"));
        let names = format!("--x\r\n{}\r\n\r\n--x--", "A: b\r\n".repeat(500_000));
        assert!(refused(mixed, &names).await.contains("headers"));
    }
}
