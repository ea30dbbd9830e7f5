//! Two partners act at the same customers through whatever comes; then one looks at everything that it can fetch, for
//! anything of the other's.

mod acts;
mod sight;
mod stage;

use std::{cell::RefCell, collections::BTreeSet};

use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed},
};
use tests::{Kind as DatabaseKind, Server};

use super::{document::Document, world::fresh};
use acts::ACTS;
use sight::Sight;
use stage::Stage;

/// Stands in everything that the rival and those who deal with it write. No word of ours holds it, and no id can: their
/// alphabet has no `u`.
const MARK: &str = "zuzulo";

/// What happens: which act, at which customer.
fn stories() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0..ACTS.len(), 0..3_usize), 30..55)
}

/// Plays a story and looks; what kinds of things have happened to the rival in it.
fn play(server: &Server, document: &Document, story: &[(usize, usize)]) -> Result<BTreeSet<String>, TestCaseError> {
    let mut stage = Stage::new(server, fresh());
    for (act, customer) in story {
        (ACTS[*act])(&mut stage, *customer);
    }
    let sight = Sight::of(&stage, document);
    let leaks = sight.leaks(&stage);
    prop_assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks[..leaks.len().min(10)].join("\n"));
    println!("{} answers were searched for {} secrets", sight.asked(), sight.secrets());
    let events = stage.rival.admin.all_events();
    Ok(events.iter().filter_map(|event| event["type"].as_str()).map(str::to_owned).collect())
}

fn check(database: DatabaseKind) {
    let server = super::world::start(database);
    let document = Document::of(&server.client());
    let happened = RefCell::new(BTreeSet::new());
    // The same stories each time. PROPTEST_CASES and PROPTEST_RNG_SEED go further.
    let mut config = Config { failure_persistence: None, max_shrink_iters: 20, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        (config.cases, config.rng_seed) = (3, RngSeed::Fixed(20_270_101));
    }
    proptest!(config, |(story in stories())| {
        happened.borrow_mut().extend(play(&server, &document, &story)?);
    });
    let happened = happened.into_inner();
    println!("{} kinds of things happened on {database:?}", happened.len());
    assert!(happened.len() > 20, "little happens in these stories: {happened:?}");
}

#[test]
fn nothing_that_a_partner_can_fetch_is_of_another_on_sqlite() {
    check(DatabaseKind::Sqlite);
}

#[test]
fn nothing_that_a_partner_can_fetch_is_of_another_on_postgres() {
    check(DatabaseKind::Postgres);
}
