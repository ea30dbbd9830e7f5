//! Traces go to the collector that the configuration names.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use tests::{Database, Kind, Server};

#[test]
fn a_request_is_told_to_the_collector_in_the_callers_trace() {
    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let (told, hear) = mpsc::channel();
    thread::spawn(move || {
        for stream in collector.incoming() {
            let mut stream = stream.unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
            let mut request = Vec::new();
            // It keeps the connection open: what has come in half a second is all.
            let _ = stream.read_to_end(&mut request);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            if told.send(request).is_err() {
                return;
            }
        }
    });
    let server = Server::with(Arc::new(Database::empty(Kind::Sqlite)), &[("ENTENTE_OTLP_ENDPOINT", &endpoint)]);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let request = server.client().request(reqwest::Method::GET, "/healthz");
    request.header("traceparent", format!("00-{trace}-b7ad6b7169203331-01")).send().unwrap();
    let got = hear.recv_timeout(Duration::from_secs(30)).expect("traces within half a minute");
    assert!(got.starts_with(b"POST /v1/traces "), "{}", String::from_utf8_lossy(&got));
    let id: Vec<u8> = (0..16).map(|at| u8::from_str_radix(&trace[2 * at..2 * at + 2], 16).unwrap()).collect();
    assert!(got.windows(16).any(|bytes| bytes == id), "the caller's trace is not in what was sent");
}
