//! How a database is opened.

use std::{fmt, time::Duration};

use percent_encoding::percent_decode_str;

/// What to open, and within which limits.
#[derive(Clone)]
pub struct Settings {
    /// `sqlite:PATH`, a path, or `postgres://…`.
    pub url: String,
    /// Connections to PostgreSQL, or readers of SQLite.
    pub connections: u32,
    /// How long a request waits for a connection.
    pub checkout: Duration,
    /// What SQLite waits for before a write counts as done.
    pub durability: Durability,
}

/// What SQLite waits for before a write counts as done (`PRAGMA synchronous`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// An acknowledged write survives the loss of power.
    #[default]
    Full,
    /// It survives a crash of the process, not of the machine. For measurements and tests.
    Normal,
}

impl Settings {
    /// The defaults for a URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), connections: 16, checkout: Duration::from_secs(5), durability: Durability::Full }
    }

    /// Which database the URL means. Diesel's own choice would try each in turn, and make a file called `postgres:`.
    ///
    /// # Errors
    /// Says what a URL must look like, or that this build cannot do TLS.
    pub fn target(&self) -> Result<Target, String> {
        let url = self.url.trim();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return check_tls(url).map(|()| Target::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
        if path.is_empty() || path.contains("://") || path.contains('?') || path == ":memory:" {
            return Err(format!("{} is neither a path of a SQLite file nor a postgres:// URL", self.redacted()));
        }
        Ok(Target::Sqlite(path.to_owned()))
    }

    /// The URL without its password, for logs.
    pub fn redacted(&self) -> String {
        self.scrubbed(&self.url)
    }

    /// A text without the URL's password, such as what a library says of a URL that it cannot read.
    pub(crate) fn scrubbed(&self, text: &str) -> String {
        self.passwords().into_iter().fold(text.to_owned(), |text, password| text.replace(&password, "…"))
    }

    /// The password as it stands in the URL and as it is meant. Read without a library, so that a URL with a mistake in
    /// it keeps its secret too.
    fn passwords(&self) -> Vec<String> {
        let login = self.url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map(|(login, _)| login);
        let own = login.and_then(|login| login.split_once(':')).map(|(_, password)| password);
        let named = self.url.split(['?', '&', ' ']).filter_map(|part| part.strip_prefix("password="));
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let both = own.into_iter().chain(named).flat_map(|password| [password.to_owned(), decoded(password)]);
        both.filter(|password| !password.is_empty()).collect()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("url", &self.redacted()).finish_non_exhaustive()
    }
}

/// A database, by kind.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// The path of the file.
    Sqlite(String),
    /// The URL.
    Postgres(String),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, of) = match self {
            Self::Sqlite(path) => ("Sqlite", path),
            Self::Postgres(url) => ("Postgres", url),
        };
        // What was meant for a URL may stand for a path.
        write!(f, "{kind}({})", Settings::new(of).redacted())
    }
}

fn check_tls(url: &str) -> Result<(), String> {
    let asks = ["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full"].iter().any(|mode| url.contains(mode));
    if asks && cfg!(not(feature = "postgres-tls")) {
        return Err("the URL asks for TLS, which this build cannot do: build it with the cargo feature postgres-tls \
                    (cargo build --release --features postgres-tls)"
            .into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides() {
        let target = |url: &str| Settings::new(url).target();
        assert_eq!(target("./data/a.db"), Ok(Target::Sqlite("./data/a.db".into())));
        assert_eq!(target("sqlite:///var/a.db"), Ok(Target::Sqlite("/var/a.db".into())));
        assert_eq!(target("postgres://u@h/d"), Ok(Target::Postgres("postgres://u@h/d".into())));
        assert!(target("mysql://h/d").is_err() && target("").is_err() && target(":memory:").is_err());
    }

    #[test]
    fn tls_is_refused_by_name_of_the_feature() {
        let refused = Settings::new("postgres://u@h/d?sslmode=require").target();
        assert_eq!(refused.is_err(), cfg!(not(feature = "postgres-tls")));
    }

    #[test]
    fn passwords_are_not_shown() {
        for url in [
            "postgres://u:secret@h/d",
            "postgres://u:%73ecret@h/d",
            "postgres://h/d?user=u&password=secret",
            "postgres://u:secret@[::1/d",
            "postgre://u:secret@h/d",
            "host=h password=secret",
        ] {
            let settings = Settings::new(url);
            let shown = format!("{} {settings:?} {:?}", settings.redacted(), settings.target());
            assert!(!shown.contains("secret"), "{shown}");
            assert!(!settings.scrubbed("the password secret of %73ecret").contains("secret of"), "{url}");
        }
        assert_eq!(Settings::new("./data/a.db").redacted(), "./data/a.db");
    }
}
