//! The pure core, by example and by property.

use programs::{ProgramDocument, Rules};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    because::because,
    benefits,
    ladder::Ladders,
    model::{BenefitEffect, Direction, Effect, Population, Side},
    tally::{self, Pair, Tally},
};

/// A ladder by revenue: each tier with its threshold, and days of protection.
fn rules(tiers: &[(&str, u32, u16)]) -> Rules {
    let tier = |(name, least, days): &(&str, u32, u16)| {
        let mut tier = json!({"name": name, "benefits": {"protection_days": days}});
        if *least > 0 {
            tier["requires"] = json!({"all": [{"metric": "revenue", "at_least": least}, "accepted"]});
        }
        tier
    };
    let document = json!({
        "slug": "p", "name": "P",
        "facts": {
            "revenue": {"type": "number", "unit": "EUR", "default": 0},
            "accepted": {"type": "boolean", "default": true}
        },
        "tiers": tiers.iter().map(tier).collect::<Vec<_>>(),
    });
    compiled(document)
}

fn compiled(document: Value) -> Rules {
    let document: ProgramDocument = serde_json::from_value(document).unwrap();
    let digest = programs::version::digest(&document).unwrap();
    Rules::new(document, 1, digest).unwrap()
}

fn met(rules: &Rules, facts: &Value) -> Option<String> {
    let facts = rules.compiled.read_facts(facts).unwrap();
    rules.compiled.evaluate(&facts, day()).tier().map(str::to_owned)
}

fn day() -> chrono::NaiveDate {
    "2026-12-31".parse().unwrap()
}

fn pair(before: &Rules, after: &Rules, revenue: u32) -> Pair {
    let facts = json!({"revenue": revenue});
    (met(before, &facts), met(after, &facts))
}

fn counted(before: &Rules, after: &Rules, revenues: &[u32]) -> (Tally, Vec<Population>) {
    let both = tally::Rules::new(Some(&before.document), &after.document);
    let mut tally = Tally::default();
    for revenue in revenues {
        tally.add(&both, "Silver", &pair(before, after, *revenue));
    }
    let populations = tally.populations(&both);
    (tally, populations)
}

fn named(name: Option<&str>, held: u32, before: u32, after: u32) -> Population {
    Population { tier: name.map(str::to_owned), held, before, after }
}

const BASE: &[(&str, u32, u16)] = &[("Registered", 0, 30), ("Silver", 50, 60), ("Gold", 100, 90)];

#[test]
fn a_threshold_that_rises_costs_a_tier_and_its_benefits() {
    let (before, after) = (rules(BASE), rules(&[("Registered", 0, 30), ("Silver", 50, 60), ("Gold", 120, 120)]));
    let (tally, populations) = counted(&before, &after, &[0, 60, 100, 110, 120, 500]);
    assert_eq!((tally.enrollments, tally.up, tally.down, tally.aside), (6, 0, 2, 0));
    let wanted = [named(Some("Registered"), 0, 1, 1), named(Some("Silver"), 6, 1, 3), named(Some("Gold"), 0, 4, 2)];
    assert_eq!(populations, wanted);
    let both = tally::Rules::new(Some(&before.document), &after.document);
    let told = |effects: Vec<BenefitEffect>| -> Vec<(Option<Value>, Option<Value>, Effect, u32)> {
        effects.into_iter().map(|it| (it.change.before, it.change.after, it.change.effect, it.enrollments)).collect()
    };
    // All of them hold Silver, for which nothing changes.
    assert_eq!(told(tally.at_once(&both)), []);
    assert_eq!(told(tally.of_moves(&both)), [(Some(json!(90)), Some(json!(60)), Effect::Loses, 2)]);
    let mut golden = Tally::default();
    golden.add(&both, "Gold", &pair(&before, &after, 500));
    assert_eq!(told(golden.at_once(&both)), [(Some(json!(90)), Some(json!(120)), Effect::Gains, 1)]);
    assert_eq!((tally.protection_changed(&both), golden.protection_changed(&both)), (0, 1));
}

#[test]
fn the_requirement_that_decides_is_told_with_its_gap() {
    let (before, after) = (rules(BASE), rules(&[("Registered", 0, 30), ("Silver", 50, 60), ("Gold", 120, 90)]));
    let explained = |rules: &Rules, facts: &Value| {
        let facts = rules.compiled.read_facts(facts).unwrap();
        rules.compiled.explain_tier("Gold", &facts, day()).unwrap()
    };
    let facts = json!({"revenue": 110});
    let (kept, lost) = (explained(&before, &facts), explained(&after, &facts));
    let found = because(Side::After, &lost, Some(&kept));
    let [only] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((only.rules, only.pointer.as_str()), (Side::After, "/tiers/2/requires/all/0"));
    assert_eq!((&only.value, &only.threshold), (&Some(json!(110)), &Some(json!(120))));
    assert_eq!((&only.gap, only.unit.as_deref()), (&Some(json!(10)), Some("EUR")));
    assert!(only.words.contains("10 EUR short"), "{}", only.words);
    // What neither rule has met decides nothing between them; where nothing else does, it is told.
    let facts = json!({"revenue": 110, "accepted": false});
    let found = because(Side::After, &explained(&after, &facts), Some(&explained(&before, &facts)));
    assert_eq!(found.iter().map(|it| it.pointer.as_str()).collect::<Vec<_>>(), ["/tiers/2/requires/all/0"]);
    let found = because(Side::After, &explained(&after, &facts), None);
    assert_eq!(found.len(), 2);
}

#[test]
fn tiers_that_come_and_go_keep_their_height() {
    let way = |before: &[&'static str], after: &[&'static str], from, to| {
        Ladders::new(before.to_vec(), after.to_vec()).direction(Some(from), Some(to))
    };
    let short = ["Registered", "Gold"];
    let long = ["Registered", "Silver", "Gold"];
    assert_eq!(way(&short, &long, "Registered", "Silver"), Some(Direction::Up));
    assert_eq!(way(&short, &long, "Gold", "Silver"), Some(Direction::Down));
    assert_eq!(way(&long, &short, "Silver", "Registered"), Some(Direction::Down));
    assert_eq!(way(&long, &long, "gold", "Gold"), None);
    // One of another name in the same place is neither higher nor lower; nor is what two ladders order differently.
    assert_eq!(way(&long, &["Registered", "Argent", "Gold"], "Silver", "Argent"), Some(Direction::Aside));
    assert_eq!(way(&["A", "B"], &["B", "A"], "A", "B"), Some(Direction::Aside));
    assert_eq!(Ladders::new(long.to_vec(), short.to_vec()).merged(), ["Registered", "Silver", "Gold"]);
    assert_eq!(Ladders::new(short.to_vec(), long.to_vec()).merged(), ["Registered", "Silver", "Gold"]);
}

#[test]
fn benefits_are_more_or_less_or_something_else() {
    let gives = |benefits: Value| serde_json::from_value(benefits).unwrap();
    let one =
        gives(json!({"margin_percent": 10, "support": "priority", "badge": "Silver", "other": {"events": "one"}}));
    let other = gives(json!({"margin_percent": "12.5", "leads": true, "badge": "Gold", "support": "standard"}));
    let told: Vec<(String, Effect)> =
        benefits::changes(Some(&one), Some(&other)).into_iter().map(|it| (it.benefit, it.effect)).collect();
    let wanted = [
        ("badge", Effect::Changes),
        ("leads", Effect::Gains),
        ("margin_percent", Effect::Gains),
        ("other.events", Effect::Loses),
        ("support", Effect::Loses),
    ];
    assert_eq!(told, wanted.map(|(name, effect)| (name.to_owned(), effect)));
    assert!(benefits::changes(Some(&one), Some(&one)).is_empty());
    assert!(benefits::changes(Some(&one), None).iter().all(|it| it.effect == Effect::Loses && it.after.is_none()));
}

#[test]
fn none_at_all_is_lower_than_any() {
    let none = rules(&[("Silver", 50, 60), ("Gold", 100, 90)]);
    let (tally, populations) = counted(&rules(BASE), &none, &[0, 0, 70]);
    assert_eq!((tally.down, tally.up), (2, 0));
    assert_eq!(populations.last(), Some(&named(None, 0, 0, 2)));
}

/// A ladder of some tiers, each a little higher than the one below.
fn ladder() -> impl Strategy<Value = Vec<(&'static str, u32, u16)>> {
    const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
    prop::collection::vec((0_usize..NAMES.len(), 1_u32..40, 1_u16..200), 1..6).prop_map(|steps| {
        let (mut tiers, mut least): (Vec<(&str, u32, u16)>, u32) = (Vec::new(), 0);
        for (name, step, days) in steps {
            if !tiers.iter().any(|(it, ..)| *it == NAMES[name]) {
                tiers.push((NAMES[name], least, days));
                least += step;
            }
        }
        tiers
    })
}

proptest! {
    #[test]
    fn the_same_rules_move_nobody(tiers in ladder(), revenues in prop::collection::vec(0_u32..200, 0..40)) {
        let rules = rules(&tiers);
        let (tally, populations) = counted(&rules, &rules, &revenues);
        prop_assert_eq!((tally.up, tally.down, tally.aside), (0, 0, 0));
        prop_assert!(populations.iter().all(|row| row.before == row.after));
        let both = tally::Rules::new(Some(&rules.document), &rules.document);
        prop_assert!(tally.at_once(&both).is_empty() && tally.of_moves(&both).is_empty());
    }

    #[test]
    fn populations_add_up_and_the_way_back_is_the_opposite(
        (one, other) in (ladder(), ladder()),
        revenues in prop::collection::vec(0_u32..200, 0..40),
    ) {
        let (one, other) = (rules(&one), rules(&other));
        let (there, populations) = counted(&one, &other, &revenues);
        let (back, reversed) = counted(&other, &one, &revenues);
        prop_assert_eq!((there.up, there.down, there.aside), (back.down, back.up, back.aside));
        let all = u32::try_from(revenues.len()).unwrap();
        prop_assert_eq!(populations.iter().map(|row| row.before).sum::<u32>(), all);
        prop_assert_eq!(populations.iter().map(|row| row.after).sum::<u32>(), all);
        prop_assert_eq!(populations.iter().map(|row| row.held).sum::<u32>(), all);
        for row in &populations {
            let other = reversed.iter().find(|it| it.tier == row.tier).map_or((0, 0), |it| (it.before, it.after));
            prop_assert_eq!((row.after, row.before), other);
        }
        // Who moves has a reason wherever the refusing rules have the tier.
        let both = tally::Rules::new(Some(&one.document), &other.document);
        for revenue in revenues {
            let pair = pair(&one, &other, revenue);
            let lost = pair.0.as_deref().filter(|_| both.direction(&pair) == Some(Direction::Down));
            let facts = json!({"revenue": revenue});
            let explain = |rules: &Rules, tier: &str| {
                let facts = rules.compiled.read_facts(&facts).unwrap();
                rules.compiled.explain_tier(tier, &facts, day())
            };
            if let Some((refused, tier)) = lost.and_then(|tier| Some((explain(&other, tier)?, tier)))
                && refused.outcome == Some(rules::Met::NotMet)
            {
                prop_assert!(!because(Side::After, &refused, explain(&one, tier).as_ref()).is_empty());
            }
        }
    }
}
