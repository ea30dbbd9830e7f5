//! Two years of registrations: what comes in, and what becomes of it.

use std::collections::BTreeMap;

use chrono::{Days, TimeDelta};
use database::{Error, Result, Tx};
use deal_registration::{
    DealId, DealRegistration, Stage, Status, decide, dispute, follow,
    model::{DealAccount, ExternalRef, InformationRequest, LossReason, RejectionReason, Resolution},
    register,
    requests::{
        Approve, Extend, Lose, NewDealRegistration, RaiseDispute, Reject, Release, RequestInformation, ResolveDispute,
        Win, Withdraw,
    },
    sweep,
};
use kernel::{Actor, Money, PartnerId, Timestamp};

use super::{
    Demo,
    names::{COUNTRIES, FIRST, PARTNERS, PRODUCTS, SECOND},
    partner_actor, refused,
};

/// How many registrations the story has.
const REGISTRATIONS: usize = 300;

/// What happens to a registration some time after it came in.
#[derive(Debug, Clone, Copy)]
enum Step {
    Register(usize),
    Decide(DealId, PartnerId),
    FollowUp(DealId, PartnerId),
    Resolve(DealId),
}

/// The story, and what is still to come in it.
pub(super) struct Story<'a> {
    demo: &'a Demo,
    partners: Vec<PartnerId>,
    /// By time, then in the order in which it was planned.
    plan: BTreeMap<(Timestamp, usize), Step>,
    planned: usize,
    chance: Chance,
}

impl<'a> Story<'a> {
    pub fn new(demo: &'a Demo, partners: Vec<PartnerId>) -> Self {
        Self { demo, partners, plan: BTreeMap::new(), planned: 0, chance: Chance(20_240_229) }
    }

    /// Tells the story up to now.
    pub fn run(mut self, start: Timestamp) -> Result<()> {
        // The program grows: registrations come ever closer together, and the latest are not decided yet.
        let (length, all) = (super::STORY.num_minutes(), i64::try_from(REGISTRATIONS).unwrap_or(1));
        for (nth, left) in (1..=all).rev().enumerate() {
            let minutes = length - length * left * left / (all * all);
            self.plan(start + TimeDelta::minutes(minutes), Step::Register(nth));
        }
        while let Some(((at, _), step)) = self.plan.pop_first() {
            if at > self.demo.end {
                break;
            }
            self.demo.at(at);
            while self.demo.write(sweep::sweep)? > 0 {}
            self.step(at, step)?;
        }
        self.demo.at(self.demo.end);
        while self.demo.write(sweep::sweep)? > 0 {}
        Ok(())
    }

    fn plan(&mut self, at: Timestamp, step: Step) {
        self.planned += 1;
        self.plan.insert((at, self.planned), step);
    }

    fn in_days(&mut self, from: Timestamp, least: u64, most: u64) -> Timestamp {
        let days = least + self.chance.below(most - least + 1);
        from + TimeDelta::days(i64::try_from(days).unwrap_or_default()) + TimeDelta::minutes(37)
    }

    fn step(&mut self, at: Timestamp, step: Step) -> Result<()> {
        match step {
            Step::Register(nth) => self.register(at, nth),
            Step::Decide(deal, partner) => self.decide(at, deal, partner),
            Step::FollowUp(deal, partner) => self.follow_up(at, deal, partner),
            Step::Resolve(deal) => self.resolve(deal),
        }
    }

    fn register(&mut self, at: Timestamp, nth: usize) -> Result<()> {
        let number = usize::try_from(self.chance.below(self.partners.len() as u64)).unwrap_or_default();
        let (Some(partner), Some((.., program, _))) = (self.partners.get(number).copied(), PARTNERS.get(number)) else {
            return Ok(());
        };
        let new = self.new_registration(at, nth, program)?;
        let actor = partner_actor(partner);
        let submitted = new.submit;
        let registered = self.demo.write(move |tx| register::register(tx, &actor, new.clone(), None))?;
        if submitted {
            let when = self.in_days(at, 1, 4);
            let next = if registered.status == Status::Approved { Step::FollowUp } else { Step::Decide };
            self.plan(when, next(registered.id, partner));
        }
        Ok(())
    }

    fn new_registration(&mut self, at: Timestamp, nth: usize, program: &str) -> Result<NewDealRegistration> {
        let (first, second) = (*self.chance.one_of(&FIRST), *self.chance.one_of(&SECOND));
        let (country, legal_form) =
            *COUNTRIES.get((first.len() + second.len()) % COUNTRIES.len()).unwrap_or(&("DE", "GmbH"));
        let domain = format!("{}-{}.example", first.to_lowercase(), second.to_lowercase());
        let product = *self.chance.one_of(&PRODUCTS);
        let minor = 100_000 * (1 + i64::try_from(self.chance.below(80)).unwrap_or_default());
        Ok(NewDealRegistration {
            program: program.into(),
            partner_id: None,
            title: format!("{product} for {first} {second}"),
            account: DealAccount {
                name: format!("{first} {second} {legal_form}"),
                domain: Some(domain),
                country: country.parse().map_err(Error::Internal)?,
            },
            products: vec![product.into()],
            amount: Money { minor, currency: "EUR".parse().map_err(Error::Internal)? },
            expected_close_on: at.date() + Days::new(45 + self.chance.below(90)),
            stage: Some(*self.chance.one_of(&[Stage::Prospect, Stage::Qualified, Stage::Proposal])),
            contact: None,
            notes: None,
            external_refs: vec![ExternalRef { system: "demo-crm".into(), id: format!("D-{nth:04}") }],
            submit: nth % 20 != 7,
        })
    }

    fn decide(&mut self, at: Timestamp, deal: DealId, partner: PartnerId) -> Result<()> {
        let choice = self.chance.below(12);
        let done = self.demo.write(move |tx| {
            let vendor = Actor::system();
            let decided = match choice {
                // Somebody takes it up and does not come to an end.
                0 => return refused(decide::claim_review(tx, &vendor, deal, &unchecked)),
                1 => decide::request_information(tx, &vendor, deal, question(), &unchecked),
                2 => follow::withdraw(tx, &partner_actor(partner), deal, Withdraw::default(), &unchecked),
                3..=6 => decide::approve(tx, &vendor, deal, Approve::default(), &unchecked),
                _ => reject(tx, &vendor, deal, RejectionReason::NotQualified),
            };
            // What cannot be approved because another is protected is rejected for that reason.
            match refused(decided)? {
                Some(shown) => Ok(Some(shown)),
                None => refused(reject(tx, &vendor, deal, RejectionReason::Conflict)),
            }
        })?;
        match done.map(|deal| deal.status) {
            Some(Status::Approved) => {
                let when = self.in_days(at, 5, 40);
                self.plan(when, Step::FollowUp(deal, partner));
            }
            Some(Status::Rejected) if choice.is_multiple_of(2) => {
                let dispute_it = move |tx: &mut Tx| {
                    let text = "We have worked with this customer for months.".to_owned();
                    refused(dispute::dispute(tx, &partner_actor(partner), deal, RaiseDispute { text }, &unchecked))
                };
                self.demo.write(dispute_it)?;
                let when = self.in_days(at, 3, 60);
                self.plan(when, Step::Resolve(deal));
            }
            _ => {}
        }
        Ok(())
    }

    fn follow_up(&mut self, at: Timestamp, deal: DealId, partner: PartnerId) -> Result<()> {
        let choice = self.chance.below(10);
        let shown = self.demo.write(move |tx| {
            let actor = partner_actor(partner);
            refused(match choice {
                0..=3 => win(tx, &actor, deal),
                4 | 5 => {
                    let lost = Lose { reason: LossReason::Competitor, closed_on: None, text: None };
                    follow::lose(tx, &actor, deal, lost, &unchecked)
                }
                6 => follow::release(tx, &actor, deal, Release::default(), &unchecked),
                7 => {
                    let more = Extend { by: None, progress: Some("The offer is with the customer's board.".into()) };
                    follow::extend(tx, &actor, deal, more, &unchecked)
                }
                // The others are left to the clock.
                _ => deal_registration::store::find(tx, &actor, deal),
            })
        })?;
        if shown.is_some_and(|deal| deal.status == Status::Approved && deal.extensions > 0) {
            let when = self.in_days(at, 10, 20);
            self.plan(when, Step::FollowUp(deal, partner));
        }
        Ok(())
    }

    fn resolve(&mut self, deal: DealId) -> Result<()> {
        let overturn = self.chance.below(3) == 0;
        self.demo.write(move |tx| {
            let resolution = if overturn { Resolution::Overturn } else { Resolution::Uphold };
            let text = "Decided on the evidence of both partners.".into();
            let request = ResolveDispute { resolution, text, products: Vec::new() };
            refused(dispute::resolve(tx, &Actor::system(), deal, request, &unchecked)).map(drop)
        })
    }
}

fn question() -> RequestInformation {
    let text = "Who is your contact at the customer?".into();
    RequestInformation { requests: vec![InformationRequest { field: "/contact".into(), text }] }
}

fn reject(tx: &mut Tx, vendor: &Actor, deal: DealId, reason: RejectionReason) -> Result<DealRegistration> {
    let text = "Please come back when this has changed.".into();
    decide::reject(tx, vendor, deal, Reject { reason, text }, &unchecked)
}

fn win(tx: &mut Tx, actor: &Actor, deal: DealId) -> Result<DealRegistration> {
    let amount = deal_registration::store::find(tx, actor, deal)?.amount;
    let closed_on = tx.now().date();
    follow::win(tx, actor, deal, Win { amount, closed_on, text: None }, &unchecked)
}

/// The story knows what it changes.
fn unchecked(_: &DealRegistration) -> Result<()> {
    Ok(())
}

/// Chance that is the same every time (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    fn one_of<'t, T, const N: usize>(&mut self, choices: &'t [T; N]) -> &'t T {
        let at = usize::try_from(self.below(N as u64)).unwrap_or_default();
        choices.get(at).unwrap_or_else(|| self.one_of(choices))
    }
}
