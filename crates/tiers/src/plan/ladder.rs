//! Two ladders beside each other. Pure.

use std::cmp::Ordering;

use super::model::Direction;

/// The tiers of the rules in force and of a candidate, by name, lowest first.
#[derive(Debug, Clone)]
pub(super) struct Ladders<'a> {
    before: Vec<&'a str>,
    after: Vec<&'a str>,
}

impl<'a> Ladders<'a> {
    pub(super) fn new(before: Vec<&'a str>, after: Vec<&'a str>) -> Self {
        Self { before, after }
    }

    /// Which way it is from a tier of the one ladder to a tier of the other; `None` for nowhere. The way back is the
    /// opposite one if the ladders are exchanged.
    pub(super) fn direction(&self, from: Option<&str>, to: Option<&str>) -> Option<Direction> {
        let way = match (from, to) {
            (None, None) => return None,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(from), Some(to)) if same(from, to) => return None,
            (Some(from), Some(to)) => self.compare(from, to),
        };
        Some(match way {
            Ordering::Less => Direction::Up,
            Ordering::Greater => Direction::Down,
            Ordering::Equal => Direction::Aside,
        })
    }

    /// A ladder that has both tells which is higher; if both ladders have both and differ, neither is. Otherwise the
    /// one is higher that has more of the common tiers below it.
    fn compare(&self, from: &str, to: &str) -> Ordering {
        let on = |ladder: &[&str]| Some(place(ladder, from)?.cmp(&place(ladder, to)?));
        match (on(&self.before), on(&self.after)) {
            (Some(one), Some(other)) if one != other => Ordering::Equal,
            (Some(one), _) | (_, Some(one)) => one,
            (None, None) => {
                common_below(&self.before, from, &self.after).cmp(&common_below(&self.after, to, &self.before))
            }
        }
    }

    /// Every tier once, lowest first: the candidate's, and each that it has no more above the one that was below it.
    pub(super) fn merged(&self) -> Vec<&'a str> {
        let mut all = self.after.clone();
        for (at, tier) in self.before.iter().enumerate().filter(|(_, tier)| place(&self.after, tier).is_none()) {
            let below = at.checked_sub(1).and_then(|at| self.before.get(at)).and_then(|below| place(&all, below));
            all.insert(below.map_or(0, |below| below + 1), tier);
        }
        all
    }
}

/// Tiers are called the same whatever their capitals.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

pub(super) fn place(ladder: &[&str], tier: &str) -> Option<usize> {
    ladder.iter().position(|it| same(it, tier))
}

/// How many tiers below this one the other ladder has too.
fn common_below(ladder: &[&str], tier: &str, other: &[&str]) -> usize {
    ladder.iter().take_while(|it| !same(it, tier)).filter(|it| place(other, it).is_some()).count()
}
