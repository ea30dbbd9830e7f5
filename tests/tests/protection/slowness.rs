//! Whoever takes too long is hung up on: for a head, for a body, for an answer, or for nothing at all.

use std::{thread, time::Duration};

use tests::{on_both_with, wire};

use super::{connect, last, one_answer, send, until_hung_up};

/// A second for a head, two for a body, two of silence: short enough to wait for.
const SHORT: &[(&str, &str)] =
    &[("ENTENTE_HEAD_SECONDS", "1"), ("ENTENTE_BODY_SECONDS", "2"), ("ENTENTE_IDLE_SECONDS", "2")];

const PAUSE: Duration = Duration::from_millis(100);

on_both_with! { SHORT;
    fn a_head_that_does_not_come_is_not_waited_for(server: Server) {
        for sent in ["", "G", "GET /healthz HTTP/1.1\r\nHost: x\r\n"] {
            let mut stream = connect(&server.url);
            send(&mut stream, sent);
            let said = until_hung_up(&mut stream);
            assert!(said.is_empty() || wire::status(&said) == Some(408), "{sent:?}: {said}");
        }
        // Nor one that comes letter by letter.
        let mut stream = connect(&server.url);
        let head = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: {}\r\n\r\n", "a".repeat(600));
        let sent = head.bytes().take_while(|byte| {
            thread::sleep(PAUSE);
            send(&mut stream, [*byte])
        });
        assert!(sent.count() < head.len(), "a head was waited for until its end");
        server.client().get("/healthz").expect_status(200);
    }

    fn the_head_of_a_second_request_is_not_waited_for_either(server: Server) {
        let mut stream = connect(&server.url);
        send(&mut stream, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(one_answer(&mut stream).starts_with("http/1.1 200"));
        send(&mut stream, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ");
        assert_eq!(until_hung_up(&mut stream), "");
        server.client().get("/healthz").expect_status(200);
    }

    fn a_body_that_comes_drop_by_drop_is_not_waited_for(server: Server) {
        let admin = server.admin();
        let token = admin.token.as_deref().unwrap();
        let typed = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
        let form = "Content-Type: application/x-www-form-urlencoded\r\n".to_owned();
        for (path, headers, drop) in [
            ("/v1/partners", format!("{typed}Content-Length: 1000\r\n"), "{"),
            ("/v1/partners", format!("{typed}Transfer-Encoding: chunked\r\n"), "1\r\n{\r\n"),
            ("/oauth/token", format!("{form}Content-Length: 1000\r\n"), "a"),
        ] {
            let mut stream = connect(&server.url);
            send(&mut stream, last("POST", path, &headers));
            let mut writer = stream.try_clone().unwrap();
            let dripping = thread::spawn(move || {
                let drops = (0..600).take_while(|_| {
                    thread::sleep(PAUSE);
                    send(&mut writer, drop)
                });
                drops.count()
            });
            let said = until_hung_up(&mut stream);
            assert_eq!(wire::status(&said), Some(408), "{path}: {said}");
            assert!(said.contains("\"code\":\"request_timeout\""), "{path}: {said}");
            assert!(dripping.join().unwrap() < 600, "{path}: the body was waited for until its end");
        }
        admin.get("/v1/me").expect_status(200);
    }

    fn a_body_without_end_for_who_wants_none_ends(server: Server) {
        let mut stream = connect(&server.url);
        send(&mut stream, "GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        let mut writer = stream.try_clone().unwrap();
        let dripping = thread::spawn(move || {
            let drops = (0..600).take_while(|_| {
                thread::sleep(PAUSE);
                send(&mut writer, "1\r\na\r\n")
            });
            drops.count()
        });
        assert_eq!(wire::status(&until_hung_up(&mut stream)), Some(200));
        assert!(dripping.join().unwrap() < 600, "the body was read until its end");
    }

    fn an_answer_that_nobody_reads_is_not_kept(server: Server) {
        let mut stream = connect(&server.url);
        // More than the buffers of both ends take, so that the server has to wait.
        send(&mut stream, "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(40));
        // Nothing is read here until the server has given up. Then what is left ends early.
        let patience = (0..300).find(|_| {
            thread::sleep(PAUSE);
            !send(&mut stream, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        });
        assert!(patience.is_some(), "the server waits for a reader for ever");
        server.client().get("/healthz").expect_status(200);
    }

    fn who_asks_now_and_then_keeps_the_connection(server: Server) {
        let mut stream = connect(&server.url);
        // Together longer than the server waits for any one request.
        for _ in 0..8 {
            send(&mut stream, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
            assert!(one_answer(&mut stream).starts_with("http/1.1 200"));
            thread::sleep(Duration::from_millis(500));
        }
    }
}
