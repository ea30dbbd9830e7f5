//! What the server may know of a connection: since when no request runs on it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A connection, as its requests use it. Whoever accepts it puts an [`Arc`] of this into its data.
#[derive(Debug)]
pub struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    running: usize,
    since: Instant,
}

/// A request that runs, until it is dropped.
pub(crate) struct Running(Arc<Activity>);

impl Activity {
    /// A connection that has just been made.
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { running: 0, since: Instant::now() })))
    }

    /// For how long no request has been running; `None` while one is.
    pub fn quiet_for(&self) -> Option<Duration> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (state.running == 0).then(|| state.since.elapsed())
    }

    fn change(&self, by: impl FnOnce(usize) -> usize) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State { running: by(state.running), since: Instant::now() };
    }
}

impl Running {
    pub(crate) fn on(activity: &Arc<Activity>) -> Self {
        activity.change(|running| running.saturating_add(1));
        Self(activity.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.change(|running| running.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_quiet_when_its_last_request_has_ended() {
        let activity = Activity::new();
        assert!(activity.quiet_for().is_some());
        let (one, other) = (Running::on(&activity), Running::on(&activity));
        drop(one);
        assert!(activity.quiet_for().is_none());
        drop(other);
        assert!(activity.quiet_for().is_some());
    }
}
