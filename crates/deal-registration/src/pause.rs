//! The clock of a registration that stands still while its partner may not act: pure functions.

use kernel::{Code, Error, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::{Row, Status};

/// That a registration's clock stands still, and what it showed, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` if that is not known.
    pub until: Option<Timestamp>,
    /// When a decision would be due, had the clock not stopped.
    pub decision_due_at: Option<Timestamp>,
    /// When protection would end.
    pub protected_until: Option<Timestamp>,
    /// When the end of protection would be announced.
    pub expiring_notice_at: Option<Timestamp>,
}

/// That a registration's clock stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct DealPause {
    /// Since when.
    pub since: Timestamp,
    /// Until when; null if that is not known.
    #[schema(required = true)]
    pub until: Option<Timestamp>,
}

impl Pause {
    /// Whether the clock stands still now. An end that is known comes by itself.
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

impl Row {
    /// The pause that the registration is in now. What is decided and not approved has no clock.
    pub fn pause_at(&self, now: Timestamp) -> Option<DealPause> {
        use Status::{ActionRequired, Approved, InReview, Submitted};
        if !matches!(self.status, Submitted | InReview | ActionRequired | Approved) {
            return None;
        }
        let pause = self.pause.as_ref().filter(|pause| pause.0.is_on(now))?;
        Some(DealPause { since: pause.0.since, until: pause.0.until })
    }

    /// Refuses what has to wait until the clock runs again.
    ///
    /// # Errors
    /// `policy_refuses`.
    pub(crate) fn refuse_on_hold(&self, now: Timestamp) -> Result<(), Error> {
        let Some(pause) = self.pause_at(now) else { return Ok(()) };
        let until = pause.until.map(|until| format!(" until {until}")).unwrap_or_default();
        let detail = format!("The registration is on hold{until}: its partner may not act (standing).");
        Err(Error::new(Code::PolicyRefuses, &detail).with_fault("", "on_hold", detail))
    }

    /// Stops the clock at `since` until `end`, or moves the end of the pause that it is in: all times that are still to
    /// come are later by as long as the clock stands still. Without an end they do not come.
    pub(crate) fn pause(&mut self, now: Timestamp, since: Timestamp, end: Option<Timestamp>) {
        let running = self.pause.take().map(|pause| pause.0).filter(|pause| pause.is_on(now));
        let old = running.unwrap_or(Pause {
            since,
            until: Some(since),
            decision_due_at: None,
            protected_until: None,
            expiring_notice_at: None,
        });
        let shown = |current, kept| unpaused(current, kept, &old);
        let new = Pause {
            since: old.since,
            until: end,
            decision_due_at: shown(self.decision_due_at, old.decision_due_at),
            protected_until: shown(self.protected_until, old.protected_until),
            expiring_notice_at: shown(self.expiring_notice_at, old.expiring_notice_at),
        };
        self.decision_due_at = paused(new.decision_due_at, &new);
        self.protected_until = paused(new.protected_until, &new);
        self.expiring_notice_at = paused(new.expiring_notice_at, &new);
        self.pause = Some(database::Json(new));
    }

    /// Lets the clock run again; what was left when it stopped is left now.
    pub(crate) fn resume(&mut self, now: Timestamp) {
        if self.pause_at(now).is_some() {
            self.pause(now, now, Some(now));
        }
        self.pause = None;
    }
}

/// A time as it stood when the clock stopped. What was cleared since stays cleared.
fn unpaused(current: Option<Timestamp>, kept: Option<Timestamp>, pause: &Pause) -> Option<Timestamp> {
    match pause.until {
        Some(until) => current.map(|at| at - (until - pause.since)),
        None => current.and(kept),
    }
}

/// The same time, later by as long as the clock stands still.
fn paused(shown: Option<Timestamp>, pause: &Pause) -> Option<Timestamp> {
    match pause.until {
        Some(until) => shown.map(|at| at + (until - pause.since)),
        None => shown.map(|_| Timestamp::never()),
    }
}

#[cfg(test)]
mod tests;
