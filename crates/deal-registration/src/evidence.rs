//! Gathers what the verdict's rules look at.

use database::{Result, Tx, schema::deal_registrations as deals};
use diesel::prelude::*;
use kernel::{Country, PartnerId};
use partners::Enrollment;
use programs::Version;

use crate::{
    account::{self, Account, AccountId, Basis, Described, Sighting},
    model::{DealId, Row, Status},
    opportunity, protection,
    verdict::{Alike, Facts, Inputs, Recognized},
};

/// A claim, before it is judged.
pub struct Claim<'a> {
    /// The rules in force.
    pub rules: &'a Version,
    /// The partner's place in the program.
    pub enrollment: &'a Enrollment,
    /// The countries in which the partner may sell; empty means everywhere.
    pub territory: &'a [Country],
    /// The customer.
    pub account: &'a Described,
    /// What is claimed.
    pub products: &'a [String],
    /// The registration itself, if it is stored already.
    pub deal: Option<DealId>,
}

impl Claim<'_> {
    /// Days of protection that the partner's tier gives.
    pub fn protection_days(&self) -> u16 {
        partners::tier::benefits(self.rules, self.enrollment).protection_days
    }

    /// What the verdict will be made from.
    pub fn inputs(&self, tx: &Tx) -> Inputs {
        Inputs {
            evaluated_at: tx.now(),
            program: self.rules.program.clone(),
            program_version: self.rules.version,
            program_digest: self.rules.digest.clone(),
            domain: self.account.domain.clone(),
            normalized_name: self.account.normalized.as_str().into(),
            country: self.account.country,
            products: self.products.to_vec(),
            tier: self.enrollment.tier.clone(),
            protection_days: self.protection_days(),
            name_threshold_per_mille: self.rules.document.0.deal_registration.matching.name_threshold_per_mille,
            territory: self.territory.to_vec(),
        }
    }

    /// Everything in the database that the rules look at.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn facts(&self, tx: &mut Tx) -> Result<Facts> {
        let recognized = account::recognize(tx, self.account)?;
        self.facts_at(tx, recognized.as_ref(), None)
    }

    /// The same, at an account that was recognized already, with what was seen before the transaction.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn facts_at(
        &self,
        tx: &mut Tx,
        recognized: Option<&(Account, Basis)>,
        seen: Option<&Sighting>,
    ) -> Result<Facts> {
        let mut facts = Facts::default();
        if let Some((account, basis)) = recognized {
            facts.protections = protection::held(tx, self.rules, account.id, self.products)?;
            facts.protections.retain(|held| Some(held.deal_id) != self.deal);
            facts.own = self.own_at(tx, account.id)?;
            facts.opportunities = opportunity::open_at(tx, account.id, self.products)?;
            facts.account = Some(Recognized { id: account.id, basis: *basis, named: account.named });
        }
        facts.alike = self.alike(tx, recognized.map(|(account, _)| account.id), seen)?;
        Ok(facts)
    }

    fn own_at(&self, tx: &mut Tx, account: AccountId) -> Result<Vec<(DealId, Vec<String>)>> {
        let partner: PartnerId = self.enrollment.partner_id;
        let mut query = deals::table
            .filter(deals::account_id.eq(account).and(deals::partner_id.eq(partner)))
            .filter(deals::program.eq(&self.rules.program))
            .filter(deals::status.eq_any([
                Status::Submitted,
                Status::InReview,
                Status::ActionRequired,
                Status::Approved,
            ]))
            .into_boxed();
        if let Some(own) = self.deal {
            query = query.filter(deals::id.ne(own));
        }
        // Sorted here: asked for an order, SQLite walks all of the partner's registrations instead of the account's.
        let mut rows: Vec<Row> = query.limit(100).select(Row::as_select()).load(tx.sql())?;
        rows.sort_unstable_by_key(|row| row.id);
        let now = tx.now();
        let shared = |row: Row| {
            let shared: Vec<String> =
                self.products.iter().filter(|product| row.products.0.contains(product)).cloned().collect();
            (!shared.is_empty() && row.status_at(now) != Status::Expired).then_some((row.id, shared))
        };
        Ok(rows.into_iter().filter_map(shared).collect())
    }

    /// Similar names matter only where something is taken.
    fn alike(&self, tx: &mut Tx, besides: Option<AccountId>, seen: Option<&Sighting>) -> Result<Vec<Alike>> {
        let threshold = self.rules.document.0.deal_registration.matching.name_threshold_per_mille;
        let alike = match seen {
            Some(seen) => seen.alike(besides),
            None => account::alike(tx, self.account, besides, threshold)?,
        };
        let mut found = Vec::new();
        for (id, similarity) in alike {
            let protections = protection::held(tx, self.rules, id, self.products)?;
            let opportunities = opportunity::open_at(tx, id, self.products)?.into_iter().map(|(id, _)| id).collect();
            found.push(Alike { id, similarity, protections, opportunities });
        }
        Ok(found)
    }
}
