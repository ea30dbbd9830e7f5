//! Thousands who ask for nothing cost little, and go.

use std::{fs, net::TcpStream, thread, time::Duration};

use tests::{Kind, Server};

use super::{connect, one_answer, send, servers, until_hung_up};

/// How many of each kind.
const MANY: usize = 1_000;

/// What one connection may cost at most: the state of a connection, its buffers for reading and writing, and its timers.
/// A head of 128 KiB is the most that any may hold.
const KIB_EACH: u64 = 64;

/// What a process has in memory, in KiB.
pub fn resident(process: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process's state");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Connections on which each has been asked once and answered.
fn idle(server: &Server) -> Vec<TcpStream> {
    let open = |_| {
        let mut stream = connect(&server.url);
        send(&mut stream, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(one_answer(&mut stream).starts_with("http/1.1 200"));
        stream
    };
    (0..MANY).map(open).collect()
}

/// Connections on which half a head has been sent.
fn half(server: &Server) -> Vec<TcpStream> {
    let open = |_| {
        let mut stream = connect(&server.url);
        assert!(send(&mut stream, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half: "));
        stream
    };
    (0..MANY).map(open).collect()
}

#[test]
fn thousands_of_connections_that_ask_for_nothing_cost_little_and_end() {
    rlimit::increase_nofile_limit(u64::MAX).expect("a limit of open files");
    let environment = [("ENTENTE_IDLE_SECONDS", "20"), ("ENTENTE_HEAD_SECONDS", "20")];
    let server = servers(Kind::Sqlite, &environment).remove(0);
    let admin = server.admin();
    admin.get("/openapi.json").expect_status(200);
    let before = resident(&server.id());
    let mut open = idle(&server);
    open.extend(half(&server));
    let held = resident(&server.id());
    // Others are served meanwhile.
    for _ in 0..20 {
        admin.get("/v1/me").expect_status(200);
        server.client().get("/healthz").expect_status(200);
    }
    let grown = held.saturating_sub(before);
    let most = KIB_EACH * open.len() as u64;
    assert!(grown <= most, "{grown} KiB for {} connections, at most {most}", open.len());
    println!("{} connections: {before} KiB before, {held} KiB while they are open", open.len());
    // All of them end, without anything more from this side.
    open.iter_mut().for_each(|stream| drop(until_hung_up(stream)));
    admin.get("/v1/me").expect_status(200);
    // Their sockets are given back, both handles of each.
    let sockets = || fs::read_dir(format!("/proc/{}/fd", server.id())).expect("its files").count();
    let given_back = (0..200).any(|_| {
        thread::sleep(Duration::from_millis(50));
        sockets() < 200
    });
    assert!(given_back, "{} files are open", sockets());
}
