//! The same over a real connection.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::support::{World, settings};

/// Sends bytes and reads all that comes back.
async fn spoken(to: SocketAddr, bytes: String) -> String {
    let talk = move || {
        let mut stream = TcpStream::connect(to).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A connection that is reset after the answer has still answered.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    tokio::task::spawn_blocking(talk).await.unwrap()
}

#[actix_web::test]
async fn slow_and_endless_bodies_are_cut_off() {
    let mut settings = settings();
    settings.limits.body_time = Duration::from_millis(100);
    let world = World::with(settings);
    let app = world.app.clone();
    let server = actix_web::HttpServer::new(move || api::service(&app)).workers(1).bind(("127.0.0.1", 0)).unwrap();
    let to = server.addrs()[0];
    let server = server.disable_signals().run();
    let handle = server.handle();
    actix_web::rt::spawn(server);

    let alive = spoken(to, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into()).await;
    assert!(alive.starts_with("HTTP/1.1 200") && alive.contains("x-request-id"), "{alive}");
    let form = "content-type: application/x-www-form-urlencoded";
    let slow = format!("POST /oauth/token HTTP/1.1\r\nHost: x\r\n{form}\r\ncontent-length: 10\r\n\r\nabc");
    let slow = spoken(to, slow).await;
    assert!(slow.starts_with("HTTP/1.1 408") && slow.contains("request_timeout"), "{slow}");
    let chunk = format!("{:x}\r\n{}\r\n", 300_000, "x".repeat(300_000));
    let endless =
        format!("POST /oauth/token HTTP/1.1\r\nHost: x\r\n{form}\r\ntransfer-encoding: chunked\r\n\r\n{chunk}");
    let endless = spoken(to, endless).await;
    assert!(endless.starts_with("HTTP/1.1 413") && endless.contains("body_too_large"), "{endless}");
    handle.stop(true).await;
}
