//! A PostgreSQL of a test's own, to be stopped and started.

use std::{net::TcpListener, path::Path, process::Command};

use tempfile::TempDir;

/// The script that keeps a cluster; `tests/with-postgres` sets it.
const CLUSTER: &str = "ENTENTE_TEST_PG_CLUSTER";

/// A running PostgreSQL. It ends with the value.
pub struct Cluster {
    folder: TempDir,
    port: u16,
}

impl Cluster {
    /// Starts one, with an empty database.
    pub fn start() -> Self {
        // Not under TMPDIR: the server's user must get there, and a socket's path must be short.
        let folder = tempfile::Builder::new().prefix("entente-pg.").tempdir_in("/tmp").expect("a folder");
        // Somebody may take the port before the cluster does: then another.
        for _ in 0..10 {
            let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
            let port = listener.local_addr().expect("an address").port();
            drop(listener);
            if ran("start", folder.path(), &[&port.to_string()]) {
                return Self { folder, port };
            }
        }
        panic!("the cluster did not start");
    }

    /// What `--database-url` takes.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> String {
        self.port.to_string()
    }

    /// Runs a command of the script, such as `stop` with `fast`.
    pub fn run(&self, command: &str, argument: &str) {
        assert!(ran(command, self.folder.path(), &[argument]), "{command} {argument}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        ran("stop", self.folder.path(), &["immediate"]);
    }
}

fn ran(command: &str, folder: &Path, arguments: &[&str]) -> bool {
    let script = std::env::var(CLUSTER).unwrap_or_else(|_| {
        panic!("{CLUSTER} is not set: run the tests with `make test`, or under tests/with-postgres")
    });
    Command::new(script).arg(command).arg(folder).args(arguments).status().expect("the script").success()
}
