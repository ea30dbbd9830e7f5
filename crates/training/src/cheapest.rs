//! The cheapest set of people and what they learn that closes gaps of certified people. Pure: no clock, no database.
//!
//! Time is what is counted: the minutes of every course and exam that somebody still needs, once for each person, however
//! many certifications rest on it. The answer is exact as long as at most [`EXACT_GAPS`] requirements are open, a
//! certification has at most [`MOST_WAYS`] ways that none replaces, and choosing takes at most [`EXACT_STEPS`] steps;
//! beyond, it is a good one with a bound below which none can lie.

mod choose;
mod ways;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use rules::book::{AtLeastOf, Group, Rule};

use crate::catalogue::Catalogue;
use choose::choose;
use ways::Ways;

/// How many minutes a course or an exam counts whose duration the catalogue does not say.
pub const USUAL_MINUTES: u32 = 60;
/// How many open requirements are solved exactly.
pub const EXACT_GAPS: usize = 6;
/// How many ways to a certification are looked at.
pub const MOST_WAYS: usize = 64;
/// How many steps choosing may take to be exact: numbers still missing, times people who come into question, times the
/// sets of requirements that each could meet.
pub const EXACT_STEPS: usize = 10_000_000;

/// What is to be held by how many people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// How many people are missing.
    pub missing: usize,
    /// The certifications, by slug.
    pub certifications: Vec<String>,
    /// Whether each person has to hold all of them; one is enough otherwise.
    pub all: bool,
}

/// Somebody who can learn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learner {
    /// The certifications that they hold, by their places in the market.
    pub held: BTreeSet<usize>,
    /// What they have begun of those that they do not hold; nothing of those that are left out.
    pub begun: Vec<(usize, Begun)>,
}

/// What somebody has done towards a certification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Begun {
    /// Whether they can renew it, which may take less.
    pub renewing: bool,
    /// What counts already, by its places in the market.
    pub done: BTreeSet<usize>,
}

/// What there is to be learned, as far as some certifications rest on it. Courses, exams and certifications have places.
#[derive(Debug, Default)]
pub struct Market {
    slugs: Vec<String>,
    places: HashMap<String, usize>,
    things: Vec<Thing>,
}

/// A course, an exam or a certification.
#[derive(Debug)]
enum Thing {
    /// A course or an exam, with its minutes; without, nobody can take it any more.
    Item(Option<u32>),
    /// A certification with what it takes, and what to renew it; without, it is not awarded any more.
    Certification { award: Option<Tree>, renewal: Option<Tree>, prerequisites: Vec<usize> },
}

/// A rule over places.
#[derive(Debug)]
enum Tree {
    Is(usize),
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    AtLeast(usize, Vec<Tree>),
}

/// Who learns what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The learner, by place.
    pub learner: usize,
    /// The courses and exams that they still need, by places in the market.
    pub items: Vec<usize>,
    /// The certifications that they then hold besides, by places in the market.
    pub certifications: Vec<usize>,
    /// How many minutes it takes.
    pub minutes: u64,
}

/// The cheapest set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cheapest {
    /// Who learns what, in the order of learners.
    pub steps: Vec<Step>,
    /// How many minutes all of it takes.
    pub minutes: u64,
    /// Below this no set can lie.
    pub lower_bound_minutes: u64,
    /// Whether no set is cheaper.
    pub exact: bool,
    /// For each requirement, how many people it needs besides all who can learn.
    pub lacking: Vec<usize>,
}

impl Market {
    /// Everything that these certifications rest on, on a day. What `is_offered` refuses cannot be taken or earned.
    pub fn new<'s>(
        catalogue: &Catalogue,
        certifications: impl IntoIterator<Item = &'s str>,
        day: NaiveDate,
        is_offered: impl Fn(&str) -> bool,
    ) -> Self {
        let mut market = Self::default();
        let mut open: Vec<&str> = certifications.into_iter().collect();
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        while let Some(slug) = open.pop() {
            if let Some((entry, requirements)) = catalogue.certification(slug).filter(|_| wanted.insert(slug)) {
                let renewal = requirements.renewal.iter().flat_map(|renewal| renewal.names());
                let names = requirements.award.names().iter().chain(renewal).chain(&entry.prerequisites);
                open.extend(names.map(String::as_str));
            } else {
                wanted.insert(slug);
            }
        }
        // Each after what it rests on.
        let order: HashMap<&str, usize> = catalogue.in_order().enumerate().map(|(at, slug)| (slug, at)).collect();
        let mut slugs: Vec<&str> = wanted.into_iter().collect();
        slugs.sort_by_key(|slug| order.get(slug).map_or(0, |at| at + 1));
        for slug in slugs {
            let is_current =
                |retired: Option<NaiveDate>| retired.is_none_or(|retired| day < retired) && is_offered(slug);
            let thing = match (catalogue.item(slug), catalogue.certification(slug)) {
                (Some(item), _) => {
                    let minutes = item.duration_minutes().unwrap_or(USUAL_MINUTES);
                    Thing::Item(Some(minutes).filter(|_| is_current(item.retired_on())))
                }
                (None, Some((entry, _))) if is_current(entry.retired_on) => {
                    let shorter = entry.renewal.as_ref().map(|it| it.requires.as_ref().unwrap_or(&entry.requires));
                    let place = |slug: &String| market.places.get(slug).copied();
                    Thing::Certification {
                        award: market.tree(&entry.requires),
                        renewal: shorter.and_then(|rule| market.tree(rule)),
                        prerequisites: entry.prerequisites.iter().filter_map(place).collect(),
                    }
                }
                _ => Thing::Certification { award: None, renewal: None, prerequisites: Vec::new() },
            };
            market.places.insert(slug.to_owned(), market.slugs.len());
            market.slugs.push(slug.to_owned());
            market.things.push(thing);
        }
        market
    }

    /// The place of a course, an exam or a certification.
    pub fn place(&self, slug: &str) -> Option<usize> {
        self.places.get(slug).copied()
    }

    /// What stands at a place.
    pub fn slug(&self, place: usize) -> &str {
        self.slugs.get(place).map_or("", String::as_str)
    }

    /// The slugs, by place.
    pub fn slugs(&self) -> &[String] {
        &self.slugs
    }

    /// The places of courses and exams.
    pub fn items(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.things.len()).filter(|place| !self.is_certification(*place))
    }

    /// The places of certifications, each after those that it rests on.
    pub fn certifications(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.things.len()).filter(|place| self.is_certification(*place))
    }

    /// The places that the rule of a certification speaks of.
    pub fn names(&self, place: usize, renewing: bool) -> BTreeSet<usize> {
        let mut names = BTreeSet::new();
        if let Some(Thing::Certification { award, renewal, .. }) = self.things.get(place)
            && let Some(tree) = if renewing { renewal } else { award }
        {
            tree.collect(&mut names);
        }
        names
    }

    /// Whether a place is that of a certification.
    pub fn is_certification(&self, place: usize) -> bool {
        matches!(self.things.get(place), Some(Thing::Certification { .. }))
    }

    /// How many minutes a course or an exam takes.
    pub fn minutes(&self, place: usize) -> u32 {
        match self.things.get(place) {
            Some(Thing::Item(minutes)) => minutes.unwrap_or(0),
            _ => 0,
        }
    }

    /// A rule over slugs as one over places; nothing for what rules of a catalogue cannot say.
    fn tree(&self, rule: &Rule) -> Option<Tree> {
        let several = |rules: &[Rule]| rules.iter().map(|rule| self.tree(rule)).collect::<Option<Vec<_>>>();
        match rule {
            Rule::Name(slug) => self.place(slug).map(Tree::Is),
            Rule::Always(_) | Rule::Comparison(_) => None,
            Rule::Group(group) => Some(match &**group {
                Group::All(rules) => Tree::All(several(rules)?),
                Group::Any(rules) => Tree::Any(several(rules)?),
                Group::None(rules) => Tree::Not(Box::new(Tree::Any(several(rules)?))),
                Group::Not(rule) => Tree::Not(Box::new(self.tree(rule)?)),
                Group::AtLeastOf(AtLeastOf { count, of, including }) => {
                    let least = Tree::AtLeast(usize::from(*count), several(of)?);
                    match including {
                        Some(rule) => Tree::All(vec![least, self.tree(rule)?]),
                        None => least,
                    }
                }
                Group::Contains(_) | Group::EveryComponent(_) => return None,
            }),
        }
    }
}

impl Tree {
    fn collect(&self, names: &mut BTreeSet<usize>) {
        match self {
            Self::Is(place) => drop(names.insert(*place)),
            Self::Not(tree) => tree.collect(names),
            Self::All(trees) | Self::Any(trees) | Self::AtLeast(_, trees) => {
                trees.iter().for_each(|tree| tree.collect(names));
            }
        }
    }
}

/// The cheapest set of people and what they learn by which everything that is wanted is held.
pub fn cheapest(market: &Market, learners: &[Learner], wanted: &[Wanted]) -> Cheapest {
    let open: Vec<usize> = (0..wanted.len()).filter(|at| wanted.get(*at).is_some_and(|it| it.missing > 0)).collect();
    let mut found = Cheapest { exact: true, lacking: vec![0; wanted.len()], ..Cheapest::default() };
    if open.is_empty() {
        return found;
    }
    let mut ways = Ways::new(market, open.iter().filter_map(|at| wanted.get(*at)).collect());
    let kinds = ways.kinds(learners);
    let asked = |at: &usize| wanted.get(*at).map_or(0, |it| it.missing);
    let able = |nth| kinds.iter().filter(|kind| kind.can(nth)).map(|kind| kind.learners.len()).sum::<usize>();
    let missing: Vec<usize> = open.iter().enumerate().map(|(nth, at)| asked(at).min(able(nth))).collect();
    let chosen = choose(&ways, &kinds, &missing);
    found.minutes = chosen.steps.iter().map(|step| step.minutes).sum();
    found.lower_bound_minutes = chosen.lower_bound.min(found.minutes);
    // One requirement may forbid what another needs: then more are lacking than those who cannot.
    let closes = chosen.met.iter().zip(&missing).all(|(met, missing)| met >= missing);
    found.exact = closes && found.minutes == found.lower_bound_minutes;
    for (at, met) in open.iter().zip(&chosen.met) {
        if let Some(lacking) = found.lacking.get_mut(*at) {
            *lacking = asked(at).saturating_sub(*met);
        }
    }
    found.steps = chosen.steps;
    found
}
