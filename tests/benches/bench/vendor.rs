//! A vendor on one database: its server, its partners, and the numbers of its registrations.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use postgres::NoTls;
use tests::{Database, Kind, Scene, Server, scene};

use crate::subject::{FRESH, Registrant};

/// More than one connection each, fewer than that they would hide what partners contend for.
const PARTNERS: usize = 8;

/// A vendor with partners.
pub struct Vendor {
    /// Its database.
    pub database: Arc<Database>,
    /// Those who register.
    pub registrants: Vec<Registrant>,
    /// The administrator's access token.
    pub token: String,
    /// The time in the ids of what was seeded.
    pub era: String,
    /// How many registrations were seeded.
    pub rows: u64,
    tokens: Vec<String>,
    server: Option<Server>,
    address: String,
    fresh: AtomicU64,
}

impl Vendor {
    /// A vendor on an empty database.
    pub fn new(kind: Kind) -> Self {
        let database = Arc::new(Database::empty(kind));
        let server = started(&database);
        let scene = Scene::approving(&server);
        let registrants = (0..PARTNERS).map(|number| registrant(&scene, number)).collect();
        Self {
            database,
            registrants,
            token: String::new(),
            era: String::new(),
            rows: 0,
            tokens: Vec::new(),
            address: server.url.trim_start_matches("http://").to_owned(),
            server: Some(server),
            fresh: AtomicU64::new(FRESH),
        }
    }

    /// Starts the server again.
    pub fn serve(&mut self) {
        let server = started(&self.database);
        self.address = server.url.trim_start_matches("http://").to_owned();
        self.server = Some(server);
    }

    /// Stops the server.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            assert!(server.stop(), "the server did not end well: {}", server.errors());
        }
    }

    /// Makes new access tokens: they do not live as long as a run takes.
    pub fn sign_in(&mut self) {
        let server = self.server.as_ref().expect("a running server");
        self.token = server.admin().token.expect("a token");
        let token = |number| server.client().signed_in(&email(number), scene::PASSWORD).token.expect("a token");
        self.tokens = (0..PARTNERS).map(token).collect();
    }

    /// Which database it is on.
    pub fn kind(&self) -> &'static str {
        name(self.database.kind)
    }

    /// Where the server listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The token of the partner for whom a caller calls.
    pub fn token_of(&self, caller: usize) -> &str {
        &self.tokens[caller % PARTNERS]
    }

    /// The partner that registers what has this number.
    pub fn registrant(&self, number: u64) -> &Registrant {
        &self.registrants[(number % PARTNERS as u64) as usize]
    }

    /// The number of a customer whom nobody knows.
    pub fn fresh(&self) -> u64 {
        self.fresh.fetch_add(1, Ordering::Relaxed)
    }

    /// The number of a seeded registration, another in each turn; neighbours in turn lie far apart.
    pub fn seeded(&self, turn: u64) -> u64 {
        turn.wrapping_mul(7_919) % self.rows.max(1)
    }

    /// The same, but not one of the partner's own.
    pub fn held_by_another(&self, partner: usize, turn: u64) -> u64 {
        let number = self.seeded(turn);
        if number % PARTNERS as u64 == (partner % PARTNERS) as u64 { (number + 1) % self.rows.max(1) } else { number }
    }

    /// How often transactions had to be repeated so far.
    pub fn retries(&self) -> u64 {
        let text = self.server.as_ref().expect("a running server").client().get("/metrics").text;
        let line = text.lines().find(|line| line.starts_with("entente_transaction_retries_total"));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or_default()
    }

    /// How many registrations the database holds.
    pub fn stored(&self) -> i64 {
        const COUNT: &str = "SELECT count(*) FROM deal_registrations";
        match self.database.kind {
            Kind::Sqlite => crate::sqlite::open(self, "FULL").query_row(COUNT, [], |row| row.get(0)).expect(COUNT),
            Kind::Postgres => self.postgres().query_one(COUNT, &[]).expect(COUNT).get(0),
        }
    }

    /// A connection of our own to its database.
    pub fn postgres(&self) -> postgres::Client {
        postgres::Client::connect(&self.database.url, NoTls).expect("a connection")
    }

    /// Does what PostgreSQL would do by itself after a while, so that nothing of it falls into a measurement.
    pub fn tidy(&self) {
        let mut connection = self.postgres();
        for sql in ["VACUUM ANALYZE", "CHECKPOINT"] {
            connection.batch_execute(sql).expect(sql);
        }
    }

    /// The server's version.
    pub fn postgres_version(&self) -> String {
        self.postgres().query_one("SHOW server_version", &[]).expect("a version").get(0)
    }
}

/// What a database is called.
pub fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "SQLite",
        Kind::Postgres => "PostgreSQL",
    }
}

fn started(database: &Arc<Database>) -> Server {
    // As it is delivered, but for what the tests' server sets to be quick.
    Server::with(database.clone(), &[("ENTENTE_SWEEP_SECONDS", "5")])
}

fn email(number: usize) -> String {
    format!("admin@partner{number}.example")
}

fn registrant(scene: &Scene, number: usize) -> Registrant {
    let partner = scene.partner(&format!("Partner{number}"));
    let user = partner.admin.get("/v1/me").expect_status(200).text("subject");
    Registrant { partner: partner.id, user }
}
