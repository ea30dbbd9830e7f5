//! Bytes as they are: for what no HTTP client would send.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::{
    Answer,
    conformance::{Asked, expect_documented},
};

/// Sends the bytes and reads until the server has no more to say; what it said.
pub fn exchange(url: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out");
    // The server may hang up before it has read all of it: what counts is what it answers.
    let _ = stream.write_all(bytes);
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

/// The status of an answer, if it is one.
pub fn status(said: &str) -> Option<u16> {
    said.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

/// The body of an answer.
pub fn body(said: &str) -> &str {
    said.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// Sends the head of one request and reads the answer, which is held against the document as any other.
pub fn answer(url: &str, head: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
    stream.write_all(head).expect("the request");
    let mut reader = BufReader::new(stream);
    let status = line(&mut reader).split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status");
    let mut headers = Vec::new();
    while let Some((name, value)) = line(&mut reader).split_once(": ") {
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    // 204 has none (RFC 9110, 8.6).
    let mut body = vec![0; if status == 204 { 0 } else { length.expect("a length") }];
    reader.read_exact(&mut body).expect("a body");
    let text = String::from_utf8(body.clone()).expect("text");
    let json = serde_json::from_str(&text).unwrap_or_default();
    let answer = Answer { status, headers, bytes: body, text, json };
    expect_documented(&Asked::of_head(head), &answer);
    answer
}

fn line(reader: &mut impl BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a line");
    line.trim_end().to_owned()
}
