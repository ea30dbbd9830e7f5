//! Whom a registration is about and who makes it: all that differs between two of the same kind.

use serde_json::json;

use crate::{names::Name, template::Slot};

/// The number of the registration from which the rows to seed are copied.
pub const FIRST_CAPTURE: u64 = 5_000_000;
/// From here on: what is captured on the full database.
pub const CAPTURES: u64 = 5_100_000;
/// From here on: what is registered while it is measured.
pub const FRESH: u64 = 6_000_000;
/// How many ids a registration takes at most.
const IDS: u64 = 16;

/// A partner that registers.
#[derive(Debug, Clone)]
pub struct Registrant {
    /// The partner's id.
    pub partner: String,
    /// The id of its user.
    pub user: String,
}

/// One registration.
pub struct Subject<'a> {
    /// The customer's.
    pub name: Name,
    /// The number of the registration that is made or read.
    pub deal: u64,
    /// The number of the registration with which its account came: the same if it is new.
    pub account: u64,
    /// The time in the ids, ten characters.
    pub era: &'a str,
    /// The time in the ids of what was seeded.
    pub seeded_era: &'a str,
    /// Who registers.
    pub by: &'a Registrant,
    /// Who holds the account, when somebody does.
    pub holder: &'a Registrant,
    /// When, as a time of day.
    pub time: String,
}

impl Subject<'_> {
    /// What stands in a slot.
    pub fn fill(&self, slot: Slot) -> String {
        match slot {
            Slot::Name => self.name.written(),
            Slot::Lower => self.name.lower(),
            Slot::Sorted => self.name.sorted(),
            Slot::Label => self.name.label(),
            Slot::Country => self.name.country.to_owned(),
            Slot::Key(at) => self.name.keys().swap_remove(at),
            Slot::Account if self.account == self.deal => id("account", self.era, self.deal, 0),
            Slot::Account => id("account", self.seeded_era, self.account, 0),
            Slot::Deal => deal_id(self.era, self.deal),
            Slot::HeldBy => deal_id(self.seeded_era, self.account),
            Slot::Event(at) => id("event", self.era, self.deal, 2 + at),
            Slot::Audit(at) => id("audit", self.era, self.deal, 10 + at),
            Slot::Partner => self.by.partner.clone(),
            Slot::User => self.by.user.clone(),
            Slot::Holder => self.holder.partner.clone(),
            Slot::Time => self.time.clone(),
            Slot::Position => String::new(),
        }
    }
}

/// The id of the registration with this number.
pub fn deal_id(era: &str, number: u64) -> String {
    id("deal", era, number, 1)
}

/// The number within [`deal_id`].
pub fn deal_serial(number: u64) -> u64 {
    number * IDS + 1
}

/// A TypeID: ten characters of time, and instead of what is random a number.
fn id(kind: &str, era: &str, number: u64, at: u64) -> String {
    format!("{kind}_{era}{:016}", number * IDS + at)
}

/// The request's body.
pub fn body(name: &Name) -> String {
    json!({
        "program": "reseller", "title": format!("Licences for {}", name.written()),
        "account": {"name": format!("{} GmbH", name.written()), "domain": name.domain(), "country": name.country},
        "products": ["core"], "amount": {"amount": "10000.00", "currency": "EUR"},
        "expected_close_on": "2027-06-30", "stage": "qualified", "submit": true
    })
    .to_string()
}
