//! What protects the server and everybody's data from whoever asks too often, too slowly, too much, or too curiously.

mod headers;
mod idle;
mod limits;
mod secrets;
mod sizes;
mod slowness;
mod tls;
mod wire;

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use tests::{Database, Kind, Server};

/// Two servers on one database, where two can share one; on SQLite the one that there can be.
fn servers(kind: Kind, environment: &[(&str, &str)]) -> Vec<Server> {
    let database = Arc::new(Database::empty(kind));
    let how_many = if kind == Kind::Postgres { 2 } else { 1 };
    (0..how_many).map(|_| Server::with(database.clone(), environment)).collect()
}

/// A connection to the server.
fn connect(url: &str) -> TcpStream {
    let stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
    stream
}

/// What the server says until it hangs up. It must: nothing that a test does here may keep a connection for ever.
#[track_caller]
fn until_hung_up(stream: &mut TcpStream) -> String {
    let (began, mut said, mut part) = (Instant::now(), Vec::new(), vec![0; 65_536]);
    loop {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(read) => said.extend_from_slice(&part[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("after {:?} the server has not hung up: {error}", began.elapsed()),
        }
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// Sends the bytes; the server may have hung up already.
fn send(stream: &mut TcpStream, bytes: impl AsRef<[u8]>) -> bool {
    stream.write_all(bytes.as_ref()).is_ok()
}

/// The head of a request that closes the connection after its answer.
fn last(method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")
}

/// Reads one whole answer, whose length is told.
#[track_caller]
fn one_answer(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let mut byte = [0];
    while !said.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a head");
        said.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&said).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).expect("a length");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("a body");
    head + &String::from_utf8_lossy(&body)
}
