//! What was left when the clock stopped is left when it goes on, whatever happened in between.

use proptest::prelude::*;

use super::*;
use crate::model::tests::approved;

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

proptest! {
    /// The end of the pause may be moved any number of times, to a known time or an unknown one.
    #[test]
    fn nothing_is_lost_and_nothing_won(
        left in 1..1_000_000_i64,
        since in 0..1_000_i64,
        ends in prop::collection::vec(prop::option::of(2_000..1_000_000_i64), 0..6),
        stood in 0..1_000_i64,
    ) {
        let mut row = approved(at(since + left));
        row.pause(at(since), at(since), None);
        prop_assert_eq!(row.protected_until, Some(Timestamp::never()));
        for end in ends {
            // Looked at somewhat later each time, but before any of the ends.
            row.pause(at(since + 1), at(since + 1), end.map(at));
            prop_assert_eq!(row.pause_at(at(since + 1)).map(|pause| pause.since), Some(at(since)));
        }
        let resumed = since + stood;
        row.resume(at(resumed));
        prop_assert_eq!(row.protected_until, Some(at(resumed + left)));
        prop_assert_eq!(&row.pause, &None);
    }

    /// A pause whose end is known needs nobody to end it.
    #[test]
    fn an_end_that_is_known_comes_by_itself(left in 1..1_000_000_i64, stood in 1..1_000_i64, later in 0..1_000_i64) {
        let mut row = approved(at(left));
        row.pause(at(0), at(0), Some(at(stood)));
        prop_assert_eq!(row.protected_until, Some(at(left + stood)));
        prop_assert_eq!(row.pause_at(at(stood)), None);
        let shown = row.clone();
        row.resume(at(stood + later));
        prop_assert_eq!(row.protected_until, shown.protected_until);
    }
}

#[test]
fn what_was_cleared_meanwhile_stays_cleared() {
    let mut row = approved(at(100));
    row.decision_due_at = Some(at(50));
    row.pause(at(10), at(10), None);
    assert_eq!(row.decision_due_at, Some(Timestamp::never()));
    row.decision_due_at = None;
    row.resume(at(20));
    assert_eq!((row.decision_due_at, row.protected_until), (None, Some(at(110))));
}
