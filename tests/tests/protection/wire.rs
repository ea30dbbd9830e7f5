//! Requests that two readers could read in two ways, and floods on one connection.

use tests::{on_both, wire};

use super::{connect, last, one_answer, send, until_hung_up};

/// How often an answer begins in what the server said.
fn answers(said: &str) -> usize {
    said.matches("HTTP/1.1 ").count()
}

on_both! {
    fn a_request_of_two_lengths_is_refused_and_hides_no_other(server: Server) {
        let hidden = "GET /v1/hidden HTTP/1.1\r\nHost: x\r\n\r\n";
        let ambiguous = [
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Content-Length: 5\r\nContent-Length: 6",
            "Content-Length: 5, 6",
            "Content-Length: +5",
            "Content-Length: 0x5",
            "Content-Length: -1",
            "Content-Length: 99999999999999999999999",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: identity, chunked, identity",
            "Transfer-Encoding : chunked",
            "Transfer-Encoding:\u{b}chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "X: y\r\n Transfer-Encoding: chunked",
            "X: y\rTransfer-Encoding: chunked",
        ];
        for headers in ambiguous {
            for method in ["POST", "GET"] {
                let request = format!("{method} /v1/me HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n0\r\n\r\n{hidden}");
                let said = wire::exchange(&server.url, request.as_bytes());
                assert!(answers(&said) <= 1, "{headers:?}: two answers to one request: {said}");
                assert!(said.is_empty() || wire::status(&said) == Some(400), "{headers:?}: {said}");
                assert!(!said.contains("hidden"), "{headers:?}: {said}");
            }
        }
        server.admin().get("/v1/me").expect_status(200);
    }

    fn a_request_for_two_hosts_or_for_none_is_refused(server: Server) {
        for hosts in ["", "Host: a\r\nHost: b\r\n"] {
            let said = wire::exchange(&server.url, format!("GET /healthz HTTP/1.1\r\n{hosts}\r\n").as_bytes());
            assert_eq!(wire::status(&said), Some(400), "{hosts:?}: {said}");
        }
        server.client().get("/healthz").expect_status(200);
    }

    fn what_is_not_even_a_request_gets_an_answer_that_tells_nothing(server: Server) {
        for bytes in ["nonsense\r\n\r\n", "GET\r\n\r\n", "GET /healthz HTTP/3.7\r\nHost: x\r\n\r\n", "\0\0\0\0\r\n\r\n"] {
            let said = wire::exchange(&server.url, bytes.as_bytes()).to_lowercase();
            assert_eq!(wire::status(&said.to_uppercase()), Some(400), "{bytes:?}: {said}");
            // It has no body, so that there is nothing whose type could be guessed.
            assert!(said.contains("content-length: 0\r\n") && wire::body(&said).is_empty(), "{bytes:?}: {said}");
            assert!(!said.contains("server:") && !said.contains("actix"), "{bytes:?}: {said}");
        }
    }

    fn pipelined_requests_are_answered_in_order_and_a_flood_of_them_is_held_back(server: Server) {
        // In order, and all of them.
        let mut stream = connect(&server.url);
        let asked: String = (0..50).map(|at| format!("GET /v1/nothing/{at} HTTP/1.1\r\nHost: x\r\n\r\n")).collect();
        assert!(send(&mut stream, &asked));
        for at in 0..50 {
            assert!(one_answer(&mut stream).contains(&format!("/v1/nothing/{at}\"")));
        }
        // Whoever sends more and more, and reads nothing, is not read any more: the server's memory is not theirs.
        let before = memory(&server);
        let mut greedy = connect(&server.url);
        greedy.set_write_timeout(Some(std::time::Duration::from_secs(2))).unwrap();
        let request = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000);
        let taken = (0..1_000).take_while(|_| send(&mut greedy, &request)).count();
        assert!(taken < 1_000, "a million requests were taken from somebody who reads no answer");
        let grown = memory(&server).saturating_sub(before);
        assert!(grown < 64 * 1024, "{grown} KiB more for one connection");
        server.admin().get("/v1/me").expect_status(200);
    }

    fn a_body_that_nobody_wants_is_no_next_request(server: Server) {
        // GET takes no body: what is sent as one is not read as a request.
        let hidden = last("GET", "/v1/hidden", "");
        let mut stream = connect(&server.url);
        let length = hidden.len();
        send(&mut stream, format!("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{hidden}"));
        send(&mut stream, last("GET", "/healthz", ""));
        assert!(!until_hung_up(&mut stream).contains("hidden"));
    }
}

fn memory(server: &tests::Server) -> u64 {
    super::idle::resident(&server.id())
}
