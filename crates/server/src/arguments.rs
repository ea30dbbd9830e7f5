//! The command line, and the environment variables that stand for its flags.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use database::{Durability, Settings};
use identity::ForeignSettings;

use crate::{catalogue::CatalogueCommand, program::ProgramCommand, tier::TiersCommand};

/// The engine for partner programs: tiers, deal registration, incentives and training behind one API.
///
/// To try it: `entente serve --demo`, then open http://127.0.0.1:8080/docs. Every flag of `serve` can also be set by
/// the environment variable that its help names.
#[derive(Parser)]
#[command(version, name = "entente")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the API.
    ///
    /// Opens the database, brings its tables up to date, and serves until it gets SIGTERM or SIGINT; then it finishes
    /// what is running. On an empty database it makes the first administrator.
    Serve(Box<ServeArguments>),
    /// Bring the database's tables up to date.
    Migrate {
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Print the OpenAPI document.
    Openapi {
        /// With the operations that exist in a sandbox alone.
        #[arg(long)]
        sandbox: bool,
        /// As OpenAPI 3.0.3, for tools that know nothing newer.
        #[arg(long = "3.0")]
        older: bool,
    },
    /// Load the demo into a database without users: two programs, twelve partners, 300 registrations in two years.
    Demo {
        #[command(flatten)]
        database: DatabaseArguments,
        /// The password of the demo's users.
        #[arg(long, env = "ENTENTE_DEMO_PASSWORD", hide_env_values = true)]
        password: Option<String>,
    },
    /// Check, test and evaluate program documents, and run worked cases of real programs, without a database; plan, apply,
    /// diff and export them with one.
    Program {
        #[command(subcommand)]
        command: ProgramCommand,
    },
    /// The training catalogue: check it, compare it, publish it.
    Catalogue {
        #[command(subcommand)]
        command: CatalogueCommand,
    },
    /// Where partners stand on the ladders of programs.
    Tiers {
        #[command(subcommand)]
        command: TiersCommand,
    },
    /// The keys that sign access tokens and credentials.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
}

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Sign with new keys from now on. Access tokens that the old one signed stay good for an hour, credentials for as
    /// long as they say.
    Rotate {
        #[command(flatten)]
        database: DatabaseArguments,
        /// Somebody else may have the old keys: what they signed as credentials is not verified any more, and whoever
        /// holds one fetches it anew.
        #[arg(long)]
        withdraw: bool,
    },
}

#[derive(Args)]
pub struct DatabaseArguments {
    /// The path of a SQLite file, or a postgres:// URL.
    #[arg(long, env = "DATABASE_URL", default_value = "./data/entente.db", hide_env_values = true)]
    pub database_url: String,
    /// Connections to PostgreSQL, or readers of SQLite.
    #[arg(long, env = "ENTENTE_DATABASE_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub database_connections: u32,
    /// What SQLite waits for before a write counts as done: `full` survives loss of power, `normal` only a crash.
    #[arg(long, env = "ENTENTE_SQLITE_SYNCHRONOUS", default_value = "full", value_parser = durability)]
    pub sqlite_synchronous: Durability,
}

impl DatabaseArguments {
    pub fn settings(&self) -> Settings {
        Settings {
            connections: self.database_connections,
            durability: self.sqlite_synchronous,
            ..Settings::new(&self.database_url)
        }
    }
}

#[derive(Args)]
pub struct ServeArguments {
    /// The address and port to listen on.
    #[arg(long, env = "ENTENTE_LISTEN", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub database: DatabaseArguments,
    /// The URL by which clients reach the server: the issuer that its tokens name. By default, the listening address.
    #[arg(long, env = "ENTENTE_PUBLIC_URL", value_parser = http_url)]
    pub public_url: Option<String>,
    /// A certificate and its chain, in PEM: then the server speaks TLS, and nothing else. It is read anew when it changes.
    #[arg(long, env = "ENTENTE_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM.
    #[arg(long, env = "ENTENTE_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// The e-mail address of the first administrator.
    #[arg(long, env = "ENTENTE_ADMIN_EMAIL", value_parser = email)]
    pub admin_email: Option<String>,
    /// Their password, at least 8 characters. Without it one is made and printed, once.
    #[arg(long, env = "ENTENTE_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<String>,
    /// Load the demo if the database has no users yet.
    #[arg(long, env = "ENTENTE_DEMO", value_parser = clap::builder::BoolishValueParser::new())]
    pub demo: bool,
    /// The password of the demo's users. Without it, everybody knows it, and the server listens on loopback alone.
    #[arg(long, env = "ENTENTE_DEMO_PASSWORD", hide_env_values = true)]
    pub demo_password: Option<String>,
    /// Let the clock be moved forward by POST /v1/sandbox/clock.
    #[arg(long, env = "ENTENTE_SANDBOX", value_parser = clap::builder::BoolishValueParser::new())]
    pub sandbox: bool,
    /// An origin whose pages may call the API; may be given several times, or separated by commas.
    #[arg(long, env = "ENTENTE_CORS_ORIGINS", value_delimiter = ',', value_parser = http_url)]
    pub cors_origins: Vec<String>,
    /// Believe X-Forwarded-For, X-Forwarded-Proto and Forwarded: only behind a proxy that sets them.
    #[arg(long, env = "ENTENTE_BEHIND_PROXY", value_parser = clap::builder::BoolishValueParser::new())]
    pub behind_proxy: bool,
    /// A foreign OpenID Connect issuer whose access tokens are accepted.
    #[arg(long, env = "ENTENTE_OIDC_ISSUER", requires = "oidc_audience", value_parser = http_url)]
    pub oidc_issuer: Option<String>,
    /// The audience that its tokens for this server name.
    #[arg(long, env = "ENTENTE_OIDC_AUDIENCE", requires = "oidc_issuer")]
    pub oidc_audience: Option<String>,
    /// Threads that serve requests; by default one for each processor.
    #[arg(long, env = "ENTENTE_WORKERS", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub workers: Option<u16>,
    /// Connections that are open at once; more wait.
    #[arg(long, env = "ENTENTE_MAX_CONNECTIONS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,
    /// Seconds that a new connection gets for the head of its first request.
    #[arg(long, env = "ENTENTE_HEAD_SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub head_seconds: u64,
    /// Seconds that the body of a request may take to arrive.
    #[arg(long, env = "ENTENTE_BODY_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub body_seconds: u64,
    /// Seconds from an answer to the whole head of the next request, after which the server hangs up.
    #[arg(long, env = "ENTENTE_IDLE_SECONDS", default_value_t = 75, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub idle_seconds: u64,
    /// Seconds between two looks at what the clock has brought: protections that end, decisions that are due.
    #[arg(long, env = "ENTENTE_SWEEP_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub sweep_seconds: u64,
    /// Seconds that running requests get to finish after SIGTERM.
    #[arg(long, env = "ENTENTE_SHUTDOWN_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub shutdown_seconds: u64,
    /// Requests each second of one caller, who is known by a token or else by an address; 0 for no limit.
    #[arg(long, env = "ENTENTE_CALLER_RATE", default_value_t = 100)]
    pub caller_rate: u32,
    /// Requests for tokens each second from one address; 0 for no limit.
    #[arg(long, env = "ENTENTE_TOKEN_RATE", default_value_t = 20)]
    pub token_rate: u32,
    /// Applications without an account each minute from one address; 0 for no limit.
    #[arg(long, env = "ENTENTE_APPLICATION_RATE", default_value_t = 10)]
    pub application_rate: u32,
    /// Checks of deals each minute by one user or client; 0 for no limit.
    #[arg(long, env = "ENTENTE_CHECK_RATE", default_value_t = 30)]
    pub check_rate: u32,
    /// Checks of deals each day by all the users and clients of one partner; 0 for no limit.
    #[arg(long, env = "ENTENTE_PARTNER_CHECK_RATE", default_value_t = 1000)]
    pub partner_check_rate: u32,
    /// Zero bits of the proof of work that an application without an account needs; each more takes twice as long, 0 asks
    /// for none.
    #[arg(long, env = "ENTENTE_APPLICATION_DIFFICULTY", default_value_t = 18, value_parser = clap::value_parser!(u8).range(0..=32))]
    pub application_difficulty: u8,
    /// Where captchas are verified, instead of a proof of work: the `siteverify` URL of hCaptcha, Turnstile or reCAPTCHA.
    #[arg(long, env = "ENTENTE_CAPTCHA_VERIFY_URL", requires = "captcha_secret", value_parser = http_url)]
    pub captcha_verify_url: Option<String>,
    /// The secret that the captcha's provider knows the vendor by.
    #[arg(long, env = "ENTENTE_CAPTCHA_SECRET", requires = "captcha_verify_url", hide_env_values = true)]
    pub captcha_secret: Option<String>,
    /// How logs are written.
    #[arg(long, env = "ENTENTE_LOG_FORMAT", default_value = "json", value_enum)]
    pub log_format: LogFormat,
    /// What is logged, such as `info` or `info,api=debug`.
    #[arg(long, env = "ENTENTE_LOG", default_value = "info")]
    pub log: String,
    /// Where traces go: the base URL of an OTLP/HTTP collector, such as http://127.0.0.1:4318.
    #[arg(long, env = "ENTENTE_OTLP_ENDPOINT", value_parser = http_url)]
    pub otlp_endpoint: Option<String>,
}

impl ServeArguments {
    /// Checks what the command line's parser must not, since it would print what it refuses.
    ///
    /// # Errors
    /// Says which password is wrong.
    pub fn check_passwords(&self) -> Result<(), String> {
        let passwords =
            [("ENTENTE_ADMIN_PASSWORD", &self.admin_password), ("ENTENTE_DEMO_PASSWORD", &self.demo_password)];
        let wrong = passwords.into_iter().find(|(_, password)| {
            password.as_ref().is_some_and(|password| !(8..=200).contains(&password.chars().count()))
        });
        wrong.map_or(Ok(()), |(name, _)| Err(format!("{name} must have 8 to 200 characters")))
    }

    /// By which URL the server is reached, as far as it knows itself.
    pub fn own_url(&self, listening: SocketAddr) -> String {
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        format!("{scheme}://{listening}")
    }

    /// The foreign issuer, if one is configured.
    pub fn foreign(&self) -> Option<ForeignSettings> {
        let (issuer, audience) = self.oidc_issuer.clone().zip(self.oidc_audience.clone())?;
        Some(ForeignSettings { issuer, audience })
    }
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "must be an address and a port, such as 127.0.0.1:8080 or [::]:8080".into())
}

fn http_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !text.contains(char::is_whitespace) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err("must be a URL that begins with http:// or https://".into()),
    }
}

fn email(text: &str) -> Result<String, String> {
    match text.split_once('@') {
        Some((local, host)) if !local.is_empty() && !host.is_empty() && !host.contains('@') => Ok(text.to_owned()),
        _ => Err("must be an e-mail address".into()),
    }
}

fn durability(text: &str) -> Result<Durability, String> {
    match text {
        "full" => Ok(Durability::Full),
        "normal" => Ok(Durability::Normal),
        _ => Err("must be full or normal".into()),
    }
}
