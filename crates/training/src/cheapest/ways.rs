//! What somebody still has to learn to hold something: all the ways that none replaces.

use std::{cell::Cell, collections::BTreeMap, rc::Rc};

use super::{Begun, EXACT_GAPS, Learner, MOST_WAYS, Market, Step, Thing, Tree, Wanted};

/// A set of places.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Places(Vec<u64>);

impl Places {
    fn one(place: usize) -> Self {
        let mut places = Self(vec![0; place / 64 + 1]);
        if let Some(word) = places.0.last_mut() {
            *word = 1 << (place % 64);
        }
        places
    }

    fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word & (1 << (place % 64)) != 0)
    }

    pub fn and(&self, other: &Self) -> Self {
        let (long, short) = if self.0.len() < other.0.len() { (other, self) } else { (self, other) };
        let mut all = long.0.clone();
        all.iter_mut().zip(&short.0).for_each(|(word, more)| *word |= more);
        Self(all)
    }

    /// Whether the other has all of these.
    pub fn within(&self, other: &Self) -> bool {
        self.0.iter().enumerate().all(|(at, word)| word & !other.0.get(at).copied().unwrap_or(0) == 0)
    }

    fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let bits = |word: u64| (0..64).filter(move |bit| word & (1 << bit) != 0);
        self.0.iter().enumerate().flat_map(move |(at, word)| bits(*word).map(move |bit| at * 64 + bit))
    }
}

/// Learners who are alike: they hold the same, and have begun the same.
pub(super) struct Kind {
    pub learners: Vec<usize>,
    pub profile: Profile,
    /// The ways to each requirement; nothing for those that they meet already.
    pub single: Vec<Option<Rc<[Places]>>>,
    /// For each set of requirements that they can meet together, as bits: how many minutes it takes, and what.
    pub options: Vec<(usize, u64, Places)>,
    /// Below how many minutes none of each requirement's ways can lie.
    pub floors: Vec<Option<u64>>,
}

impl Kind {
    /// Whether they can meet a requirement that they do not meet yet.
    pub fn can(&self, requirement: usize) -> bool {
        self.single.get(requirement).is_some_and(|ways| ways.as_ref().is_some_and(|ways| !ways.is_empty()))
    }
}

/// What somebody holds and has begun, by place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Profile(Vec<State>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Held,
    Begun(Begun),
}

/// The ways of a market to some requirements.
pub(super) struct Ways<'m> {
    pub market: &'m Market,
    /// Each requirement: its certifications, and whether all are needed.
    wanted: Vec<(Vec<usize>, bool)>,
    /// Whether some ways were left out.
    cut: Cell<bool>,
}

type Found = BTreeMap<usize, Rc<[Places]>>;

impl<'m> Ways<'m> {
    pub fn new(market: &'m Market, wanted: Vec<&Wanted>) -> Self {
        let places = |it: &&Wanted| {
            let known: Vec<usize> = it.certifications.iter().filter_map(|slug| market.place(slug)).collect();
            // All of several of which there is not one cannot be held by anybody.
            let known = if it.all && known.len() < it.certifications.len() { Vec::new() } else { known };
            (known, it.all)
        };
        Self { market, wanted: wanted.iter().map(places).collect(), cut: Cell::new(false) }
    }

    /// The learners by what they hold and have begun, in the order of the first of each.
    pub fn kinds(&mut self, learners: &[Learner]) -> Vec<Kind> {
        let mut alike: BTreeMap<Profile, Vec<usize>> = BTreeMap::new();
        for (at, learner) in learners.iter().enumerate() {
            alike.entry(self.profile(learner)).or_default().push(at);
        }
        let mut kinds: Vec<Kind> = alike.into_iter().map(|(profile, learners)| self.kind(profile, learners)).collect();
        kinds.sort_by_key(|kind| kind.learners.first().copied());
        kinds
    }

    fn profile(&self, learner: &Learner) -> Profile {
        let begun: BTreeMap<usize, &Begun> = learner.begun.iter().map(|(place, begun)| (*place, begun)).collect();
        let state = |place: usize| {
            if learner.held.contains(&place) {
                return State::Held;
            }
            State::Begun(begun.get(&place).map(|begun| (*begun).clone()).unwrap_or_default())
        };
        Profile((0..self.market.things.len()).map(state).collect())
    }

    fn kind(&self, profile: Profile, learners: Vec<usize>) -> Kind {
        let before = self.cut.replace(false);
        let (mut found, mut single) = (Found::new(), Vec::with_capacity(self.wanted.len()));
        for (places, all) in &self.wanted {
            let held = |place: &usize| matches!(profile.0.get(*place), Some(State::Held));
            let meets = !places.is_empty() && if *all { places.iter().all(held) } else { places.iter().any(held) };
            let mut ways = if *all && !places.is_empty() { vec![Places::default()] } else { Vec::new() };
            for place in places.iter().filter(|_| !meets) {
                let more = self.to(*place, &profile, &mut found);
                ways = if *all {
                    self.both(&ways, &more)
                } else {
                    self.pruned(ways.into_iter().chain(more.iter().cloned()))
                };
            }
            single.push((!meets).then(|| Rc::from(ways)));
        }
        let options = if self.wanted.len() <= EXACT_GAPS { self.options(&single, &profile) } else { Vec::new() };
        let is_cut = self.cut.get();
        let floor = |nth: usize, ways: &Option<Rc<[Places]>>| {
            let least = ways.as_ref()?.iter().map(|way| self.minutes(way)).min()?;
            Some(if is_cut { self.floor_of(nth, &profile).min(least) } else { least })
        };
        let floors = single.iter().enumerate().map(|(nth, ways)| floor(nth, ways)).collect();
        self.cut.set(before || is_cut);
        Kind { learners, profile, single, options, floors }
    }

    /// Whether some ways were left out.
    pub fn is_cut(&self) -> bool {
        self.cut.get()
    }

    /// For each set of requirements, the cheapest way to all of them; none that a greater set has for the same.
    fn options(&self, single: &[Option<Rc<[Places]>>], profile: &Profile) -> Vec<(usize, u64, Places)> {
        let mut all: Vec<Vec<Places>> = vec![vec![Places::default()]];
        let mut cheapest: Vec<(usize, u64, Places)> = Vec::new();
        for mask in 1..1_usize << single.len() {
            let last = mask.ilog2() as usize;
            let own = single.get(last).and_then(Option::as_ref);
            let rest = all.get(mask & !(1 << last)).map_or(&[] as &[Places], Vec::as_slice);
            let ways = own.map_or_else(Vec::new, |own| self.both(rest, own));
            let fits = |way: &&Places| self.meets(mask, way, profile);
            let best = ways.iter().filter(fits).map(|way| (self.minutes(way), way)).min();
            cheapest.extend(best.map(|(minutes, way)| (mask, minutes, way.clone())));
            all.push(ways);
        }
        let beaten = |one: &(usize, u64, Places)| {
            cheapest.iter().any(|other| other.0 != one.0 && other.0 & one.0 == one.0 && other.1 <= one.1)
        };
        cheapest.iter().filter(|one| !beaten(one)).cloned().collect()
    }

    /// How many minutes a way takes.
    pub fn minutes(&self, way: &Places) -> u64 {
        way.iter().map(|place| u64::from(self.market.minutes(place))).sum()
    }

    /// What somebody does who goes a way.
    pub fn step(&self, learner: usize, profile: &Profile, way: &Places) -> Step {
        let new = |place: &usize| {
            self.market.is_certification(*place)
                && !matches!(profile.0.get(*place), Some(State::Held))
                && self.has(*place, way, profile)
        };
        Step {
            learner,
            items: way.iter().collect(),
            certifications: (0..self.market.things.len()).filter(new).collect(),
            minutes: self.minutes(way),
        }
    }

    /// Whether each of these requirements is met by somebody who goes a way.
    pub fn meets(&self, mask: usize, way: &Places, profile: &Profile) -> bool {
        let met = |(places, all): &(Vec<usize>, bool)| {
            let has = |place: &usize| self.has(*place, way, profile);
            if *all { places.iter().all(has) } else { places.iter().any(has) }
        };
        self.wanted.iter().enumerate().all(|(nth, wanted)| mask & (1 << nth) == 0 || met(wanted))
    }

    /// Whether a certification is held by somebody who goes a way.
    fn has(&self, place: usize, way: &Places, profile: &Profile) -> bool {
        let (Some(Thing::Certification { award, renewal, prerequisites }), Some(state)) =
            (self.market.things.get(place), profile.0.get(place))
        else {
            return false;
        };
        let State::Begun(begun) = state else { return true };
        let tree = if begun.renewing { renewal } else { award };
        tree.as_ref().is_some_and(|tree| self.is_met(tree, begun, way, profile))
            && prerequisites.iter().all(|place| self.has(*place, way, profile))
    }

    fn is_met(&self, tree: &Tree, begun: &Begun, way: &Places, profile: &Profile) -> bool {
        let met = |tree: &Tree| self.is_met(tree, begun, way, profile);
        match tree {
            Tree::Is(place) => begun.done.contains(place) || way.has(*place) || self.is_earned(*place, way, profile),
            Tree::All(trees) => trees.iter().all(met),
            Tree::Any(trees) => trees.iter().any(met),
            Tree::Not(tree) => !met(tree),
            Tree::AtLeast(count, trees) => trees.iter().filter(|tree| met(tree)).count() >= *count,
        }
    }

    /// Whether a certification is awarded anew on the way: one that is held already was awarded before.
    fn is_earned(&self, place: usize, way: &Places, profile: &Profile) -> bool {
        !matches!(profile.0.get(place), Some(State::Held)) && self.has(place, way, profile)
    }

    /// The ways to hold a certification.
    fn to(&self, place: usize, profile: &Profile, found: &mut Found) -> Rc<[Places]> {
        if let Some(known) = found.get(&place) {
            return Rc::clone(known);
        }
        let ways = match (self.market.things.get(place), profile.0.get(place)) {
            (_, Some(State::Held)) => vec![Places::default()],
            (Some(Thing::Certification { award, renewal, prerequisites }), Some(State::Begun(begun))) => {
                let tree = if begun.renewing { renewal } else { award };
                let own = tree.as_ref().map_or_else(Vec::new, |tree| self.of(tree, begun, profile, found));
                prerequisites.iter().fold(own, |ways, other| {
                    let other = self.to(*other, profile, found);
                    self.both(&ways, &other)
                })
            }
            _ => Vec::new(),
        };
        let ways: Rc<[Places]> = ways.into();
        found.insert(place, Rc::clone(&ways));
        ways
    }

    fn of(&self, tree: &Tree, begun: &Begun, profile: &Profile, found: &mut Found) -> Vec<Places> {
        let nothing = || vec![Places::default()];
        match tree {
            Tree::Is(place) if begun.done.contains(place) => nothing(),
            Tree::Is(place) => match (self.market.things.get(*place), profile.0.get(*place)) {
                (Some(Thing::Item(Some(_))), _) => vec![Places::one(*place)],
                (Some(Thing::Certification { .. }), Some(State::Begun(_))) => self.to(*place, profile, found).to_vec(),
                _ => Vec::new(),
            },
            Tree::All(trees) => trees.iter().fold(nothing(), |ways, tree| {
                let more = self.of(tree, begun, profile, found);
                self.both(&ways, &more)
            }),
            Tree::Any(trees) => {
                let ways: Vec<Places> = trees.iter().flat_map(|tree| self.of(tree, begun, profile, found)).collect();
                self.pruned(ways)
            }
            // Learning more never helps.
            Tree::Not(tree) if self.is_met(tree, begun, &Places::default(), profile) => Vec::new(),
            Tree::Not(_) => nothing(),
            Tree::AtLeast(count, trees) => {
                // The ways to so many of those before.
                let mut some: Vec<Vec<Places>> = vec![Vec::new(); count + 1];
                if let Some(none) = some.first_mut() {
                    *none = nothing();
                }
                for tree in trees {
                    let own = self.of(tree, begun, profile, found);
                    for more in (1..=*count).rev() {
                        let with = some.get(more - 1).map_or_else(Vec::new, |fewer| self.both(fewer, &own));
                        if let Some(ways) = some.get_mut(more) {
                            *ways = self.pruned(std::mem::take(ways).into_iter().chain(with));
                        }
                    }
                }
                some.pop().unwrap_or_default()
            }
        }
    }

    /// One way and the other, of each.
    fn both(&self, ones: &[Places], others: &[Places]) -> Vec<Places> {
        self.pruned(ones.iter().flat_map(|one| others.iter().map(move |other| one.and(other))))
    }

    /// Without those that hold another; of too many, the cheapest.
    fn pruned(&self, ways: impl IntoIterator<Item = Places>) -> Vec<Places> {
        let mut ways: Vec<Places> = ways.into_iter().collect();
        ways.sort_by_cached_key(|way| (way.count(), way.clone()));
        let mut kept: Vec<Places> = Vec::new();
        for way in ways {
            if !kept.iter().any(|other| other.within(&way)) {
                kept.push(way);
            }
        }
        if kept.len() > MOST_WAYS {
            self.cut.set(true);
            kept.sort_by_cached_key(|way| (self.minutes(way), way.clone()));
            kept.truncate(MOST_WAYS);
        }
        kept
    }

    /// Below how many minutes no way to a requirement can lie, whatever was left out: of several that are needed the
    /// dearest, as they may share the rest.
    fn floor_of(&self, nth: usize, profile: &Profile) -> u64 {
        let Some((places, all)) = self.wanted.get(nth) else { return 0 };
        let floors = places.iter().map(|place| self.floor_to(*place, profile));
        if *all { floors.max().unwrap_or(0) } else { floors.min().unwrap_or(0) }
    }

    fn floor_to(&self, place: usize, profile: &Profile) -> u64 {
        match (self.market.things.get(place), profile.0.get(place)) {
            (Some(Thing::Certification { award, renewal, prerequisites }), Some(State::Begun(begun))) => {
                let tree = if begun.renewing { renewal } else { award };
                let own = tree.as_ref().map_or(u64::MAX, |tree| self.floor(tree, begun, profile));
                prerequisites.iter().map(|place| self.floor_to(*place, profile)).fold(own, u64::max)
            }
            _ => 0,
        }
    }

    fn floor(&self, tree: &Tree, begun: &Begun, profile: &Profile) -> u64 {
        let floors = |trees: &[Tree]| -> Vec<u64> {
            let mut all: Vec<u64> = trees.iter().map(|tree| self.floor(tree, begun, profile)).collect();
            all.sort_unstable();
            all
        };
        match tree {
            Tree::Is(place) if begun.done.contains(place) => 0,
            Tree::Is(place) if self.market.is_certification(*place) => self.floor_to(*place, profile),
            Tree::Is(place) => match self.market.things.get(*place) {
                Some(Thing::Item(Some(minutes))) => u64::from(*minutes),
                _ => u64::MAX,
            },
            Tree::All(trees) => floors(trees).last().copied().unwrap_or(0),
            Tree::Any(trees) => floors(trees).first().copied().unwrap_or(u64::MAX),
            Tree::Not(_) => 0,
            Tree::AtLeast(count, trees) => match count.checked_sub(1) {
                Some(last) => floors(trees).get(last).copied().unwrap_or(u64::MAX),
                None => 0,
            },
        }
    }
}
