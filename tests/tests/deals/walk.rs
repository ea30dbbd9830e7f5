//! Any sequence of actions does what the table of states says.

use proptest::{prelude::*, test_runner::Config};

use super::{
    states::{ACTIONS, Cast, TABLE, Who, allowed, attempt, status_at},
    *,
};

/// Who does what, some ten times.
fn steps() -> impl Strategy<Value = Vec<(bool, usize)>> {
    prop::collection::vec((any::<bool>(), 0..ACTIONS.len()), 1..14)
}

/// Where the table leads.
fn next(stand: &str, action: &str, vendor: bool) -> Option<&'static str> {
    let line = TABLE.iter().find(|line| line.0 == stand && line.1 == action && (vendor || line.2 == Who::Both));
    line.map(|line| line.3)
}

fn walk(cast: &Cast, steps: Vec<(bool, usize)>) -> Result<(), TestCaseError> {
    let (id, mut stand) = (cast.reach("draft"), "draft");
    let mut taken = 1;
    for (vendor, action) in steps {
        let client = if vendor { &cast.admin } else { &cast.partner.admin };
        let (action, scope) = ACTIONS[action];
        let answer = attempt(client, &id, action);
        let expected = match next(stand, action, vendor) {
            Some(to) => {
                stand = to;
                taken += 1;
                (200, None)
            }
            None if !vendor && scope == Who::Vendor => (403, Some("insufficient_scope")),
            None => (409, Some("invalid_transition")),
        };
        prop_assert_eq!(
            (answer.status, answer.json["code"].as_str()),
            expected,
            "{} at {}: {}",
            action,
            stand,
            answer.text
        );
        let shown = get(client, &id);
        prop_assert_eq!(shown.text("status"), status_at(stand));
        prop_assert_eq!(sorted(texts(&shown.json["allowed_actions"])), allowed(stand, vendor));
    }
    prop_assert_eq!(told(&cast.admin, &id).len(), taken, "what happened is told, and nothing else");
    Ok(())
}

on_both! {
    fn any_walk_follows_the_table(server: Server) {
        let cast = Cast::new(&server);
        let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
        proptest!(config, |(steps in steps())| { walk(&cast, steps)?; });
    }
}
