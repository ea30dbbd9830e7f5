//! What the server decides about the API.

use std::{num::NonZeroU32, time::Duration};

use database::Allowance;
use governor::Quota;
use identity::Captcha;
use kernel::Role;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::operations::Size;

/// What the server decides about the API.
#[derive(Clone)]
pub struct Settings {
    /// Origins whose pages may call the API, such as `https://portal.example`; empty for none.
    pub cors_origins: Vec<String>,
    /// Whether a proxy in front names the client's address in `Forwarded` or `X-Forwarded-For`. Without one these
    /// headers are anybody's invention.
    pub behind_proxy: bool,
    /// Whether the operations that move the clock exist.
    pub sandbox: bool,
    /// Who may sign in to look around, where the server runs the demo. The pages show it to everybody.
    pub demo: Option<Demo>,
    /// How much is too much.
    pub limits: Limits,
    /// What whoever applies without an account must show.
    pub guard: Guard,
    /// Renders what the recorder has counted, for `/metrics`.
    pub metrics: PrometheusHandle,
}

/// Whom the pages suggest to sign in as.
#[derive(Debug, Clone)]
pub struct Demo {
    /// E-mail addresses and roles; a partner's people first.
    pub users: Vec<(String, Role)>,
    /// The password of all of them, if everybody may know it.
    pub password: Option<String>,
}

/// What whoever applies without an account must show, so that it is no machine's flood.
#[derive(Clone)]
pub enum Guard {
    /// Nothing.
    Open,
    /// A hash with so many leading zero bits.
    ProofOfWork(u8),
    /// What this provider says of a captcha.
    Captcha(Captcha),
}

/// How much is too much.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a body.
    pub body: usize,
    /// Bytes of a body that says something of many partners.
    pub bulk: usize,
    /// Bytes of a program document, or of a body that holds one.
    pub program: usize,
    /// Bytes of a file that is imported.
    pub file: usize,
    /// How deep objects and arrays may stand in each other. A program document in a body may be deeper.
    pub depth: usize,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// Requests of one caller, who is known by a token or else by an address; `None` for no limit.
    pub callers: Option<Rate>,
    /// Requests for tokens from one address; `None` for no limit.
    pub tokens_by_address: Option<Rate>,
    /// Requests for tokens for one user or client; `None` for no limit.
    pub tokens_by_account: Option<Rate>,
    /// Applications without an account from one address; `None` for no limit.
    pub applications_by_address: Option<Rate>,
    /// Checks of deals by one user or client; `None` for no limit.
    pub checks_by_caller: Option<Rate>,
    /// Checks of deals by all the users and clients of one partner; `None` for no limit.
    pub checks_by_partner: Option<Rate>,
}

/// So many requests in a time, after a burst.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    requests: NonZeroU32,
    /// In so many seconds.
    seconds: NonZeroU32,
    /// Requests at once.
    pub(crate) burst: NonZeroU32,
}

impl Rate {
    /// So many requests each second, after a burst; zero counts as one.
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self { requests: at_least_one(per_second), seconds: NonZeroU32::MIN, burst: at_least_one(burst) }
    }

    /// So many requests each minute, all of them at once if need be; zero counts as one.
    pub fn each_minute(requests: u32) -> Self {
        Self { requests: at_least_one(requests), seconds: at_least_one(60), burst: at_least_one(requests) }
    }

    /// So many requests each day, all of them at once if need be; zero counts as one.
    pub fn each_day(requests: u32) -> Self {
        Self { requests: at_least_one(requests), seconds: at_least_one(86_400), burst: at_least_one(requests) }
    }

    /// The same for what all servers count together.
    pub(crate) fn allowance(self) -> Allowance {
        let pause = i64::from(self.seconds.get()) * 1_000_000 / i64::from(self.requests.get());
        Allowance { pause: pause.max(1), burst: self.burst.get() }
    }

    /// How much may be owed at most, in microseconds.
    pub(crate) fn longest(self) -> i64 {
        self.allowance().pause.saturating_mul(self.burst.get().into())
    }

    pub(crate) fn quota(self) -> Quota {
        let pause = Duration::from_secs(self.seconds.get().into()) / self.requests.get();
        let quota = Quota::with_period(pause).unwrap_or_else(|| Quota::per_second(self.requests));
        quota.allow_burst(self.burst)
    }

    /// In how many seconds a burst is made up for.
    pub(crate) fn window(self) -> u32 {
        self.burst.get().saturating_mul(self.seconds.get()).div_ceil(self.requests.get())
    }
}

fn at_least_one(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 256 * 1024,
            bulk: 1024 * 1024,
            program: programs::check::BOUNDS.bytes,
            file: 32 * 1024 * 1024,
            depth: 32,
            body_time: Duration::from_secs(30),
            callers: Some(Rate::new(100, 500)),
            tokens_by_address: Some(Rate::new(10, 40)),
            tokens_by_account: Some(Rate::new(1, 20)),
            applications_by_address: Some(Rate::each_minute(10)),
            checks_by_caller: Some(Rate::each_minute(30)),
            checks_by_partner: Some(Rate::each_day(1_000)),
        }
    }
}

impl Limits {
    /// Bytes that a body may have.
    pub(crate) fn bytes_of(&self, size: Size) -> usize {
        match size {
            Size::Usual => self.body,
            Size::Form => self.body.min(16 * 1024),
            Size::Bulk => self.bulk,
            Size::Program => self.program,
            Size::Catalogue => training::catalogue::BOUNDS.bytes,
            Size::File => self.file,
            Size::Statement => training::xapi::BOUNDS.statement,
            Size::Statements => training::xapi::BOUNDS.bytes,
            Size::Attachments => training::xapi::BOUNDS.with_attachments,
        }
    }

    /// How deep a body may be nested.
    pub(crate) fn depth_of(&self, size: Size) -> usize {
        if size == Size::Program { self.depth + programs::check::BOUNDS.depth } else { self.depth }
    }
}

impl Settings {
    /// The defaults: no foreign origins, no proxy, no sandbox, no demo, a proof of work of a second or so.
    pub fn new(metrics: PrometheusHandle) -> Self {
        let (limits, guard) = (Limits::default(), Guard::ProofOfWork(18));
        Self { cors_origins: Vec::new(), behind_proxy: false, sandbox: false, demo: None, limits, guard, metrics }
    }
}
