//! Who learns what: chosen exactly where that can be done in a moment, one after the other where it cannot.

use super::{
    EXACT_GAPS, EXACT_STEPS, Step,
    ways::{Kind, Places, Ways},
};

/// What was chosen, and what cannot be undercut.
pub(super) struct Chosen {
    pub steps: Vec<Step>,
    pub lower_bound: u64,
    /// How many people meet each requirement by it.
    pub met: Vec<usize>,
}

/// Steps, and which requirements each meets, as flags.
type Taken = Vec<(Step, Vec<bool>)>;

/// Somebody who comes into question.
#[derive(Clone, Copy)]
struct Candidate<'k> {
    learner: usize,
    kind: &'k Kind,
}

/// Chooses so that of each requirement as many people as are missing meet it. There are as many who can.
pub(super) fn choose(ways: &Ways, kinds: &[Kind], missing: &[usize]) -> Chosen {
    let floor = (0..missing.len()).map(|nth| floor(kinds, nth, missing.get(nth).copied().unwrap_or(0))).max();
    let floor = floor.unwrap_or(0);
    let exact = if missing.len() <= EXACT_GAPS { exact(ways, kinds, missing) } else { None };
    let is_least = exact.is_some() && !ways.is_cut();
    let mut taken = exact.unwrap_or_else(|| one_by_one(ways, kinds, missing));
    taken.sort_by_key(|(step, _)| step.learner);
    let minutes = taken.iter().map(|(step, _)| step.minutes).sum();
    let met = |nth: usize| taken.iter().filter(|(_, met)| met.get(nth).copied().unwrap_or(false)).count();
    let met = (0..missing.len()).map(met).collect();
    let lower_bound = if is_least { minutes } else { floor };
    Chosen { steps: taken.into_iter().map(|(step, _)| step).collect(), lower_bound, met }
}

/// Each of those who are missing takes at least what the cheapest of all take for this requirement alone.
fn floor(kinds: &[Kind], nth: usize, missing: usize) -> u64 {
    let each = |kind: &Kind| Some((kind.floors.get(nth).copied().flatten()?, kind.learners.len()));
    let mut all: Vec<(u64, usize)> = kinds.iter().filter(|kind| kind.can(nth)).filter_map(each).collect();
    all.sort_unstable();
    let (mut sum, mut left) = (0_u64, missing);
    for (minutes, people) in all {
        let some = people.min(left);
        sum = sum.saturating_add(minutes.saturating_mul(u64::try_from(some).unwrap_or(u64::MAX)));
        left -= some;
    }
    sum
}

/// The cheapest choice: over those who come into question, the least for every number still missing. `None` where that
/// would take too long.
fn exact(ways: &Ways, kinds: &[Kind], missing: &[usize]) -> Option<Taken> {
    let needs = Needs::new(missing)?;
    let candidates = candidates(kinds, missing);
    let options: usize = candidates.iter().map(|one| one.kind.options.len()).sum();
    if needs.count.saturating_mul(options) > EXACT_STEPS || needs.count << missing.len() > EXACT_STEPS / 8 {
        return None;
    }
    let after = needs.after(missing.len());
    let mut least: Vec<Option<u64>> = vec![None; needs.count];
    if let Some(nothing) = least.first_mut() {
        *nothing = Some(0);
    }
    let mut taken: Vec<Vec<u8>> = Vec::with_capacity(candidates.len());
    for one in &candidates {
        let mut own = vec![0_u8; needs.count];
        // What is still missing afterwards stands further down, where this one is not counted in yet.
        for need in (1..needs.count).rev() {
            for (nth, (mask, minutes, _)) in (1_u8..).zip(&one.kind.options) {
                let rest = after.get((need << missing.len()) | mask).and_then(|rest| *least.get(*rest)?);
                let Some(sum) = rest.map(|rest| rest + minutes) else { continue };
                if let (Some(best), Some(own)) = (least.get_mut(need), own.get_mut(need))
                    && best.is_none_or(|best| sum < best)
                {
                    (*best, *own) = (Some(sum), nth);
                }
            }
        }
        taken.push(own);
    }
    let (mut need, mut steps) = (needs.count - 1, Vec::new());
    for (one, own) in candidates.iter().zip(&taken).rev() {
        let nth = own.get(need).copied().filter(|nth| *nth > 0);
        let Some((mask, _, way)) = nth.and_then(|nth| one.kind.options.get(usize::from(nth) - 1)) else { continue };
        need = after.get((need << missing.len()) | mask).copied().unwrap_or(0);
        let met = (0..missing.len()).map(|nth| mask & (1 << nth) != 0).collect();
        steps.push((ways.step(one.learner, &one.kind.profile, way), met));
    }
    (need == 0).then_some(steps)
}

/// Everybody who can be in a cheapest choice. At most as many learn as are missing in all: whoever is not among so many
/// cheapest of a set of requirements can be replaced by one of them.
fn candidates<'k>(kinds: &'k [Kind], missing: &[usize]) -> Vec<Candidate<'k>> {
    let most: usize = missing.iter().sum();
    let mut needed: Vec<usize> = vec![0; kinds.len()];
    for mask in 1..1_usize << missing.len() {
        let of = |(at, kind): (usize, &'k Kind)| {
            // A greater set for the same stands for this one.
            let fit = kind.options.iter().filter(|option| option.0 & mask == mask).map(|option| option.1);
            Some((fit.min()?, at))
        };
        let mut able: Vec<(u64, usize)> = kinds.iter().enumerate().filter_map(of).collect();
        able.sort_unstable();
        let mut left = most;
        for (_, at) in able {
            let people = kinds.get(at).map_or(0, |kind| kind.learners.len()).min(left);
            if let Some(needed) = needed.get_mut(at) {
                *needed = people.max(*needed);
            }
            left -= people;
        }
    }
    let of = |(kind, needed): (&'k Kind, &usize)| {
        kind.learners.iter().take(*needed).map(move |learner| Candidate { learner: *learner, kind }).collect::<Vec<_>>()
    };
    kinds.iter().zip(&needed).flat_map(of).collect()
}

/// How many are missing of each, as one number: 0 for nothing, the greatest for all.
struct Needs {
    sizes: Vec<usize>,
    count: usize,
}

impl Needs {
    fn new(missing: &[usize]) -> Option<Self> {
        let sizes: Vec<usize> = missing.iter().map(|missing| missing + 1).collect();
        let count = sizes.iter().try_fold(1_usize, |count, size| count.checked_mul(*size))?;
        (count <= EXACT_STEPS).then_some(Self { sizes, count })
    }

    /// What is missing after somebody meets some of them: by what is missing before, and which.
    fn after(&self, requirements: usize) -> Vec<usize> {
        let after = |need: usize, mask: usize| {
            let (mut rest, mut unit, mut left) = (need, 1, need);
            for (nth, size) in self.sizes.iter().enumerate() {
                if mask & (1 << nth) != 0 && left % size > 0 {
                    rest -= unit;
                }
                (left, unit) = (left / size, unit * size);
            }
            rest
        };
        (0..self.count).flat_map(|need| (0..1_usize << requirements).map(move |mask| after(need, mask))).collect()
    }
}

/// Somebody who was chosen, with what they learn, and which requirements they meet by it.
struct Assigned<'k> {
    one: Candidate<'k>,
    way: Places,
    met: Vec<bool>,
}

/// Requirement by requirement, the dearest first: whoever needs the least more.
pub(super) fn one_by_one(ways: &Ways, kinds: &[Kind], missing: &[usize]) -> Taken {
    let mut order: Vec<(u64, usize)> =
        missing.iter().enumerate().map(|(nth, missing)| (floor(kinds, nth, *missing), nth)).collect();
    order.sort_unstable_by(|one, other| other.cmp(one));
    let mut left = missing.to_vec();
    let mut assigned: Vec<Assigned> = Vec::new();
    let mut used: Vec<usize> = vec![0; kinds.len()];
    for (_, nth) in order {
        let own = |kind: &Kind| kind.single.get(nth)?.as_ref()?.iter().map(|way| ways.minutes(way)).min();
        let mut fresh: Vec<(u64, usize)> =
            kinds.iter().enumerate().filter_map(|(at, kind)| Some((own(kind)?, at))).collect();
        fresh.sort_unstable();
        let more = |(at, it): (usize, &Assigned)| Some((further(ways, it, nth)?.0, at));
        let mut again: Vec<(u64, usize)> = assigned.iter().enumerate().filter_map(more).collect();
        again.sort_unstable_by(|one, other| other.cmp(one));
        while left.get(nth).is_some_and(|left| *left > 0) {
            let is_nearer = |first: Option<(u64, usize, usize)>| {
                again.last().copied().filter(|more| first.is_none_or(|first| more.0 <= first.0))
            };
            let free = |at: usize| kinds.get(at).zip(used.get(at)).and_then(|(kind, used)| kind.learners.get(*used));
            let first = fresh.iter().find_map(|(minutes, at)| Some((*minutes, *at, *free(*at)?)));
            let at = match (is_nearer(first), first) {
                (Some((_, at)), _) => {
                    again.pop();
                    at
                }
                (None, Some((_, at, learner))) => {
                    let Some((kind, used)) = kinds.get(at).zip(used.get_mut(at)) else { break };
                    *used += 1;
                    let met = vec![false; missing.len()];
                    assigned.push(Assigned { one: Candidate { learner, kind }, way: Places::default(), met });
                    assigned.len() - 1
                }
                _ => break,
            };
            let Some(it) = assigned.get_mut(at) else { break };
            let Some((_, way)) = further(ways, it, nth) else { break };
            it.way = way;
            count(ways, it, &mut left);
        }
    }
    let learns = |it: &Assigned| it.met.contains(&true);
    assigned
        .into_iter()
        .filter(learns)
        .map(|it| (ways.step(it.one.learner, &it.one.kind.profile, &it.way), it.met))
        .collect()
}

/// What somebody learns who meets one requirement more, and how many minutes that is more.
fn further(ways: &Ways, it: &Assigned, nth: usize) -> Option<(u64, Places)> {
    if it.met.get(nth).copied().unwrap_or(true) {
        return None;
    }
    let own = it.one.kind.single.get(nth)?.as_ref()?;
    let all = own.iter().map(|way| it.way.and(way)).filter(|way| ways.meets(1 << nth, way, &it.one.kind.profile));
    let now = ways.minutes(&it.way);
    all.map(|way| (ways.minutes(&way).saturating_sub(now), way)).min()
}

/// Counts off what somebody meets now.
fn count(ways: &Ways, it: &mut Assigned, left: &mut [usize]) {
    for (nth, left) in left.iter_mut().enumerate() {
        let is_new = it.met.get(nth).is_some_and(|met| !met) && it.one.kind.can(nth);
        if is_new && ways.meets(1 << nth, &it.way, &it.one.kind.profile) {
            *left = left.saturating_sub(1);
            if let Some(met) = it.met.get_mut(nth) {
                *met = true;
            }
        }
    }
}
