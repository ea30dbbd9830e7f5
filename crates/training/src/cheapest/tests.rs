use proptest::prelude::*;
use serde_json::{Value, json};

use super::{choose::one_by_one, *};
use crate::catalogue::check;

const ITEMS: usize = 5;
const CERTIFICATIONS: usize = 3;

fn catalogue(document: &Value) -> Catalogue {
    check(document.to_string().as_bytes(), contract::Format::Json).into_document().unwrap()
}

fn day() -> NaiveDate {
    "2026-06-30".parse().unwrap()
}

fn item(at: usize) -> String {
    format!("course{at}")
}

/// A rule over courses and the certifications before one.
fn rules(before: usize) -> BoxedStrategy<Value> {
    let names = (0..ITEMS + before).prop_map(|at| match at.checked_sub(ITEMS) {
        Some(certification) => json!(format!("cert{certification}")),
        None => json!(item(at)),
    });
    let several = move |rule: BoxedStrategy<Value>| prop::collection::vec(rule, 1..4);
    names
        .boxed()
        .prop_recursive(2, 8, 3, move |rule| {
            let rule = rule.boxed();
            prop_oneof![
                3 => several(rule.clone()).prop_map(|all| json!({"all": all})),
                3 => several(rule.clone()).prop_map(|any| json!({"any": any})),
                2 => (several(rule.clone()), 1_usize..4).prop_map(|(of, count)| {
                    json!({"at_least_of": {"count": count.min(of.len()), "of": of}})
                }),
            ]
        })
        .boxed()
}

fn catalogues() -> impl Strategy<Value = Catalogue> {
    let minutes = prop::collection::vec(prop::option::weighted(0.9, 1_u32..9), ITEMS);
    let certifications = (rules(0), rules(1), rules(2), prop::collection::vec(any::<bool>(), CERTIFICATIONS));
    (minutes, certifications, any::<bool>()).prop_map(|(minutes, (one, two, three, rests), is_retired)| {
        let (mut courses, mut certifications) = (json!({}), json!({}));
        for (at, minutes) in minutes.iter().enumerate() {
            courses[item(at)] = json!({"name": "c", "duration_minutes": minutes});
        }
        for (at, (rule, rests)) in [one, two, three].into_iter().zip(rests).enumerate() {
            let before: Vec<String> = (0..at).filter(|_| rests).map(|at| format!("cert{at}")).take(1).collect();
            certifications[format!("cert{at}")] = json!({"name": "c", "requires": rule, "prerequisites": before});
        }
        if is_retired {
            courses[item(0)]["retired_on"] = json!("2026-06-30");
        }
        catalogue(&json!({"name": "a", "courses": courses, "certifications": certifications}))
    })
}

/// What learners hold, and what they have done, by number.
fn people() -> impl Strategy<Value = Vec<(Vec<bool>, Vec<bool>)>> {
    let bits = |many| prop::collection::vec(prop::bool::weighted(0.3), many);
    prop::collection::vec((bits(CERTIFICATIONS), bits(ITEMS)), 1..4)
}

fn wishes() -> impl Strategy<Value = Vec<Wanted>> {
    let one = (1_usize..3, prop::collection::vec(any::<bool>(), CERTIFICATIONS), any::<bool>());
    let wanted = one.prop_map(|(missing, named, all)| {
        let mut certifications: Vec<String> =
            named.iter().enumerate().filter(|(_, named)| **named).map(|(at, _)| format!("cert{at}")).collect();
        if certifications.is_empty() {
            certifications.push("cert0".to_owned());
        }
        Wanted { missing, certifications, all }
    });
    prop::collection::vec(wanted, 1..4)
}

struct Table {
    catalogue: Catalogue,
    market: Market,
    people: Vec<(Vec<bool>, Vec<bool>)>,
    learners: Vec<Learner>,
    wanted: Vec<Wanted>,
}

fn tables() -> impl Strategy<Value = Table> {
    (catalogues(), people(), wishes()).prop_map(|(catalogue, people, wanted)| {
        let slugs: Vec<String> = wanted.iter().flat_map(|it| it.certifications.clone()).collect();
        let market = Market::new(&catalogue, slugs.iter().map(String::as_str), day(), |_| true);
        let places = |flags: &[bool], name: &dyn Fn(usize) -> String| -> BTreeSet<usize> {
            let named = flags.iter().enumerate().filter(|(_, has)| **has);
            named.filter_map(|(at, _)| market.place(&name(at))).collect()
        };
        let learner = |(held, done): &(Vec<bool>, Vec<bool>)| {
            let held = places(held, &|at| format!("cert{at}"));
            let done = places(done, &item);
            let open = (0..CERTIFICATIONS).filter_map(|at| market.place(&format!("cert{at}")));
            let begun = open.map(|place| (place, Begun { renewing: false, done: done.clone() })).collect();
            Learner { held, begun }
        };
        let learners = people.iter().map(learner).collect();
        Table { catalogue, market, people, learners, wanted }
    })
}

impl Table {
    /// Which requirements somebody meets who learns these courses: by the catalogue's own rules.
    fn meets(&self, person: usize, learned: &[bool]) -> Vec<bool> {
        let (held, done) = &self.people[person];
        let mut has: Vec<bool> = Vec::new();
        for (at, is_held) in held.iter().enumerate() {
            let slug = format!("cert{at}");
            let (entry, requirements) = self.catalogue.certification(&slug).unwrap();
            let is_done = |name: &str| match name.strip_prefix("cert") {
                Some(number) => {
                    let number: usize = number.parse().unwrap();
                    has[number] && !held[number]
                }
                None => {
                    let number: usize = name["course".len()..].parse().unwrap();
                    done[number] || learned[number]
                }
            };
            let prerequisites =
                entry.prerequisites.iter().all(|slug| has[slug["cert".len()..].parse::<usize>().unwrap()]);
            has.push(*is_held || prerequisites && requirements.award.is_met(is_done, day()));
        }
        let holds = |slug: &String| has[slug["cert".len()..].parse::<usize>().unwrap()];
        let met = |it: &Wanted| {
            if it.all { it.certifications.iter().all(holds) } else { it.certifications.iter().any(holds) }
        };
        self.wanted.iter().map(met).collect()
    }

    fn meets_now(&self, person: usize) -> Vec<bool> {
        let held = &self.people[person].0;
        let holds = |slug: &String| held[slug["cert".len()..].parse::<usize>().unwrap()];
        let met = |it: &Wanted| {
            if it.all { it.certifications.iter().all(holds) } else { it.certifications.iter().any(holds) }
        };
        self.wanted.iter().map(met).collect()
    }

    /// All that somebody can learn: how long it takes, and which requirements they then meet besides.
    fn choices(&self, person: usize) -> Vec<(u64, Vec<bool>)> {
        let now = self.meets_now(person);
        let every = (0..1_usize << ITEMS).filter_map(|bits| {
            let learned: Vec<bool> = (0..ITEMS).map(|at| bits & (1 << at) != 0).collect();
            let mut minutes = 0;
            for (at, _) in learned.iter().enumerate().filter(|(_, learned)| **learned) {
                let course = &self.catalogue.document.courses[&item(at)];
                if course.retired_on.is_some() {
                    return None;
                }
                minutes += u64::from(course.duration_minutes.unwrap_or(USUAL_MINUTES));
            }
            let met = self.meets(person, &learned);
            Some((minutes, met.iter().zip(&now).map(|(met, now)| *met && !now).collect()))
        });
        every.collect()
    }

    /// How many people each requirement needs besides these, and how long the cheapest set takes: all sets are tried.
    fn by_force(&self) -> (Vec<usize>, u64) {
        let choices: Vec<_> = (0..self.people.len()).map(|person| self.choices(person)).collect();
        let able = |nth: usize| choices.iter().filter(|all| all.iter().any(|(_, met)| met[nth])).count();
        let lacking: Vec<usize> =
            self.wanted.iter().enumerate().map(|(nth, it)| it.missing.saturating_sub(able(nth))).collect();
        let missing: Vec<usize> = self.wanted.iter().zip(&lacking).map(|(it, lacking)| it.missing - lacking).collect();
        let mut sums: Vec<(u64, Vec<usize>)> = vec![(0, vec![0; missing.len()])];
        for all in &choices {
            let mut with: HashMap<Vec<usize>, u64> = HashMap::new();
            for (minutes, met) in all {
                for (sum, count) in &sums {
                    let count = count.iter().zip(met).map(|(count, met)| count + usize::from(*met)).collect();
                    let best = with.entry(count).or_insert(u64::MAX);
                    *best = (*best).min(sum + minutes);
                }
            }
            sums = with.into_iter().map(|(count, sum)| (sum, count)).collect();
        }
        let enough = |count: &[usize]| count.iter().zip(&missing).all(|(count, missing)| count >= missing);
        let least = sums.iter().filter(|(_, count)| enough(count)).map(|(sum, _)| *sum).min();
        (lacking, least.unwrap())
    }

    /// How many people meet each requirement besides, once these steps are taken.
    fn met_by(&self, steps: &[Step]) -> Vec<usize> {
        let mut met = vec![0; self.wanted.len()];
        for step in steps {
            let slugs: Vec<&str> = step.items.iter().map(|place| self.market.slug(*place)).collect();
            let learned: Vec<bool> = (0..ITEMS).map(|at| slugs.contains(&item(at).as_str())).collect();
            let now = self.meets_now(step.learner);
            for (nth, is_met) in self.meets(step.learner, &learned).into_iter().enumerate() {
                met[nth] += usize::from(is_met && !now[nth]);
            }
        }
        met
    }

    fn missing(&self, lacking: &[usize]) -> Vec<usize> {
        self.wanted.iter().zip(lacking).map(|(it, lacking)| it.missing - lacking).collect()
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let document = serde_json::to_string_pretty(&self.catalogue.document).unwrap();
        write!(f, "{document}\n{:?}\n{:?}", self.people, self.wanted)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_cheaper(table in tables()) {
        let found = cheapest(&table.market, &table.learners, &table.wanted);
        let (lacking, least) = table.by_force();
        prop_assert_eq!(&found.lacking, &lacking);
        prop_assert!(found.exact);
        prop_assert_eq!((found.minutes, found.lower_bound_minutes), (least, least));
        let enough = table.met_by(&found.steps).iter().zip(table.missing(&lacking)).all(|(met, missing)| *met >= missing);
        prop_assert!(enough, "it closes the gaps: {:?}", found.steps);
    }

    #[test]
    fn one_by_one_lies_between_the_bound_and_enough(table in tables()) {
        let mut ways = Ways::new(&table.market, table.wanted.iter().collect());
        let kinds = ways.kinds(&table.learners);
        let (lacking, least) = table.by_force();
        let missing = table.missing(&lacking);
        let steps: Vec<Step> = one_by_one(&ways, &kinds, &missing).into_iter().map(|(step, _)| step).collect();
        prop_assert!(steps.iter().map(|step| step.minutes).sum::<u64>() >= least);
        prop_assert!(choose(&ways, &kinds, &missing).lower_bound <= least);
        let enough = table.met_by(&steps).iter().zip(&missing).all(|(met, missing)| met >= missing);
        prop_assert!(enough, "it closes the gaps: {steps:?}");
    }
}

/// Many people, of whom some have begun.
fn company(market: &Market, people: usize) -> Vec<Learner> {
    let places = |slugs: &[&str]| slugs.iter().filter_map(|slug| market.place(slug)).collect::<Vec<_>>();
    let (items, certifications) = (places(&["a", "b", "c", "d", "e", "f"]), places(&["sales", "technical", "expert"]));
    let learner = |number: usize| {
        let bits = number.wrapping_mul(2_654_435_761) >> 7;
        let done = |at: &usize| bits & (bits >> 8) & (1 << at) != 0;
        let done: BTreeSet<usize> = (0..items.len()).filter(done).map(|at| items[at]).collect();
        let begun =
            certifications.iter().map(|place| (*place, Begun { renewing: false, done: done.clone() })).collect();
        Learner { held: BTreeSet::new(), begun }
    };
    (0..people).map(learner).collect()
}

fn academy() -> Market {
    let course = |minutes: u32| json!({"name": "c", "duration_minutes": minutes});
    let certification = |requires: Value| json!({"name": "c", "requires": requires});
    let catalogue = catalogue(&json!({
        "name": "a",
        "courses": {"a": course(240), "b": course(90), "c": course(480), "d": course(30), "e": course(60), "f": course(120)},
        "certifications": {
            "sales": certification(json!({"all": ["a", "b"]})),
            "technical": certification(json!({"all": ["a", {"any": ["c", "d"]}]})),
            "expert": certification(json!({"at_least_of": {"count": 3, "of": ["c", "d", "e", "f"]}}))
        }
    }));
    Market::new(&catalogue, ["sales", "technical", "expert"], day(), |_| true)
}

fn wanted(missing: usize, certifications: &[&str]) -> Wanted {
    Wanted { missing, certifications: certifications.iter().map(|it| (*it).to_owned()).collect(), all: false }
}

#[test]
fn of_five_thousand_people_the_cheapest_are_found_in_a_moment() {
    let market = academy();
    let learners = company(&market, 5_000);
    let wanted = [wanted(10, &["sales", "technical"]), wanted(5, &["technical"]), wanted(8, &["expert"])];
    let began = std::time::Instant::now();
    let found = cheapest(&market, &learners, &wanted);
    let took = began.elapsed();
    assert!(found.exact && found.steps.iter().all(|step| !step.certifications.is_empty()));
    assert!(took.as_millis() < 3_000, "without optimizations it took {took:?}");
}

#[test]
fn what_is_too_much_to_be_tried_has_a_bound() {
    let market = academy();
    let learners = company(&market, 5_000);
    let wanted = [wanted(900, &["sales"]), wanted(800, &["technical"]), wanted(700, &["expert"])];
    let found = cheapest(&market, &learners, &wanted);
    assert!(found.lower_bound_minutes > 0 && found.lower_bound_minutes <= found.minutes);
    assert_eq!(found.exact, found.lower_bound_minutes == found.minutes);
    assert_eq!(found.lacking, [0, 0, 0]);
    assert!(found.minutes < 4 * found.lower_bound_minutes, "{} of {}", found.minutes, found.lower_bound_minutes);
}

#[test]
fn a_course_that_two_certifications_share_is_taken_once() {
    let market = academy();
    let found = cheapest(&market, &[Learner::default()], &[wanted(1, &["sales"]), wanted(1, &["technical"])]);
    assert_eq!((found.minutes, found.exact, found.steps.len()), (240 + 90 + 30, true, 1));
    let learned: Vec<&str> = found.steps[0].items.iter().map(|place| market.slug(*place)).collect();
    assert_eq!(learned, ["a", "b", "d"]);
    let lacking = cheapest(&market, &[Learner::default()], &[wanted(3, &["sales"])]).lacking;
    assert_eq!(lacking, [2]);
}

#[test]
fn what_a_rule_forbids_is_not_learned() {
    let course = json!({"name": "c", "duration_minutes": 10});
    let catalogue = catalogue(&json!({
        "name": "a", "courses": {"a": course, "b": course},
        "certifications": {
            "plain": {"name": "c", "requires": {"all": ["a", {"not": "b"}]}},
            "both": {"name": "c", "requires": {"all": ["a", "b"]}}
        }
    }));
    let market = Market::new(&catalogue, ["plain", "both"], day(), |_| true);
    let plain = market.place("plain").unwrap();
    let spoilt = Begun { renewing: false, done: BTreeSet::from([market.place("b").unwrap()]) };
    let learners = [Learner { begun: vec![(plain, spoilt)], ..Learner::default() }, Learner::default()];
    let found = cheapest(&market, &learners, &[wanted(2, &["plain"])]);
    assert_eq!((found.lacking, found.minutes, found.steps[0].learner), (vec![1], 10, 1));
    // Nobody can have both: that one is left over is told, and nothing is claimed.
    let found = cheapest(&market, &learners[1..], &[wanted(1, &["plain"]), wanted(1, &["both"])]);
    assert_eq!((found.lacking.iter().sum::<usize>(), found.exact), (1, false));
}
