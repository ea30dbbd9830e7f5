//! The product tested from outside: the real binary, over HTTP, on both databases.
//!
//! [`on_both!`] makes two tests of one function. Each gets a [`Server`] of its own, on a database of its own.

pub mod client;
pub mod clock;
pub mod cluster;
mod conformance;
pub mod database;
pub mod oidc;
pub mod process;
pub mod scene;
pub mod server;
pub mod wire;

pub use client::{Answer, Client};
pub use cluster::Cluster;
pub use database::{Database, Kind};
pub use process::Process;
pub use scene::Scene;
pub use serde_json::{Value, from_str as parse, json};
pub use server::Server;

/// Makes a test for SQLite and one for PostgreSQL of each function of a [`Server`].
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* fn $name:ident($server:ident: Server) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $(#[$meta])*
            fn run($server: $crate::Server) $body
            #[test]
            fn sqlite() {
                run($crate::Server::start($crate::Kind::Sqlite));
            }
            #[test]
            fn postgres() {
                run($crate::Server::start($crate::Kind::Postgres));
            }
        }
    )+};
}

/// The same, with these environment variables of the server besides the usual: `on_both_with! { &[("NAME", "value")]; fn … }`.
#[macro_export]
macro_rules! on_both_with {
    ($environment:expr; $($(#[$meta:meta])* fn $name:ident($server:ident: Server) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $(#[$meta])*
            fn run($server: $crate::Server) $body
            fn start(kind: $crate::Kind) -> $crate::Server {
                $crate::Server::with(std::sync::Arc::new($crate::Database::empty(kind)), $environment)
            }
            #[test]
            fn sqlite() {
                run(start($crate::Kind::Sqlite));
            }
            #[test]
            fn postgres() {
                run(start($crate::Kind::Postgres));
            }
        }
    )+};
}
