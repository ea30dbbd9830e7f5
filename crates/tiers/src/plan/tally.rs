//! All partners counted: how many have each tier, and what that gives them. Pure.

use std::collections::BTreeMap;

use programs::{ProgramDocument, TierBenefits};

use super::{
    benefits,
    ladder::{Ladders, same},
    model::{BenefitChange, BenefitEffect, Direction, Population},
};

/// The most effects that are told. There are fewer, unless tiers give hundreds of benefits in words.
const MOST_EFFECTS: usize = 1_000;

/// Both rules, to tell what a pair of tiers means.
pub(super) struct Rules<'a> {
    before: Option<&'a ProgramDocument>,
    after: &'a ProgramDocument,
    ladders: Ladders<'a>,
}

/// What a partner has: a tier by the rules in force, and one by the candidate.
pub(super) type Pair = (Option<String>, Option<String>);

impl<'a> Rules<'a> {
    pub(super) fn new(before: Option<&'a ProgramDocument>, after: &'a ProgramDocument) -> Self {
        let ladder = |document: &'a ProgramDocument| document.tiers.iter().map(|tier| tier.name.as_str()).collect();
        let ladders = Ladders::new(before.map(ladder).unwrap_or_default(), ladder(after));
        Self { before, after, ladders }
    }

    pub(super) fn direction(&self, pair: &Pair) -> Option<Direction> {
        self.ladders.direction(pair.0.as_deref(), pair.1.as_deref())
    }

    /// What a partner wins and loses with a tier by the rules in force and one by the candidate.
    pub(super) fn benefits(&self, pair: &Pair) -> Vec<BenefitChange> {
        let before = self.before.and_then(|rules| gives(rules, pair.0.as_deref()));
        benefits::changes(before, gives(self.after, pair.1.as_deref()))
    }

    /// Whether who holds a tier would get other days of protection by the candidate.
    pub(super) fn changes_protection(&self, held: &str) -> bool {
        let days = |rules: &ProgramDocument| rules.tier(held).map(|tier| tier.benefits.protection_days);
        self.before.and_then(days) != days(self.after)
    }
}

fn gives<'a>(rules: &'a ProgramDocument, tier: Option<&str>) -> Option<&'a TierBenefits> {
    tier.and_then(|tier| rules.tier(tier)).map(|tier| &tier.benefits)
}

/// Counts partners by what they hold and meet.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) enrollments: u32,
    pub(super) up: u32,
    pub(super) down: u32,
    pub(super) aside: u32,
    held: BTreeMap<String, u32>,
    pairs: BTreeMap<Pair, u32>,
}

impl Tally {
    /// Counts one, and tells which way it goes.
    pub(super) fn add(&mut self, rules: &Rules, held: &str, pair: &Pair) -> Option<Direction> {
        self.enrollments += 1;
        *self.held.entry(held.to_owned()).or_default() += 1;
        *self.pairs.entry(pair.clone()).or_default() += 1;
        let direction = rules.direction(pair);
        match direction {
            Some(Direction::Up) => self.up += 1,
            Some(Direction::Down) => self.down += 1,
            Some(Direction::Aside) => self.aside += 1,
            None => {}
        }
        direction
    }

    /// How many have each tier: of both ladders, of neither, and none.
    pub(super) fn populations(&self, rules: &Rules) -> Vec<Population> {
        let row = |tier: Option<&str>| Population { tier: tier.map(str::to_owned), held: 0, before: 0, after: 0 };
        let mut rows: Vec<Population> = rules.ladders.merged().into_iter().map(|tier| row(Some(tier))).collect();
        let mut count = |tier: Option<&str>, add: &dyn Fn(&mut Population)| {
            let is_it = |row: &Population| match (row.tier.as_deref(), tier) {
                (Some(one), Some(other)) => same(one, other),
                (one, other) => one == other,
            };
            match rows.iter_mut().find(|row| is_it(row)) {
                Some(found) => add(found),
                None => {
                    let mut new = row(tier);
                    add(&mut new);
                    rows.push(new);
                }
            }
        };
        for (tier, times) in &self.held {
            count(Some(tier), &|row| row.held += times);
        }
        for ((before, after), times) in &self.pairs {
            count(before.as_deref(), &|row| row.before += times);
            count(after.as_deref(), &|row| row.after += times);
        }
        rows.sort_by_key(|row| row.tier.is_none());
        rows
    }

    /// What is won and lost by how many for the tier that they hold, as soon as the candidate holds.
    pub(super) fn at_once(&self, rules: &Rules) -> Vec<BenefitEffect> {
        let pairs = self.held.iter().map(|(held, times)| ((Some(held.clone()), Some(held.clone())), *times));
        effects(rules, pairs)
    }

    /// What is won and lost by how many who would meet another tier.
    pub(super) fn of_moves(&self, rules: &Rules) -> Vec<BenefitEffect> {
        let moves = self.pairs.iter().filter(|(pair, _)| rules.direction(pair).is_some());
        effects(rules, moves.map(|(pair, times)| (pair.clone(), *times)))
    }

    /// How many hold a tier with other days of protection.
    pub(super) fn protection_changed(&self, rules: &Rules) -> u32 {
        self.held.iter().filter(|(held, _)| rules.changes_protection(held)).map(|(_, times)| times).sum()
    }
}

/// What pairs of tiers mean, what is lost first.
fn effects(rules: &Rules, pairs: impl Iterator<Item = (Pair, u32)>) -> Vec<BenefitEffect> {
    let mut effects = Vec::new();
    for ((tier_before, tier_after), enrollments) in pairs {
        let pair = (tier_before, tier_after);
        effects.extend(rules.benefits(&pair).into_iter().map(|change| BenefitEffect {
            tier_before: pair.0.clone(),
            tier_after: pair.1.clone(),
            change,
            enrollments,
        }));
    }
    effects.sort_by_key(|effect| effect.change.effect);
    effects.truncate(MOST_EFFECTS);
    effects
}
