//! What lapses when: the rows and facts behind the days of a forecast, in words.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate};
use programs::Rules;
use rules::book::{FactType, Source};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::changes::{Reach, Stored};

/// How many are told of a day.
const TOLD: usize = 200;

/// Something that lapses, or comes to count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Lapse {
    /// What happens to it.
    pub kind: LapseKind,
    /// The fact that the document names.
    #[schema(max_length = 64, example = "people")]
    pub fact: String,
    /// What it is, in words.
    #[schema(max_length = 2000, example = "ann: technical")]
    pub what: String,
    /// The day that it is of, or the last on which it holds.
    pub day: NaiveDate,
}

/// What happens to something that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LapseKind {
    /// A certificate does not count any more.
    CertificateEnds,
    /// A row leaves the window in which it counts.
    LeavesWindow,
    /// What was entered or observed does not hold any more.
    FactEnds,
    /// What is known already begins to hold.
    Begins,
    /// What the vendor has set is over.
    OverrideEnds,
}

impl Lapse {
    pub(crate) fn new(kind: LapseKind, fact: &str, what: &str, day: NaiveDate) -> Self {
        let what = what.chars().take(2_000).collect();
        Self { kind, fact: fact.to_owned(), what, day }
    }
}

/// What lapses on which day between two, both included.
pub(crate) fn lapses(
    rules: &Rules,
    inputs: &Value,
    stored: &[Stored],
    (from, to): (NaiveDate, NaiveDate),
) -> BTreeMap<NaiveDate, Vec<Lapse>> {
    let reach = Reach::of_rules(rules);
    let mut found: BTreeMap<NaiveDate, Vec<Lapse>> = BTreeMap::new();
    let mut add = |on: Option<NaiveDate>, lapse: Lapse| {
        let Some(on) = on.filter(|on| (from..=to).contains(on)) else { return };
        let told = found.entry(on).or_default();
        if told.len() < TOLD && !told.contains(&lapse) {
            told.push(lapse);
        }
    };
    for (name, fact) in &rules.document.facts {
        let known = inputs.get(name).unwrap_or(&Value::Null);
        match fact.kind {
            FactType::People => certificates(name, known, &mut add),
            FactType::Records => {
                let at = fact.columns.iter().position(|column| column.kind == rules::book::Scalar::Date);
                for row in known.as_array().into_iter().flatten() {
                    let day = at.and_then(|at| day_of(row, at, &fact.columns.get(at)?.name));
                    for (day, on) in day.into_iter().flat_map(|day| reach.leaves(day).map(move |on| (day, on))) {
                        add(Some(on), Lapse::new(LapseKind::LeavesWindow, name, &row.to_string(), day));
                    }
                }
            }
            _ => {}
        }
        let source = match &fact.source {
            Some(Source::Engine(source) | Source::Observation(source) | Source::Manual(source)) => source,
            None => name,
        };
        for one in stored.iter().filter(|one| one.name == *source && fact.kind != FactType::People) {
            if let Some(until) = one.until {
                add(until.succ_opt(), Lapse::new(LapseKind::FactEnds, name, &one.subject, until));
            }
            if let Some(day) = one.day {
                add(Some(day), Lapse::new(LapseKind::Begins, name, &one.subject, day));
            }
        }
    }
    found
}

fn certificates(name: &str, known: &Value, add: &mut impl FnMut(Option<NaiveDate>, Lapse)) {
    for (person, held) in known.as_object().into_iter().flatten() {
        for certificate in held.as_array().into_iter().flatten() {
            let text = |field: &str| certificate.get(field).and_then(Value::as_str);
            let date = |field: &str| text(field).and_then(|text| text.parse::<NaiveDate>().ok());
            let what = format!("{person}: {}", text("certificate").or(certificate.as_str()).unwrap_or_default());
            if let Some(last) = date("counts_until").or(date("valid_to")) {
                add(last.succ_opt(), Lapse::new(LapseKind::CertificateEnds, name, &what, last));
            }
            if let Some(first) = date("valid_from") {
                add(Some(first), Lapse::new(LapseKind::Begins, name, &what, first));
            }
        }
    }
}

/// The day in a row, which is a map or a list.
fn day_of(row: &Value, at: usize, name: &str) -> Option<NaiveDate> {
    row.get(name).or_else(|| row.get(at)).and_then(Value::as_str)?.parse().ok()
}

impl Reach {
    /// The days on which what is of a day leaves the windows that look back from the day of evaluation.
    fn leaves(&self, day: NaiveDate) -> impl Iterator<Item = NaiveDate> + '_ {
        let months = self.months.iter().filter_map(move |months| first_without(day, *months));
        months.chain(self.days.iter().filter_map(move |days| day.checked_add_days(Days::new(*days))))
    }
}

/// The first day whose window of months does not hold a day any more: a window begins the day after the same day so many
/// months back, which is the month's last if there is none such.
fn first_without(day: NaiveDate, months: u32) -> Option<NaiveDate> {
    let usual = day.checked_add_months(Months::new(months))?;
    let without = |later: u64| usual.checked_add_days(Days::new(later));
    (0..=3).filter_map(without).find(|on| on.checked_sub_months(Months::new(months)).is_some_and(|begin| begin >= day))
}
