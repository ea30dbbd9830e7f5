//! Bytes as they are: for what no HTTP client would send.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
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
