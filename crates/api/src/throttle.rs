//! Slows down who asks too often without having shown who they are: whoever guesses passwords, by address and by the
//! account that they guess for, and whoever floods the vendor with applications.

use std::time::Duration;

use governor::{
    DefaultKeyedRateLimiter,
    clock::{Clock, DefaultClock},
};
use kernel::Code;

use crate::{
    problem::Problem,
    settings::{Limits, Rate},
};

/// From how many remembered addresses or accounts on those that are at rest are forgotten.
const MANY: usize = 10_000;

/// The limits of what anybody may call.
pub(crate) struct Throttle {
    tokens_by_address: Option<Limiter>,
    tokens_by_account: Option<Limiter>,
    applications: Option<Limiter>,
}

struct Limiter {
    /// What is limited, in a word.
    of: &'static str,
    rate: Rate,
    limiter: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl Throttle {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            tokens_by_address: limits.tokens_by_address.map(|rate| Limiter::new("tokens", rate)),
            tokens_by_account: limits.tokens_by_account.map(|rate| Limiter::new("tokens", rate)),
            applications: limits.applications_by_address.map(|rate| Limiter::new("applications", rate)),
        }
    }

    /// Counts a request for a token.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(crate) fn check_token(&self, address: &str, account: &str) -> Result<(), Problem> {
        let limits = [(&self.tokens_by_address, address), (&self.tokens_by_account, account)];
        limits.into_iter().try_for_each(|(limiter, key)| limiter.as_ref().map_or(Ok(()), |one| one.check(key)))
    }

    /// Counts an application by somebody without an account.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(crate) fn check_application(&self, address: &str) -> Result<(), Problem> {
        self.applications.as_ref().map_or(Ok(()), |limiter| limiter.check(address))
    }
}

impl Limiter {
    fn new(of: &'static str, rate: Rate) -> Self {
        let quota = rate.quota();
        Self { of, rate, limiter: DefaultKeyedRateLimiter::keyed(quota), clock: DefaultClock::default() }
    }

    fn check(&self, key: &str) -> Result<(), Problem> {
        if self.limiter.len() > MANY {
            self.limiter.retain_recent();
        }
        let early = match self.limiter.check_key(&key.to_owned()) {
            Ok(()) => return Ok(()),
            Err(early) => early.wait_time_from(self.clock.now()),
        };
        let seconds = whole_seconds(early);
        let (of, burst, window) = (self.of, self.rate.burst, self.rate.window());
        Err(Problem::new(Code::RateLimited, format!("Too many requests for {of}: try again in {seconds} s."))
            .with_header("Retry-After", seconds.to_string())
            .with_header("RateLimit-Policy", format!("\"{of}\";q={burst};w={window}"))
            .with_header("RateLimit", format!("\"{of}\";r=0;t={seconds}")))
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
