//! Required against held: which people a tier asks for, who is certified until when, and the cheapest way to more.

mod model;
mod needs;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Months, NaiveDate};
use database::{Result, Tx, schema::people};
use diesel::prelude::*;
use kernel::{Actor, Code, Error};
use partners::EnrollmentId;
use rules::{CertificateRow, Met};
use training::{
    Catalogue, PersonId,
    catalogue::{self, Entitled, ItemKind},
    cheapest::{Cheapest, Market, Wanted, cheapest},
    team::{Team, team},
};

pub use model::{
    CertificationHeld, CertifiedPeople, CertifiedPerson, CertifiedRequirement, CheapestTraining, ExpiringCertificate,
    ExpiringCertificates, TrainingCompliance, TrainingNeed, TrainingStep,
};

use crate::{reading::Reading, weigh};
use needs::{Counted, Needs, Way};

/// How many people are told of each requirement, and how many learn by name.
const PEOPLE: usize = 100;
/// How many certificates that expire are told.
const EXPIRING: usize = 200;
/// How many ways to meet the tier are priced.
const PRICED: usize = 8;

/// What the partner of an enrollment that the actor may see needs in certified people for a tier, the next one or its own
/// if there is none above, on a day or today.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a tier that there is not, or a day that is too far.
pub fn compliance(
    tx: &mut Tx,
    actor: &Actor,
    id: EnrollmentId,
    tier: Option<&str>,
    at: Option<NaiveDate>,
) -> Result<TrainingCompliance> {
    let reading = Reading::ahead(tx, actor, id, at)?;
    let Reading { enrollment, rules, moment, gathered, .. } = &reading;
    let target = target(&reading, tier)?;
    let told = rules.compiled.explain_tier(&target, &gathered.facts, moment.as_of);
    let counted = |pointer: &str| rules.compiled.people_counted(pointer, &gathered.facts, moment.as_of);
    // A program without tiers asks for nothing.
    let needs = told.as_ref().map(|told| Needs::of(told, moment.as_of, counted)).unwrap_or_default();
    let catalogue = catalogue::current(tx)?;
    let desk = Desk::new(tx, &reading, &catalogue, &needs)?;
    let cheapest = desk.cheapest(&needs);
    let names = desk.names(tx, &needs, cheapest.as_ref())?;
    Ok(TrainingCompliance {
        enrollment_id: enrollment.id,
        partner_id: enrollment.partner_id,
        program: rules.program.clone(),
        program_version: rules.version,
        catalogue_version: catalogue.version,
        at: moment.as_of,
        tier: enrollment.tier.clone(),
        target,
        outcome: told.map_or(Met::Met, |told| told.outcome.unwrap_or(Met::Unknown)),
        requirements: needs.counted.iter().map(|counted| desk.requirement(counted, &names)).collect(),
        expiring: desk.expiring(&needs, &names),
        cheapest: cheapest.map(|found| desk.told(found, &needs, &names)),
    })
}

/// The tier that is asked for: by name, or the next; the highest has none above.
fn target(reading: &Reading, asked: Option<&str>) -> Result<String> {
    let tiers = &reading.rules.document.tiers;
    if let Some(asked) = asked {
        return match tiers.iter().find(|tier| tier.name.eq_ignore_ascii_case(asked)) {
            Some(tier) => Ok(tier.name.clone()),
            None => {
                let error = Error::new(Code::InvalidParameter, "The query has faults; see errors.");
                let names: Vec<&str> = tiers.iter().map(|tier| tier.name.as_str()).collect();
                Err(error
                    .with_parameter("tier", "unknown_reference", format!("must be one of {}", names.join(", ")))
                    .into())
            }
        };
    }
    let own = weigh::place(&reading.rules, &reading.enrollment.tier);
    let next = tiers.get(own + 1).or_else(|| tiers.get(own));
    Ok(next.map_or_else(String::new, |tier| tier.name.clone()))
}

/// How people are called whose ids are known.
type Names = HashMap<String, String>;

/// What a way costs.
struct Priced<'n> {
    way: &'n Way,
    found: Cheapest,
}

/// Where what is needed is laid beside what there is.
struct Desk<'a> {
    reading: &'a Reading,
    catalogue: &'a Catalogue,
    market: Market,
    team: Team,
}

impl<'a> Desk<'a> {
    fn new(tx: &mut Tx, reading: &'a Reading, catalogue: &'a Catalogue, needs: &Needs) -> Result<Self> {
        let (partner, day) = (reading.enrollment.partner_id, reading.moment.as_of);
        let entitled = Entitled::of(tx, partner)?;
        let slugs = needs.counted.iter().flat_map(|counted| counted.people.certificates.iter().map(|slug| &**slug));
        let market = Market::new(catalogue, slugs, day, |slug| entitled.may(catalogue, slug));
        let team = team(tx, &market, partner, day, needs.rows())?;
        Ok(Self { reading, catalogue, market, team })
    }

    /// Of all ways to meet the tier, the one that needs nothing else and takes the least time.
    fn cheapest<'n>(&self, needs: &'n Needs) -> Option<Priced<'n>> {
        let price = |way: &'n Way| {
            let wanted: Vec<Wanted> = way.gaps.iter().filter_map(|gap| self.wanted(needs.counted.get(*gap)?)).collect();
            Priced { way, found: cheapest(&self.market, &self.team.learners, &wanted) }
        };
        let priced = needs.ways.iter().take(PRICED).filter(|way| !way.gaps.is_empty()).map(price);
        priced.min_by_key(|it| (it.way.others, it.found.lacking.iter().sum::<usize>(), it.found.minutes))
    }

    fn wanted(&self, counted: &Counted) -> Option<Wanted> {
        let certifications = counted.people.certificates.iter().map(|slug| slug.to_string()).collect();
        Some(Wanted { missing: usize::try_from(counted.missing()).ok()?, certifications, all: counted.people.all })
    }

    fn requirement(&self, counted: &Counted, names: &Names) -> CertifiedRequirement {
        let holders = counted.by_person();
        let holds = |slug: &str| holders.values().filter(|held| held.contains(slug)).count();
        let certifications = counted.people.certificates.iter();
        CertifiedRequirement {
            metric: counted.label.clone(),
            pointer: counted.pointer.clone(),
            all: counted.people.all,
            day: counted.people.day,
            required: counted.required,
            held: counted.held,
            missing: counted.missing(),
            by_certification: certifications
                .map(|slug| CertificationHeld { certification: slug.to_string(), people: holds(slug) as u64 })
                .collect(),
            people: CertifiedPeople {
                total: holders.len() as u64,
                data: holders
                    .iter()
                    .take(PEOPLE)
                    .map(|(person, held)| CertifiedPerson {
                        person: (*person).to_owned(),
                        name: names.get(*person).cloned(),
                        certifications: held.iter().map(|slug| (*slug).to_owned()).collect(),
                    })
                    .collect(),
            },
        }
    }

    /// What counts on the day, and ends within a year, unless it is renewed already.
    fn lapsing<'n>(&self, needs: &'n Needs) -> Vec<(NaiveDate, CertificateRow<'n>)> {
        let day = self.reading.moment.as_of;
        let last = day.checked_add_months(Months::new(12)).unwrap_or(day);
        let asked: BTreeSet<&str> =
            needs.counted.iter().flat_map(|counted| counted.people.certificates.iter().map(|slug| &**slug)).collect();
        let is_renewed = |row: &CertificateRow| {
            let key = (row.person.to_owned(), row.certificate.to_owned());
            self.team.renewed.contains_key(&key)
        };
        let mut found: Vec<(NaiveDate, CertificateRow)> = needs
            .rows()
            .filter(|row| row.counts_on(day) && asked.contains(row.certificate))
            .filter_map(|row| Some((row.until.filter(|until| *until <= last)?, row)))
            .filter(|(_, row)| !is_renewed(row))
            .collect();
        found.sort_by(|(on, one), (other_on, other)| {
            (on, one.certificate, one.person).cmp(&(other_on, other.certificate, other.person))
        });
        found
    }

    fn expiring(&self, needs: &Needs, names: &Names) -> ExpiringCertificates {
        let found = self.lapsing(needs);
        let told = |(last_day, row): &(NaiveDate, CertificateRow)| ExpiringCertificate {
            person: row.person.to_owned(),
            name: names.get(row.person).cloned(),
            certification: row.certificate.to_owned(),
            last_day: *last_day,
        };
        ExpiringCertificates { total: found.len() as u64, data: found.iter().take(EXPIRING).map(told).collect() }
    }

    /// How those are called who are told.
    fn names(&self, tx: &mut Tx, needs: &Needs, cheapest: Option<&Priced>) -> Result<Names> {
        let mut ids: BTreeSet<PersonId> = BTreeSet::new();
        for counted in &needs.counted {
            ids.extend(counted.by_person().keys().take(PEOPLE).filter_map(|person| person.parse::<PersonId>().ok()));
        }
        ids.extend(
            self.lapsing(needs).iter().take(EXPIRING).filter_map(|(_, row)| row.person.parse::<PersonId>().ok()),
        );
        let steps = cheapest.into_iter().flat_map(|priced| priced.found.steps.iter().take(PEOPLE));
        ids.extend(steps.filter_map(|step| self.team.people.get(step.learner)?.parse::<PersonId>().ok()));
        let named = people::table.filter(people::id.eq_any(ids)).select((people::id, people::name));
        Ok(named.load::<(String, String)>(tx.sql())?.into_iter().collect())
    }

    fn told(&self, priced: Priced, needs: &Needs, names: &Names) -> CheapestTraining {
        let Priced { way, found } = priced;
        let need = |place: &usize| {
            let item = self.market.slug(*place);
            let kind = self.catalogue.item(item).map_or(ItemKind::Course, |item| item.kind());
            TrainingNeed { item: item.to_owned(), kind, minutes: u64::from(self.market.minutes(*place)) }
        };
        let slugs = |places: &[usize]| places.iter().map(|place| self.market.slug(*place).to_owned()).collect();
        let steps = found.steps.iter().take(PEOPLE).filter_map(|step| {
            let person: &String = self.team.people.get(step.learner)?;
            Some(TrainingStep {
                person_id: person.parse().ok()?,
                name: names.get(person).cloned().unwrap_or_default(),
                certifications: slugs(&step.certifications),
                needs: step.items.iter().map(need).collect(),
                minutes: step.minutes,
            })
        });
        let lacking = found.lacking.iter().sum::<usize>();
        let metrics: BTreeMap<&str, ()> =
            way.gaps.iter().filter_map(|gap| Some((needs.counted.get(*gap)?.label.as_str(), ()))).collect();
        CheapestTraining {
            metrics: metrics.into_keys().map(str::to_owned).collect(),
            minutes: found.minutes,
            lower_bound_minutes: found.lower_bound_minutes,
            exact: found.exact,
            lacking: lacking as u64,
            meets_tier: lacking == 0 && !way.others,
            people: found.steps.len() as u64,
            steps: steps.collect(),
        }
    }
}
