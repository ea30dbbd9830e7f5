//! What a tier asks for in certified people: read of its explanation, with every way to meet it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rules::{CertificateRow, Explanation, Met, Number, PeopleCounted, Value};

/// How many ways to meet a tier are looked at.
const WAYS: usize = 64;
/// How deep an explanation is read.
const DEPTH: usize = 500;

/// A metric that counts people who hold certifications.
pub(super) struct Counted {
    /// What it is called.
    pub label: String,
    /// Where the document asks for it.
    pub pointer: String,
    /// How many people are needed; nothing where no number alone decides.
    pub required: Option<u64>,
    /// How many there are.
    pub held: u64,
    /// Whether it stands for the day that is asked about, so that it can be said who would make it met.
    pub is_of_day: bool,
    pub people: PeopleCounted,
}

impl Counted {
    /// How many people are missing.
    pub fn missing(&self) -> u64 {
        self.required.map_or(0, |required| required.saturating_sub(self.held))
    }

    /// Who holds which of the certifications on the day: whoever counts.
    pub fn by_person(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let asked: BTreeSet<&str> = self.people.certificates.iter().map(|slug| &**slug).collect();
        let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in self.people.rows().filter(|row| row.counts_on(self.people.day) && asked.contains(row.certificate)) {
            found.entry(row.person).or_default().insert(row.certificate);
        }
        found
    }
}

/// A way to meet a tier.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    /// Whether something else is missing too.
    pub others: bool,
    /// What is missing in certified people, by place among what is counted.
    pub gaps: BTreeSet<usize>,
}

impl Way {
    fn and(&self, other: &Self) -> Self {
        Self { others: self.others || other.others, gaps: self.gaps.union(&other.gaps).copied().collect() }
    }
}

/// What a tier asks for.
#[derive(Default)]
pub(super) struct Needs {
    pub counted: Vec<Counted>,
    /// Those that need nothing else first.
    pub ways: Vec<Way>,
}

impl Needs {
    /// Reads an explanation for a day; `people` says who is counted at a place of the document.
    pub fn of(told: &Explanation, at: NaiveDate, people: impl Fn(&str) -> Option<PeopleCounted>) -> Self {
        let mut finder = Finder { at, names: BTreeMap::new(), counted: Vec::new(), by_place: BTreeMap::new() };
        finder.index(told);
        finder.count(told, None, &people, 0);
        let mut ways = finder.ways(told, 0);
        ways.sort();
        Self { counted: finder.counted, ways }
    }

    /// Every certificate that is known, once.
    pub fn rows(&self) -> impl Iterator<Item = CertificateRow<'_>> {
        let is_new = |at: usize, one: &Counted| {
            !self.counted.iter().take(at).any(|before| before.people.is_of_same_rows(&one.people))
        };
        let distinct = self.counted.iter().enumerate().filter(move |(at, one)| is_new(*at, one));
        distinct.flat_map(|(_, counted)| counted.people.rows())
    }
}

struct Finder<'t> {
    at: NaiveDate,
    /// What names stand for is told where the name first comes up.
    names: BTreeMap<&'t str, &'t Explanation>,
    counted: Vec<Counted>,
    /// The places among what is counted, by where the document compares it.
    by_place: BTreeMap<String, usize>,
}

impl<'t> Finder<'t> {
    fn index(&mut self, told: &'t Explanation) {
        if told.construct == "name" && !told.children.is_empty() {
            self.names.entry(told.label.as_str()).or_insert(told);
        }
        told.children.iter().for_each(|child| self.index(child));
    }

    /// What a name stands for, what was taken of several, and so on.
    fn behind(&self, told: &'t Explanation, depth: usize) -> &'t Explanation {
        let named = || if told.children.is_empty() { self.names.get(told.label.as_str()).copied() } else { Some(told) };
        let next = match told.construct.as_str() {
            "name" => named().and_then(|it| it.children.first()),
            _ => told.taken(),
        };
        match next.filter(|_| depth < DEPTH) {
            Some(next) => self.behind(next, depth + 1),
            None => told,
        }
    }

    /// Everything that counts people, in the order of the explanation; `label` is the name that it was reached by.
    fn count(
        &mut self,
        told: &'t Explanation,
        label: Option<&'t str>,
        people: &impl Fn(&str) -> Option<PeopleCounted>,
        depth: usize,
    ) {
        if depth > DEPTH {
            return;
        }
        let about = told.children.first().filter(|_| told.threshold.is_some());
        let direct = about.map(|about| (about, self.behind(about, 0))).filter(|(_, it)| it.construct == "people");
        if let (Some((about, counts)), Some(required)) = (direct, needed(told))
            && let Some(found) = people(&counts.pointer)
        {
            let at = self.add(&about.label, &told.pointer, (Some(required), counts), found);
            self.by_place.insert(told.pointer.clone(), at);
            return;
        }
        let is_new = || !self.counted.iter().any(|it| it.pointer == told.pointer);
        if told.construct == "people"
            && is_new()
            && let Some(found) = people(&told.pointer)
        {
            self.add(label.unwrap_or(&told.label), &told.pointer, (None, told), found);
        }
        let label = if told.construct == "name" { Some(told.label.as_str()) } else { label };
        told.children.iter().for_each(|child| self.count(child, label, people, depth + 1));
    }

    fn add(
        &mut self,
        label: &str,
        pointer: &str,
        (required, counts): (Option<u64>, &Explanation),
        people: PeopleCounted,
    ) -> usize {
        let held = if let Value::Number(held) = &counts.value { whole(*held) } else { None };
        let is_of_day = people.day == self.at;
        let (label, pointer) = (label.to_owned(), pointer.to_owned());
        self.counted.push(Counted { label, pointer, required, held: held.unwrap_or(0), is_of_day, people });
        self.counted.len() - 1
    }

    /// The ways to meet a condition.
    fn ways(&self, told: &'t Explanation, depth: usize) -> Vec<Way> {
        let others = || vec![Way { others: true, ..Way::default() }];
        if told.outcome == Some(Met::Met) {
            return vec![Way::default()];
        }
        if depth > DEPTH {
            return others();
        }
        let way = |child: &'t Explanation| self.ways(child, depth + 1);
        let conditions = || told.children.iter().filter(|child| child.outcome.is_some());
        match told.construct.as_str() {
            "tier" | "all" => conditions().fold(vec![Way::default()], |ways, child| both(&ways, &way(child))),
            "any" => bounded(conditions().flat_map(way).collect()),
            "at_least_of" => self.some_of(told, depth),
            "name" => match self.behind(told, 0) {
                it if it.construct != "name" && it.outcome.is_some() => way(it),
                _ => others(),
            },
            _ => match self.by_place.get(&told.pointer) {
                Some(at) if self.counted.get(*at).is_some_and(|it| it.missing() > 0 && it.is_of_day) => {
                    vec![Way { others: false, gaps: BTreeSet::from([*at]) }]
                }
                _ => others(),
            },
        }
    }

    /// So many of several, and what must be met besides.
    fn some_of(&self, told: &'t Explanation, depth: usize) -> Vec<Way> {
        let Some(Value::Number(count)) = &told.threshold else { return Vec::new() };
        let needed = whole(*count).and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
        let including = format!("{}/including", told.pointer);
        let (besides, of): (Vec<_>, Vec<_>) = told.children.iter().partition(|child| child.pointer == including);
        let besides = besides.into_iter().fold(vec![Way::default()], |ways, it| both(&ways, &self.ways(it, depth + 1)));
        // The ways to so many of those before.
        let mut some: Vec<Vec<Way>> = vec![Vec::new(); needed.min(of.len()) + 1];
        if let Some(none) = some.first_mut() {
            none.push(Way::default());
        }
        for child in of {
            let own = self.ways(child, depth + 1);
            for more in (1..some.len()).rev() {
                let with = some.get(more - 1).map_or_else(Vec::new, |fewer| both(fewer, &own));
                if let Some(ways) = some.get_mut(more) {
                    ways.extend(with);
                    *ways = bounded(std::mem::take(ways));
                }
            }
        }
        both(&some.pop().unwrap_or_default(), &besides)
    }
}

fn both(ones: &[Way], others: &[Way]) -> Vec<Way> {
    bounded(ones.iter().flat_map(|one| others.iter().map(move |other| one.and(other))).collect())
}

/// Those that need nothing else, and little, first.
fn bounded(mut ways: Vec<Way>) -> Vec<Way> {
    ways.sort_by(|one, other| (one.others, one.gaps.len(), one).cmp(&(other.others, other.gaps.len(), other)));
    ways.dedup();
    ways.truncate(WAYS);
    ways
}

/// How many people a comparison asks for.
fn needed(told: &Explanation) -> Option<u64> {
    let Some(Value::Number(threshold)) = told.threshold else { return None };
    match told.construct.as_str() {
        "at_least" | "equals" | "is" => whole(threshold.negated().floor().negated()),
        "more_than" => whole(threshold.floor().plus(Number::ONE)?),
        _ => None,
    }
}

fn whole(number: Number) -> Option<u64> {
    u64::try_from(number.floor().to_i64()?).ok()
}
