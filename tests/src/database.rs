//! A database for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use postgres::NoTls;
use tempfile::TempDir;

/// Names the PostgreSQL server that tests may make databases on; `make test` starts one and sets it.
const POSTGRES: &str = "ENTENTE_TEST_POSTGRES";

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database that goes away with the value, if it was made here.
pub struct Database {
    /// What `--database-url` takes.
    pub url: String,
    /// Which database.
    pub kind: Kind,
    /// Where the test may keep files; the SQLite file is there.
    pub folder: TempDir,
    name: Option<String>,
}

impl Database {
    /// A database that somebody else keeps.
    pub fn at(kind: Kind, url: String) -> Self {
        Self { url, kind, folder: tempfile::tempdir().expect("a folder"), name: None }
    }

    /// An empty database: the server migrates it.
    pub fn empty(kind: Kind) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        match kind {
            Kind::Sqlite => {
                let url = folder.path().join("entente.db").to_string_lossy().into_owned();
                Self { url, kind, folder, name: None }
            }
            Kind::Postgres => {
                static MADE: AtomicU32 = AtomicU32::new(0);
                let name = format!("product_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
                execute(&format!("CREATE DATABASE {name}"));
                let (server, _) = server().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a URL");
                Self { url: format!("{server}/{name}"), kind, folder, name: Some(name) }
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn server() -> String {
    std::env::var(POSTGRES).unwrap_or_else(|_| {
        panic!("{POSTGRES} is not set: run the tests with `make test`, or under tests/with-postgres")
    })
}

fn execute(sql: &str) {
    let mut connection = postgres::Client::connect(&server(), NoTls).expect("the test's PostgreSQL server");
    connection.batch_execute(sql).expect(sql);
}
