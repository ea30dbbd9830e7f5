//! Slows down who asks too often: every caller a little, and whoever guesses passwords, floods the vendor with
//! applications or probes for its customers a lot.
//!
//! What is counted under one key for all servers together is in [`limiter`]. The limits of particular operations are for
//! all servers; the general one of each caller is each server's own, since it guards the server.

mod limiter;

use std::net::IpAddr;

use database::Database;
use kernel::{Code, PartnerId};
use limiter::Limiter;
pub(crate) use limiter::Standing;

use crate::{app::App, problem::Problem, settings::Limits};

/// The limits of what may be called how often.
pub(crate) struct Throttle {
    callers: Option<Limiter>,
    tokens_by_address: Option<Limiter>,
    tokens_by_account: Option<Limiter>,
    tokens_by_familiar: Option<Limiter>,
    applications: Option<Limiter>,
    checks: Option<Limiter>,
    checks_by_partner: Option<Limiter>,
}

impl Throttle {
    pub(crate) fn new(limits: &Limits, database: &Database) -> Self {
        let shared = |of, rate: Option<_>| rate.map(|rate| Limiter::new(of, rate, Some(database)));
        Self {
            callers: limits.callers.map(|rate| Limiter::new("requests", rate, None)),
            tokens_by_address: shared("tokens", limits.tokens_by_address),
            tokens_by_account: shared("tokens-for-account", limits.tokens_by_account),
            tokens_by_familiar: shared("tokens-for-account-here", limits.tokens_by_account),
            applications: shared("applications", limits.applications_by_address),
            checks: shared("checks", limits.checks_by_caller),
            checks_by_partner: shared("checks-of-partner", limits.checks_by_partner),
        }
    }

    /// Counts any request of a caller: the subject of a token, or an address.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(crate) fn count_caller(&self, caller: &str) -> Result<Option<Standing>, Problem> {
        self.callers.as_ref().map(|limiter| limiter.count_here(caller)).transpose()
    }

    /// Counts a request for a token by its address.
    ///
    /// # Errors
    /// `rate_limited`; those of the database.
    pub(crate) async fn count_token(&self, address: &str) -> Result<Option<Standing>, Problem> {
        count(&self.tokens_by_address, &network(address)).await
    }

    /// Counts an application by somebody without an account.
    ///
    /// # Errors
    /// `rate_limited`; those of the database.
    pub(crate) async fn count_application(&self, address: &str) -> Result<Option<Standing>, Problem> {
        count(&self.applications, &network(address)).await
    }

    /// Counts a check by its caller.
    ///
    /// # Errors
    /// `rate_limited`; those of the database.
    pub(crate) async fn count_check(&self, caller: &str) -> Result<Option<Standing>, Problem> {
        count(&self.checks, caller).await
    }

    /// Counts a check by the partner that it is for: more users do not find out more.
    ///
    /// # Errors
    /// `rate_limited`; those of the database.
    pub(crate) async fn count_check_of(&self, partner: Option<PartnerId>) -> Result<(), Problem> {
        let Some(partner) = partner else { return Ok(()) };
        count(&self.checks_by_partner, &partner.to_string()).await.map(drop)
    }
}

impl App {
    /// Counts a request for a token by the account that it is for. Strangers together have one allowance; an address from
    /// which the account has signed in lately has its own, so that nobody can lock the owner out.
    ///
    /// # Errors
    /// `rate_limited`; those of the database.
    pub(crate) async fn count_account(&self, account: &str, address: &str) -> Result<(), Problem> {
        match count(&self.throttle.tokens_by_account, account).await {
            Err(problem) if problem.error().code == Code::RateLimited => {
                let network = network(address);
                if !identity::familiar::is_familiar(&self.database, account, &network).await? {
                    return Err(problem);
                }
                count(&self.throttle.tokens_by_familiar, &format!("{network} {account}")).await.map(drop)
            }
            counted => counted.map(drop),
        }
    }

    /// Remembers from where an account has signed in, if accounts are limited at all.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn signed_in(&self, account: &str, address: &str) -> Result<(), Problem> {
        if self.throttle.tokens_by_account.is_none() {
            return Ok(());
        }
        Ok(identity::familiar::remember(&self.database, account, &network(address)).await?)
    }
}

async fn count(limiter: &Option<Limiter>, key: &str) -> Result<Option<Standing>, Problem> {
    match limiter {
        Some(limiter) => limiter.count(key).await.map(Some),
        None => Ok(None),
    }
}

/// What counts as one address: of IPv6 the first half, for whoever has one has 2^64 of them.
pub(crate) fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(six)) => match six.to_ipv4_mapped() {
            Some(four) => four.to_string(),
            None => {
                let [a, b, c, d, ..] = six.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_a_network_counts_once() {
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("unknown"), "unknown");
    }
}
