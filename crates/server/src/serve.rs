//! Serving: open, prepare, listen, sweep, stop in order.

mod connections;
mod sweeper;
mod tls;

pub use sweeper::restore_clock;

use std::{sync::Arc, time::Duration};

use actix_web::{HttpServer, web::Data};
use api::{App, Demo, Guard, Limits, Rate, Settings};
use connections::Connections;
use database::Database;
use identity::{Captcha, ForeignIssuer, Identity, user::PasswordHash};
use kernel::Clock;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tls::Certificate;

use crate::{
    arguments::ServeArguments,
    demo::{self, PARTNER_USERS, VENDOR_USERS},
    telemetry,
};

/// Name of the first administrator when none is given.
const ADMIN: &str = "admin@entente.local";

/// Upper bounds of the histograms of durations, in seconds.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Serves until a signal ends it.
pub fn serve(arguments: &ServeArguments) -> Result<(), String> {
    // One provider of cryptography for all outgoing TLS, before anything makes an HTTP client.
    let _ = rustls::crypto::ring::default_provider().install_default();
    arguments.check_passwords()?;
    // Two for each connection; how many there may be in all is the operator's hard limit. Where it cannot be raised, it stays.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let certificate = Certificate::of(arguments)?;
    let _telemetry = telemetry::start(arguments)?;
    let settings = arguments.database.settings();
    let demo_password = load_demo(arguments, &settings)?;
    let clock = Clock::default();
    let database = Database::open(&settings, clock.clone())?;
    if arguments.sandbox {
        sweeper::restore_clock(&database).map_err(|error| error.to_string())?;
    }
    first_administrator(arguments, &database)?;
    let issuer = arguments.public_url.clone().unwrap_or_else(|| arguments.own_url(arguments.listen));
    let foreign = arguments.foreign().map(ForeignIssuer::new).transpose()?;
    let identity = Arc::new(Identity::start(&database, issuer, foreign).map_err(|error| error.to_string())?);
    let app = App::start(database.clone(), identity.clone(), api_settings(arguments, recorder()?)?)?;
    let sweeper = sweeper::Sweeper {
        database,
        identity,
        certificate: certificate.clone(),
        sandbox: arguments.sandbox,
        pause: Duration::from_secs(arguments.sweep_seconds),
    };
    actix_web::rt::System::new().block_on(listen(arguments, app, sweeper, certificate, demo_password))
}

async fn listen(
    arguments: &ServeArguments,
    app: Data<App>,
    sweeper: sweeper::Sweeper,
    certificate: Option<Arc<Certificate>>,
    demo_password: Option<String>,
) -> Result<(), String> {
    let (head, idle) = (Duration::from_secs(arguments.head_seconds), Duration::from_secs(arguments.idle_seconds));
    let connections = Connections::default();
    let opened = connections.clone();
    let workers = workers(arguments);
    let server = HttpServer::new(move || api::service(&app))
        .on_connect(move |stream, data| opened.opened(stream, data))
        .client_request_timeout(head)
        .tls_handshake_timeout(head)
        .keep_alive(idle)
        .shutdown_timeout(arguments.shutdown_seconds)
        .workers(workers)
        .max_connections(most(arguments.max_connections).div_ceil(workers));
    let server = match &certificate {
        Some(certificate) => server.bind_rustls_0_23(arguments.listen, certificate.config()?),
        None => server.bind(arguments.listen),
    };
    let server = server.map_err(|error| format!("cannot listen on {}: {error}", arguments.listen))?;
    let listening = server.addrs().first().copied().unwrap_or(arguments.listen);
    greet(&arguments.own_url(listening), arguments, demo_password.as_deref());
    let beside = [actix_web::rt::spawn(sweeper.run()), actix_web::rt::spawn(connections.watch(idle))];
    let served = server.run().await.map_err(|error| error.to_string());
    beside.iter().for_each(|task| task.abort());
    served
}

fn workers(arguments: &ServeArguments) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    arguments.workers.map_or_else(processors, usize::from)
}

fn most(connections: u32) -> usize {
    usize::try_from(connections).unwrap_or(usize::MAX)
}

/// Says where everything is. On standard error: standard output is the log.
fn greet(url: &str, arguments: &ServeArguments, demo_password: Option<&str>) {
    eprintln!("Entente is listening on {url}");
    eprintln!("  documentation  {url}/docs");
    eprintln!("  document       {url}/openapi.json");
    if arguments.sandbox {
        eprintln!("  sandbox        POST {url}/v1/sandbox/clock moves the clock");
    }
    let Some(password) = demo_password else { return };
    eprintln!("  sign in        POST {url}/oauth/token with grant_type=password and one of these users");
    for (email, _, role) in VENDOR_USERS.iter().chain(&PARTNER_USERS) {
        eprintln!("                 {email:<28} {role}");
    }
    eprintln!("  password       {password}");
}

/// Loads the demo if that is asked for; its password, if it is known.
fn load_demo(arguments: &ServeArguments, settings: &database::Settings) -> Result<Option<String>, String> {
    if !arguments.demo {
        return Ok(None);
    }
    if arguments.demo_password.is_none() && !arguments.listen.ip().is_loopback() {
        return Err(format!(
            "the demo's password is known to everybody: set ENTENTE_DEMO_PASSWORD to listen on {}",
            arguments.listen
        ));
    }
    let password = arguments.demo_password.clone().unwrap_or_else(|| demo::PASSWORD.into());
    eprintln!("Loading the demo, if the database has no users yet …");
    demo::load(settings, &password)?;
    Ok(Some(password))
}

fn first_administrator(arguments: &ServeArguments, database: &Database) -> Result<(), String> {
    let text = |error: database::Error| error.to_string();
    if database.read_blocking(identity::user::exists_any).map_err(text)? {
        return Ok(());
    }
    let email = arguments.admin_email.clone().unwrap_or_else(|| ADMIN.into());
    let made = match &arguments.admin_password {
        Some(_) => None,
        None => Some(identity::random_password().map_err(text)?),
    };
    let password = arguments.admin_password.as_ref().or(made.as_ref()).ok_or("no password")?;
    let (hash, name) = (PasswordHash::of(password).map_err(text)?, email.clone());
    let first =
        database.write_blocking(move |tx| identity::user::create_first(tx, &name, hash.clone())).map_err(text)?;
    if let Some(password) = made.filter(|_| first) {
        eprintln!("The first administrator is {email}, with the password {password}");
        eprintln!("It is shown this once. Sign in and change it: PATCH /v1/users/{{id}}");
    }
    Ok(())
}

fn recorder() -> Result<PrometheusHandle, String> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
        .map_err(|error| error.to_string())?
        .install_recorder()
        .map_err(|error| error.to_string())?;
    // There from the start: a rate over a series that begins with its first event never shows that event.
    metrics::counter!("entente_transaction_retries_total").increment(0);
    Ok(recorder)
}

fn api_settings(arguments: &ServeArguments, metrics: PrometheusHandle) -> Result<Settings, String> {
    let unless_zero = |rate: u32, make: fn(u32) -> Rate| (rate > 0).then(|| make(rate));
    let limits = Limits {
        callers: unless_zero(arguments.caller_rate, |rate| Rate::new(rate, rate.saturating_mul(5))),
        tokens_by_address: unless_zero(arguments.token_rate, |rate| Rate::new(rate, rate.saturating_mul(5))),
        tokens_by_account: unless_zero(arguments.token_rate, |rate| {
            Rate::new(rate.div_ceil(4), rate.saturating_mul(2))
        }),
        applications_by_address: unless_zero(arguments.application_rate, Rate::each_minute),
        checks_by_caller: unless_zero(arguments.check_rate, Rate::each_minute),
        checks_by_partner: unless_zero(arguments.partner_check_rate, Rate::each_day),
        body_time: Duration::from_secs(arguments.body_seconds),
        ..Limits::default()
    };
    let guard = match (&arguments.captcha_verify_url, &arguments.captcha_secret) {
        (Some(url), Some(secret)) => Guard::Captcha(Captcha::new(url.clone(), secret.clone())?),
        _ if arguments.application_difficulty == 0 => Guard::Open,
        _ => Guard::ProofOfWork(arguments.application_difficulty),
    };
    Ok(Settings {
        cors_origins: arguments.cors_origins.clone(),
        behind_proxy: arguments.behind_proxy,
        sandbox: arguments.sandbox,
        demo: arguments.demo.then(|| shown_demo(arguments)),
        limits,
        guard,
        ..Settings::new(metrics)
    })
}

/// What the pages say of the demo: a password of the operator's own is not theirs to tell.
fn shown_demo(arguments: &ServeArguments) -> Demo {
    let users =
        PARTNER_USERS.iter().chain(&VENDOR_USERS).map(|(email, _, role)| ((*email).to_owned(), *role)).collect();
    Demo { users, password: arguments.demo_password.is_none().then(|| demo::PASSWORD.to_owned()) }
}
