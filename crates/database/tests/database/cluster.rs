//! A PostgreSQL cluster of a test's own, to be restarted at will.

use std::{
    net::TcpStream,
    process::{Child, Command, Stdio},
};

pub struct Cluster {
    folder: String,
    port: u16,
    /// Clears up when the test ends, however it ends: its input closes with the test's process.
    watch: Option<Child>,
}

impl Cluster {
    pub fn start() -> Self {
        // Not in the folder for temporary files that may be set: a socket's path is short, and the server runs
        // as another user.
        let id = uuid::Uuid::new_v4();
        let folder = format!("/tmp/entente-pg.{}", &id.simple().to_string()[..12]);
        let clear = "trap '' HUP INT TERM; cat >/dev/null; \"$1\" stop \"$2\" immediate; rm -rf \"$2\"";
        let mut watch = Command::new("sh");
        watch.args(["-c", clear, "watch", &script(), &folder]).stdin(Stdio::piped());
        let watch = watch.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut cluster = Self { folder, port: 0, watch: Some(watch) };
        // Below the range from which outgoing connections take their ports; a port may be taken all the same.
        let mut said = String::new();
        for attempt in 0..10 {
            let random = u16::from_be_bytes([id.as_bytes()[attempt], id.as_bytes()[attempt + 1]]);
            cluster.port = 20_000 + random % 10_000;
            if TcpStream::connect(("127.0.0.1", cluster.port)).is_ok() {
                continue;
            }
            match run(&["start", &cluster.folder, &cluster.port.to_string()]) {
                Ok(()) => return cluster,
                Err(error) if error.contains("Address already in use") => said = error,
                Err(error) => panic!("{error}"),
            }
        }
        panic!("no port was free: {said}");
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// `fast` disconnects everybody and shuts down in order; `immediate` is a crash.
    pub fn restart(&self, mode: &str) {
        run(&["restart", &self.folder, mode]).unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut watch) = self.watch.take() {
            drop(watch.stdin.take());
            let _ = watch.wait();
        }
    }
}

fn script() -> String {
    let here = || concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/pg-cluster").to_owned();
    std::env::var("ENTENTE_TEST_PG_CLUSTER").unwrap_or_else(|_| here())
}

fn run(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(script()).args(arguments).output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
