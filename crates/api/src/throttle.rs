//! Slows down whoever guesses passwords: by address, and by the account that they guess for.

use std::time::Duration;

use governor::{
    DefaultKeyedRateLimiter, Quota,
    clock::{Clock, DefaultClock},
};
use kernel::Code;

use crate::{
    problem::Problem,
    settings::{Limits, Rate},
};

/// From how many remembered addresses or accounts on those that are at rest are forgotten.
const MANY: usize = 10_000;

/// The limits of the token endpoint.
pub(crate) struct Throttle {
    by_address: Option<Limiter>,
    by_account: Option<Limiter>,
}

struct Limiter {
    rate: Rate,
    limiter: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl Throttle {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            by_address: limits.tokens_by_address.map(Limiter::new),
            by_account: limits.tokens_by_account.map(Limiter::new),
        }
    }

    /// Counts a request for a token.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(crate) fn check(&self, address: &str, account: &str) -> Result<(), Problem> {
        let limits = [(&self.by_address, address), (&self.by_account, account)];
        limits.into_iter().try_for_each(|(limiter, key)| limiter.as_ref().map_or(Ok(()), |one| one.check(key)))
    }
}

impl Limiter {
    fn new(rate: Rate) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self { rate, limiter: DefaultKeyedRateLimiter::keyed(quota), clock: DefaultClock::default() }
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
        let Rate { per_second, burst } = self.rate;
        let window = burst.get().div_ceil(per_second.get());
        Err(Problem::new(Code::RateLimited, format!("Too many requests for tokens: try again in {seconds} s."))
            .with_header("Retry-After", seconds.to_string())
            .with_header("RateLimit-Policy", format!("\"tokens\";q={burst};w={window}"))
            .with_header("RateLimit", format!("\"tokens\";r=0;t={seconds}")))
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
