//! The verdict: does a claim collide with anything, by which rule, on what evidence. Pure and deterministic.

use kernel::{Actor, Country, PartnerId, Timestamp};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    account::{AccountId, Basis},
    model::DealId,
    opportunity::VendorOpportunityId,
};

/// What a claim collides with, if anything. Of several, the verdict is the first in this order that applies.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Display,
    EnumString,
    EnumIter,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = DealVerdict)]
pub enum VerdictKind {
    /// Another partner is protected at this account for one of these products.
    Conflict,
    /// The partner itself has registered this already.
    Duplicate,
    /// The vendor has an open opportunity of its own at this account.
    Direct,
    /// The account is reserved for the vendor's named-account team.
    NamedAccount,
    /// An account with a similar name is taken; a person must say whether it is the same.
    PossibleConflict,
    /// The account is outside the partner's territory.
    OutOfTerritory,
    /// Nothing stands against it.
    Clean,
}

impl VerdictKind {
    /// The rule that finds it.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Conflict => "protection.same_account",
            Self::Duplicate => "registration.own_duplicate",
            Self::Direct => "vendor_opportunity.open",
            Self::NamedAccount => "account.named",
            Self::PossibleConflict => "account.similar_name",
            Self::OutOfTerritory => "enrollment.territory",
            Self::Clean => "clean",
        }
    }
}

/// One thing that a claim collides with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DealFinding)]
pub struct Finding {
    /// What kind of collision it is.
    pub kind: VerdictKind,
    /// The rule that found it.
    #[schema(max_length = 80, example = "protection.same_account")]
    pub rule: String,
    /// In words; names nobody.
    #[schema(max_length = 1000, example = "Another partner is protected at this account for core.")]
    pub detail: String,
    /// Until when it stands in the way, if that is known.
    #[schema(required = true)]
    pub until: Option<Timestamp>,
    /// The products concerned.
    #[schema(max_items = 50)]
    pub products: Vec<String>,
    /// With whom and what: for the vendor only.
    #[schema(required = true)]
    pub evidence: Option<Evidence>,
}

/// With whom and what a claim collides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DealEvidence)]
pub struct Evidence {
    /// The account.
    #[schema(required = true)]
    pub account_id: Option<AccountId>,
    /// The other registration.
    #[schema(required = true)]
    pub deal_registration_id: Option<DealId>,
    /// The other partner.
    #[schema(required = true)]
    pub partner_id: Option<PartnerId>,
    /// The program of the other protection, by slug.
    #[schema(required = true, max_length = 64)]
    pub program: Option<String>,
    /// The vendor's opportunity.
    #[schema(required = true)]
    pub vendor_opportunity_id: Option<VendorOpportunityId>,
    /// How the account was recognized.
    #[schema(required = true)]
    pub matched_by: Option<Basis>,
    /// How alike the names are, in per mille.
    #[schema(required = true, format = Int64, minimum = 0, maximum = 1000)]
    pub similarity_per_mille: Option<u16>,
}

/// A verdict with all that it rests on, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The verdict.
    pub kind: VerdictKind,
    /// Everything that was found, gravest first.
    pub findings: Vec<Finding>,
    /// What it was made from.
    pub inputs: Inputs,
}

/// What a verdict was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DealVerdictInputs)]
pub struct Inputs {
    /// When it was made.
    pub evaluated_at: Timestamp,
    /// The program, by slug.
    #[schema(max_length = 64)]
    pub program: String,
    /// The version of its rules.
    #[schema(format = Int64, minimum = 1)]
    pub program_version: i32,
    /// SHA-256 of those rules, in hexadecimal.
    #[schema(max_length = 64)]
    pub program_digest: String,
    /// The account's registrable domain.
    #[schema(required = true, max_length = 253)]
    pub domain: Option<String>,
    /// The account's name without what varies between spellings.
    #[schema(max_length = 1000)]
    pub normalized_name: String,
    /// The account's country.
    pub country: Country,
    /// The products claimed.
    #[schema(max_items = 50)]
    pub products: Vec<String>,
    /// The partner's tier.
    #[schema(max_length = 64)]
    pub tier: String,
    /// Days of protection that the tier gives.
    #[schema(minimum = 1, maximum = 1095)]
    pub protection_days: u16,
    /// From which likeness of names on accounts may be the same, in per mille.
    #[schema(minimum = 500, maximum = 1000)]
    pub name_threshold_per_mille: u16,
    /// The partner's territory; empty means everywhere.
    #[schema(max_items = 250)]
    pub territory: Vec<Country>,
}

/// What the rules look at besides the inputs.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The account that was recognized.
    pub account: Option<Recognized>,
    /// Active protections at the account, for the claimed products, that count in this program.
    pub protections: Vec<Held>,
    /// The partner's own undecided or protected registrations at the account for the claimed products.
    pub own: Vec<(DealId, Vec<String>)>,
    /// The vendor's open opportunities at the account for the claimed products.
    pub opportunities: Vec<(VendorOpportunityId, Vec<String>)>,
    /// Other accounts whose names are alike and where something is taken.
    pub alike: Vec<Alike>,
}

/// An account that was recognized.
#[derive(Debug, Clone)]
pub struct Recognized {
    /// The account.
    pub id: AccountId,
    /// By what.
    pub basis: Basis,
    /// Whether it is reserved for the vendor's named-account team.
    pub named: bool,
}

/// A product held by a partner at an account.
#[derive(Debug, Clone)]
pub struct Held {
    /// By which registration.
    pub deal_id: DealId,
    /// By whom.
    pub partner_id: PartnerId,
    /// In which program.
    pub program: String,
    /// Which product.
    pub product: String,
    /// Until when.
    pub until: Timestamp,
}

/// An account with a similar name where something is taken.
#[derive(Debug, Clone)]
pub struct Alike {
    /// The account.
    pub id: AccountId,
    /// How alike the names are, in per mille.
    pub similarity: u16,
    /// What other partners hold there.
    pub protections: Vec<Held>,
    /// The vendor's open opportunities there.
    pub opportunities: Vec<VendorOpportunityId>,
}

/// Applies every rule to a claim of `partner`.
pub fn judge(inputs: Inputs, partner: PartnerId, facts: &Facts) -> Verdict {
    let mut findings = Vec::new();
    findings.extend(conflicts(partner, facts));
    findings.extend(duplicates(partner, facts));
    findings.extend(direct(facts));
    findings.extend(named(facts));
    findings.extend(facts.alike.iter().flat_map(|alike| possible(partner, alike)));
    findings.extend(out_of_territory(&inputs));
    findings.sort_by(|a, b| (a.kind, &a.until, &a.detail).cmp(&(b.kind, &b.until, &b.detail)));
    let kind = findings.first().map_or(VerdictKind::Clean, |finding| finding.kind);
    Verdict { kind, findings, inputs }
}

impl Verdict {
    /// What the actor may know: a partner hears that there is something and until when, never whose.
    pub fn findings_for(self, actor: &Actor) -> Vec<Finding> {
        let vendor = actor.is_vendor();
        let show = |mut finding: Finding| {
            if !vendor {
                let own = finding.evidence.take().filter(|_| finding.kind == VerdictKind::Duplicate);
                finding.evidence = own;
            }
            finding
        };
        self.findings.into_iter().map(show).collect()
    }
}

fn finding(kind: VerdictKind, detail: impl Into<String>, evidence: Evidence) -> Finding {
    Finding {
        kind,
        rule: kind.rule().into(),
        detail: detail.into(),
        until: None,
        products: Vec::new(),
        evidence: Some(evidence),
    }
}

/// One finding for each registration that holds something, with all the products that it holds.
fn held_by_others(
    kind: VerdictKind,
    partner: PartnerId,
    held: &[Held],
    base: &Evidence,
    detail: impl Fn(&[String]) -> String,
) -> Vec<Finding> {
    let mut deals: Vec<DealId> = held.iter().filter(|one| one.partner_id != partner).map(|one| one.deal_id).collect();
    deals.sort_unstable();
    deals.dedup();
    let of = |deal: DealId| held.iter().filter(move |one| one.deal_id == deal);
    deals
        .into_iter()
        .map(|deal| {
            let mut products: Vec<String> = of(deal).map(|one| one.product.clone()).collect();
            products.sort_unstable();
            products.dedup();
            let evidence = Evidence {
                deal_registration_id: Some(deal),
                partner_id: of(deal).next().map(|one| one.partner_id),
                program: of(deal).next().map(|one| one.program.clone()),
                ..base.clone()
            };
            let until = of(deal).map(|one| one.until).max().and_then(Timestamp::comes);
            Finding { until, ..finding(kind, detail(&products), evidence) }.about(products)
        })
        .collect()
}

impl Finding {
    fn about(mut self, products: Vec<String>) -> Self {
        self.products = products;
        self
    }
}

fn recognized(facts: &Facts) -> Evidence {
    let account = facts.account.as_ref();
    Evidence {
        account_id: account.map(|account| account.id),
        matched_by: account.map(|account| account.basis),
        ..Evidence::default()
    }
}

fn conflicts(partner: PartnerId, facts: &Facts) -> Vec<Finding> {
    held_by_others(VerdictKind::Conflict, partner, &facts.protections, &recognized(facts), |products| {
        format!("Another partner is protected at this account for {}.", products.join(", "))
    })
}

fn duplicates(partner: PartnerId, facts: &Facts) -> Vec<Finding> {
    let own = facts.own.iter().map(|(deal, products)| {
        let detail = format!("You have a registration at this account for {} already.", products.join(", "));
        let evidence = Evidence { deal_registration_id: Some(*deal), partner_id: Some(partner), ..recognized(facts) };
        finding(VerdictKind::Duplicate, detail, evidence).about(products.clone())
    });
    own.collect()
}

fn direct(facts: &Facts) -> Vec<Finding> {
    let open = facts.opportunities.iter().map(|(id, products)| {
        let evidence = Evidence { vendor_opportunity_id: Some(*id), ..recognized(facts) };
        let detail = "The vendor has an open opportunity of its own at this account.";
        finding(VerdictKind::Direct, detail, evidence).about(products.clone())
    });
    open.collect()
}

fn named(facts: &Facts) -> Option<Finding> {
    facts.account.as_ref().filter(|account| account.named).map(|_| {
        let detail = "The account is a named account of the vendor's.";
        finding(VerdictKind::NamedAccount, detail, recognized(facts))
    })
}

fn possible(partner: PartnerId, alike: &Alike) -> Vec<Finding> {
    let base = Evidence {
        account_id: Some(alike.id),
        matched_by: Some(Basis::SimilarName),
        similarity_per_mille: Some(alike.similarity),
        ..Evidence::default()
    };
    let mut found = held_by_others(VerdictKind::PossibleConflict, partner, &alike.protections, &base, |products| {
        format!("At an account with a similar name another partner is protected for {}.", products.join(", "))
    });
    found.extend(alike.opportunities.iter().map(|id| {
        let detail = "At an account with a similar name the vendor has an open opportunity of its own.";
        let evidence = Evidence { vendor_opportunity_id: Some(*id), ..base.clone() };
        finding(VerdictKind::PossibleConflict, detail, evidence)
    }));
    found
}

fn out_of_territory(inputs: &Inputs) -> Option<Finding> {
    let outside = !inputs.territory.is_empty() && !inputs.territory.contains(&inputs.country);
    outside.then(|| {
        let detail = format!("{} is not in the partner's territory.", inputs.country);
        finding(VerdictKind::OutOfTerritory, detail, Evidence::default())
    })
}

#[cfg(test)]
mod tests;
