//! Demo data: two programs, twelve partners and two years of registrations, made by the use cases themselves.
//!
//! Nothing here writes a table: a clock of its own is moved through two years, and the same functions run that the
//! API calls. The same day always gives the same story.

mod names;
mod school;
mod story;

use chrono::TimeDelta;
use database::{Database, Error, Result, Settings};
use identity::{NewUser, user::PasswordHash};
use kernel::{Actor, Clock, PartnerId, Role, Timestamp};
use partners::{NewContact, NewEnrollment, NewPartner};
use programs::{Format, ProgramDocument};

use names::PARTNERS;

/// The password of the demo's users, known to everybody: so a demo listens on the loopback address alone, unless
/// another is set.
pub const PASSWORD: &str = "partner-program-demo";

/// How long the story is.
const STORY: TimeDelta = TimeDelta::days(730);

const PROGRAMS: [&str; 2] =
    [include_str!("../../../programs/reseller.yaml"), include_str!("../../../programs/referral.yaml")];

/// The vendor's people: e-mail address, name, role.
pub const VENDOR_USERS: [(&str, &str, Role); 5] = [
    ("admin@demo.example", "Alex Admin", Role::ProgramAdmin),
    ("cam@demo.example", "Chris Channel", Role::ChannelManager),
    ("finance@demo.example", "Fran Finance", Role::Finance),
    ("marketing@demo.example", "Mika Marketing", Role::Marketing),
    ("analyst@demo.example", "Andy Analyst", Role::Analyst),
];

/// The people of the first partner.
pub const PARTNER_USERS: [(&str, &str, Role); 2] = [
    ("partner@northwind.example", "Pat Partner", Role::PartnerAdmin),
    ("member@northwind.example", "Mo Member", Role::PartnerMember),
];

/// Loads the demo into a database without users; `false` when there are users already.
///
/// # Errors
/// When the database fails; or a fault of the demo itself.
pub fn load(settings: &Settings, password: &str) -> std::result::Result<bool, String> {
    let clock = Clock::default();
    let end = clock.wall();
    let database = Database::open(settings, clock)?;
    if database.read_blocking(identity::user::exists_any).map_err(|error| error.to_string())? {
        return Ok(false);
    }
    Demo { database, end }.tell(password).map_err(|error| error.to_string())?;
    Ok(true)
}

/// A demo being told.
struct Demo {
    database: Database,
    end: Timestamp,
}

impl Demo {
    fn tell(&self, password: &str) -> Result<()> {
        let start = self.end - STORY;
        // Rules are in force when the first chapter begins, and the clock does not stand still until then.
        self.at(start - TimeDelta::days(1));
        for text in PROGRAMS {
            let document = document(text)?;
            self.write(move |tx| programs::program::create(tx, &Actor::system(), document.clone()))?;
        }
        let hash = PasswordHash::of(password)?;
        let mut manager = None;
        for (email, name, role) in VENDOR_USERS {
            let user = self.user(email, name, role, None, &hash)?;
            manager = manager.or((role == Role::ChannelManager).then_some(user));
        }
        let partners = self.partners(manager)?;
        for (email, name, role) in PARTNER_USERS {
            self.user(email, name, role, partners.first().copied(), &hash)?;
        }
        story::Story::new(self, partners.clone()).run(start)?;
        school::tell(self, &partners)
    }

    /// Moves the story's clock.
    fn at(&self, time: Timestamp) {
        self.database.clock().set(time);
    }

    fn write<T: Send + 'static>(&self, work: impl FnMut(&mut database::Tx) -> Result<T> + Send + 'static) -> Result<T> {
        self.database.write_blocking(work)
    }

    fn user(
        &self,
        email: &str,
        name: &str,
        role: Role,
        partner_id: Option<PartnerId>,
        hash: &PasswordHash,
    ) -> Result<identity::UserId> {
        let new = NewUser {
            email: email.into(),
            name: Some(name.into()),
            password: None,
            role,
            partner_id,
            oidc_subject: None,
        };
        let hash = hash.clone();
        self.write(move |tx| identity::user::create(tx, &Actor::system(), new.clone(), Some(hash.clone())))
            .map(|user| user.id)
    }

    /// The partners, each with a contact and an enrollment; the channel manager looks after the first eight.
    fn partners(&self, manager: Option<identity::UserId>) -> Result<Vec<PartnerId>> {
        let mut ids = Vec::new();
        for (at, (name, domain, country, program, tier)) in PARTNERS.into_iter().enumerate() {
            let channel_manager_id = manager.filter(|_| at < 8);
            let id = self.write(move |tx| {
                let system = Actor::system();
                let country = country.parse().map_err(Error::Internal)?;
                let new = NewPartner { name: name.into(), domain: domain.into(), country };
                let partner = partners::partner::create(tx, &system, new)?;
                let contact = NewContact {
                    partner_id: Some(partner.id),
                    name: format!("Sales desk of {name}"),
                    email: format!("sales@{domain}"),
                    phone: None,
                    job_title: Some("Sales".into()),
                };
                partners::contact::create(tx, &system, contact)?;
                let enrollment = NewEnrollment {
                    partner_id: partner.id,
                    program: program.into(),
                    tier: Some(tier.into()),
                    status: None,
                    channel_manager_id,
                    countries: Vec::new(),
                };
                partners::enrollment::create(tx, &system, enrollment)?;
                Ok(partner.id)
            })?;
            ids.push(id);
        }
        Ok(ids)
    }
}

fn document(text: &str) -> Result<ProgramDocument> {
    Ok(programs::check(text.as_bytes(), Format::Yaml).into_document()?.0)
}

/// Somebody at a partner, for what partners do themselves.
fn partner_actor(partner: PartnerId) -> Actor {
    let scopes = Role::PartnerMember.scopes();
    Actor {
        subject: format!("demo:{partner}"),
        role: Role::PartnerMember,
        partner: Some(partner),
        scopes,
        ..Actor::system()
    }
}

/// What the business refuses is part of the story; anything else is a fault.
fn refused<T>(done: Result<T>) -> Result<Option<T>> {
    match done {
        Ok(value) => Ok(Some(value)),
        Err(Error::Domain(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use database::testing::TestDatabase;
    use deal_registration::{
        Status,
        filter::{self, DealFilter},
    };
    use kernel::Paging;
    use strum::IntoEnumIterator;

    use super::*;

    /// Everything that a front end can meet is there to be met, and the same day always tells the same story.
    #[test]
    fn the_demo_has_every_state_and_is_the_same_every_time() {
        let told = || {
            let database = TestDatabase::sqlite().unwrap();
            assert!(load(&database.settings, PASSWORD).unwrap());
            assert!(!load(&database.settings, PASSWORD).unwrap(), "a second time nothing is loaded");
            let opened = Database::attach(&database.settings, Clock::default()).unwrap();
            let (mut story, mut paging) = (Vec::new(), Paging::first(200));
            while paging.limit > 0 {
                let (asked, filter) = (paging.clone(), DealFilter::default());
                let page = opened.read_blocking(|tx| filter::list(tx, &Actor::system(), &filter, &asked)).unwrap();
                story.extend(page.data.into_iter().map(|deal| (deal.title, deal.status.to_string())));
                paging = Paging {
                    limit: if page.next_cursor.is_some() { 200 } else { 0 },
                    cursor: page.next_cursor,
                    total: false,
                };
            }
            story
        };
        let story = told();
        assert_eq!(story.len(), 300);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        story.iter().for_each(|(_, status)| *counts.entry(status).or_default() += 1);
        for status in Status::iter() {
            assert!(counts.contains_key(status.to_string().as_str()), "no {status} in {counts:?}");
        }
        assert_eq!(story, told());
    }
}
