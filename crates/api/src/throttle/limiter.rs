//! One limit, under many keys.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use database::{Count, Database};
use governor::{
    RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};
use identity::secret_digest;
use kernel::Code;

use crate::{problem::Problem, settings::Rate};

/// From how many remembered keys on those that are at rest are forgotten.
const MANY: usize = 10_000;

/// Counts requests under many keys.
pub(super) struct Limiter {
    /// What is limited, in a word.
    of: &'static str,
    rate: Rate,
    /// What this server has counted. Whatever is too much here is too much for all servers together.
    here: RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>,
    /// Where all servers count together, if several can.
    everywhere: Option<Database>,
    clock: DefaultClock,
    tidy_at: AtomicUsize,
}

/// How a caller stands with a limit, after a request that was within it.
pub(crate) struct Standing {
    of: &'static str,
    rate: Rate,
    left: u32,
}

impl Limiter {
    /// With a database that several servers may share, they count together.
    pub(super) fn new(of: &'static str, rate: Rate, database: Option<&Database>) -> Self {
        let here = RateLimiter::keyed(rate.quota()).with_middleware();
        let everywhere = database.filter(|database| database.is_shared()).cloned();
        Self { of, rate, here, everywhere, clock: DefaultClock::default(), tidy_at: AtomicUsize::new(MANY) }
    }

    /// Counts a request on this server, and then for all servers.
    pub(super) async fn count(&self, key: &str) -> Result<Standing, Problem> {
        let standing = self.count_here(key)?;
        let Some(database) = &self.everywhere else { return Ok(standing) };
        let key = secret_digest(&format!("{} {key}", self.of));
        let Count { admitted, owes } = database.count(key, self.rate.allowance()).await?;
        let spare = self.rate.longest().saturating_sub(owes);
        if !admitted {
            let wait = self.rate.allowance().pause.saturating_sub(spare).max(1);
            return Err(self.refusal(Duration::from_micros(wait.unsigned_abs())));
        }
        let left = u32::try_from(spare / self.rate.allowance().pause).unwrap_or_default();
        Ok(Standing { left: left.min(standing.left), ..standing })
    }

    /// Counts a request on this server alone.
    pub(super) fn count_here(&self, key: &str) -> Result<Standing, Problem> {
        self.tidy();
        match self.here.check_key(&key.to_owned()) {
            Ok(state) => Ok(Standing { of: self.of, rate: self.rate, left: state.remaining_burst_capacity() }),
            Err(early) => Err(self.refusal(early.wait_time_from(self.clock.now()))),
        }
    }

    /// To look through all keys takes time: only when they have doubled since the last look.
    fn tidy(&self) {
        if self.here.len() > self.tidy_at.load(Ordering::Relaxed) {
            self.here.retain_recent();
            self.tidy_at.store(MANY.max(self.here.len().saturating_mul(2)), Ordering::Relaxed);
        }
    }

    fn refusal(&self, wait: Duration) -> Problem {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let of = self.of;
        Problem::new(Code::RateLimited, format!("Too many {}: try again in {seconds} s.", of.replace('-', " ")))
            .with_header("Retry-After", seconds.to_string())
            .with_header("RateLimit-Policy", policy(of, self.rate))
            .with_header("RateLimit", format!("\"{of}\";r=0;t={seconds}"))
    }
}

impl Standing {
    /// The limit, as `RateLimit-Policy` tells it.
    pub(crate) fn policy(&self) -> String {
        policy(self.of, self.rate)
    }

    /// What is left of it, as `RateLimit` tells it, and after how many seconds all of it will be back.
    pub(crate) fn left(&self) -> String {
        let used = u64::from(self.rate.burst.get().saturating_sub(self.left));
        let back = used.saturating_mul(self.rate.allowance().pause.unsigned_abs()).div_ceil(1_000_000);
        format!("\"{}\";r={};t={back}", self.of, self.left)
    }
}

/// As in draft-ietf-httpapi-ratelimit-headers.
fn policy(of: &str, rate: Rate) -> String {
    format!("\"{of}\";q={};w={}", rate.burst, rate.window())
}
