//! SIGTERM: what runs is finished, and nothing new begins.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use postgres::NoTls;
use tests::{Answer, Client, Kind, Scene, Server, Value, on_both};

use super::{DEALS, deal_with, soon};

on_both! {
    fn a_request_whose_body_is_on_its_way_is_answered_after_sigterm(server: Server) {
        let mut server = server;
        let scene = Scene::approving(&server);
        let partner = scene.partner("Anna");
        let mut request = Halfway::send(&server, partner.admin.token.as_deref().expect("a token"), &deal_with(1));
        // The server must have begun with it, or it would be a new one.
        thread::sleep(Duration::from_millis(300));
        let began = Instant::now();
        server.terminate();
        soon("new connections are refused", || TcpStream::connect(address(&server)).is_err());
        let answer = request.finish();
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert!(server.ended_well());
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        let id = answer.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id").to_owned();
        let next = server.another();
        partner.admin.at(&next.url).get(&format!("{DEALS}/{id}")).expect_status(200);
    }

    fn a_server_that_is_stopped_under_load_keeps_what_it_acknowledged(server: Server) {
        let mut server = server;
        let scene = Scene::approving(&server);
        let partners: Vec<_> = (0..6).map(|n| scene.partner(&format!("Partner{n}"))).collect();
        let made = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for (writer, partner) in (0..).zip(&partners) {
                let made = &made;
                scope.spawn(move || register_until_gone(&partner.admin, writer, made));
            }
            thread::sleep(Duration::from_millis(500));
            let began = Instant::now();
            assert!(server.stop());
            assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        });
        let next = server.another();
        let made = made.into_inner().expect("what was made");
        assert!(made.len() > 6);
        for id in made {
            scene.admin.at(&next.url).get(&format!("{DEALS}/{id}")).expect_status(200);
        }
    }
}

/// An answer is always a good one; that there is none means that there is no server any more.
fn register_until_gone(client: &Client, writer: u64, made: &Mutex<Vec<String>>) {
    for n in 0_u64.. {
        let sent = client.request(reqwest::Method::POST, DEALS).json(&deal_with(writer << 32 | n));
        match Answer::try_of(sent) {
            Ok(answer) => made.lock().expect("the lock").push(answer.expect_status(201).text("id")),
            Err(_) => return,
        }
    }
}

#[test]
fn requests_that_wait_for_the_database_are_answered_after_sigterm() {
    let mut server = Server::start(Kind::Postgres);
    let scene = Scene::approving(&server);
    let partner = scene.partner("Anna");
    let mut database = postgres::Client::connect(&server.database.url, NoTls).expect("the database");
    let mut lock = database.transaction().expect("a transaction");
    lock.batch_execute("LOCK TABLE deal_registrations IN ACCESS EXCLUSIVE MODE").expect("a lock");
    thread::scope(|scope| {
        let waiting: Vec<_> = (0..8)
            .map(|n| {
                let partner = &partner;
                scope.spawn(move || partner.admin.post(DEALS, &deal_with(n)))
            })
            .collect();
        thread::sleep(Duration::from_millis(700));
        server.terminate();
        soon("new connections are refused", || TcpStream::connect(address(&server)).is_err());
        assert!(waiting.iter().all(|one| !one.is_finished()), "nothing can have been answered yet");
        lock.rollback().expect("to give up the lock");
        for one in waiting {
            one.join().expect("an answer").expect_status(201);
        }
    });
    assert!(server.ended_well());
}

fn address(server: &Server) -> &str {
    server.url.trim_start_matches("http://")
}

/// A POST of which half the body was sent.
struct Halfway {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Halfway {
    fn send(server: &Server, token: &str, body: &Value) -> Self {
        let body = body.to_string();
        let (first, rest) = body.split_at(body.len() / 2);
        let mut stream = TcpStream::connect(address(server)).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
        let head = format!(
            "POST {DEALS} HTTP/1.1\r\nHost: entente.test\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{first}").as_bytes()).expect("half a request");
        Self { stream, rest: rest.as_bytes().to_vec() }
    }

    /// Sends the rest; the answer, up to where the server closes or has sent its body.
    fn finish(&mut self) -> String {
        self.stream.write_all(&self.rest).expect("the rest");
        let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
        while !complete(&answer) {
            match self.stream.read(&mut buffer).expect("an answer") {
                0 => break,
                read => answer.extend_from_slice(&buffer[..read]),
            }
        }
        String::from_utf8(answer).expect("UTF-8")
    }
}

fn complete(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| body.len() >= length)
}
