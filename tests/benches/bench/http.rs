//! Callers: as little HTTP as keeps a connection busy, because they share the machine with the server.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{
    drive::{Figures, Outcome, drive},
    names::Name,
    operation::Operation,
    options::Options,
    subject,
    vendor::Vendor,
};

const PATH: &str = "/v1/deal-registrations";

/// A connection that is kept.
pub struct Wire {
    stream: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        Self { stream: BufReader::with_capacity(1 << 16, stream), line: String::new(), body: Vec::new() }
    }

    /// Sends a request; the status and the body of its answer.
    pub fn exchange(&mut self, request: &str) -> (u16, &str) {
        self.stream.get_mut().write_all(request.as_bytes()).expect("a request sent");
        let status = self.read_line().split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        let mut length = 0;
        loop {
            let line = self.read_line().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            assert!(!line.starts_with("transfer-encoding:"), "an answer without a length");
            if line.is_empty() {
                break;
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).expect("a body");
        (status, str::from_utf8(&self.body).expect("text"))
    }

    fn read_line(&mut self) -> &str {
        self.line.clear();
        let read = self.stream.read_line(&mut self.line).expect("an answer");
        assert!(read > 0, "the server hung up");
        self.line.trim_end()
    }
}

/// Measures the server.
pub fn measure(vendor: &mut Vendor, operation: Operation, options: &Options) -> Figures {
    vendor.sign_in();
    let (vendor, turn) = (&*vendor, AtomicU64::new(0));
    let figures = drive(options.connections, options.time, |caller| {
        let (mut wire, turn) = (Wire::open(vendor.address()), &turn);
        move || {
            let request = request(vendor, operation, caller, turn.fetch_add(1, Ordering::Relaxed));
            match wire.exchange(&request) {
                (503, _) => Outcome::Refused,
                (200..300, body) if body.contains(operation.proof()) => Outcome::Done,
                (200..300, _) => Outcome::Otherwise,
                (status, body) => panic!("{operation}: {status} {body}"),
            }
        }
    });
    eprintln!("{}: {operation}: {:.0}/s", vendor.kind(), figures.per_second);
    figures
}

/// Sends one request; the body of its answer.
pub fn once(vendor: &Vendor, request: &str) -> String {
    Wire::open(vendor.address()).exchange(request).1.to_owned()
}

/// Registers a deal for the first partner; the body of the answer.
pub fn register(vendor: &Vendor, name: &Name) -> String {
    once(vendor, &post(vendor, 0, PATH, name))
}

/// The next request of a caller.
pub fn request(vendor: &Vendor, operation: Operation, caller: usize, turn: u64) -> String {
    match operation {
        Operation::Get => get(vendor, &format!("{PATH}/{}", subject::deal_id(&vendor.era, vendor.seeded(turn)))),
        Operation::List => get(vendor, &format!("{PATH}?limit=50")),
        Operation::Clean => post(vendor, caller, PATH, &Name::nth(vendor.fresh())),
        Operation::Conflicting => post(vendor, caller, PATH, &Name::nth(vendor.held_by_another(caller, turn))),
    }
}

fn get(vendor: &Vendor, path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\r\n", vendor.token)
}

fn post(vendor: &Vendor, caller: usize, path: &str, name: &Name) -> String {
    let (token, body) = (vendor.token_of(caller), subject::body(name));
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
