use kernel::Role;
use proptest::prelude::*;
use strum::IntoEnumIterator;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn inputs(territory: &[&str]) -> Inputs {
    Inputs {
        evaluated_at: at("2026-01-01T00:00:00Z"),
        program: "reseller".into(),
        program_version: 1,
        program_digest: String::new(),
        domain: Some("acme.example".into()),
        normalized_name: "acme".into(),
        country: "DE".parse().unwrap(),
        products: vec!["core".into(), "plus".into()],
        tier: "Gold".into(),
        protection_days: 90,
        name_threshold_per_mille: 880,
        territory: territory.iter().map(|code| code.parse().unwrap()).collect(),
    }
}

fn partner(number: u8) -> PartnerId {
    PartnerId::from_bytes([number; 16])
}

fn held(by: u8, product: &str) -> Held {
    Held {
        deal_id: DealId::from_bytes([by; 16]),
        partner_id: partner(by),
        program: "reseller".into(),
        product: product.into(),
        until: at("2026-03-01T00:00:00Z"),
    }
}

fn account(named: bool) -> Option<Recognized> {
    Some(Recognized { id: AccountId::from_bytes([9; 16]), basis: Basis::Domain, named })
}

fn somebody(partner: Option<PartnerId>) -> Actor {
    Actor { partner, role: Role::PartnerAdmin, ..Actor::system() }
}

#[test]
fn nothing_found_is_clean() {
    let verdict = judge(inputs(&[]), partner(1), &Facts { account: account(false), ..Facts::default() });
    assert_eq!((verdict.kind, verdict.findings.len()), (VerdictKind::Clean, 0));
}

#[test]
fn the_gravest_comes_first_and_all_are_kept() {
    let facts = Facts {
        account: account(true),
        protections: vec![held(2, "plus"), held(2, "core")],
        own: vec![(DealId::from_bytes([1; 16]), vec!["core".into()])],
        opportunities: vec![(VendorOpportunityId::from_bytes([3; 16]), vec!["core".into()])],
        alike: vec![Alike {
            id: AccountId::from_bytes([8; 16]),
            similarity: 930,
            protections: vec![held(4, "core")],
            opportunities: vec![],
        }],
    };
    let verdict = judge(inputs(&["FR"]), partner(1), &facts);
    let kinds: Vec<_> = verdict.findings.iter().map(|finding| finding.kind).collect();
    let all_but_clean: Vec<_> = VerdictKind::iter().filter(|kind| *kind != VerdictKind::Clean).collect();
    assert_eq!(kinds, all_but_clean);
    assert_eq!(verdict.kind, VerdictKind::Conflict);
    assert_eq!(verdict.findings[0].products, ["core", "plus"]);
    assert_eq!(verdict.findings[0].until, Some(at("2026-03-01T00:00:00Z")));
}

#[test]
fn a_partner_never_hears_whose() {
    let facts = Facts { account: account(false), protections: vec![held(2, "core")], ..Facts::default() };
    let verdict = judge(inputs(&[]), partner(1), &facts);
    let rival = partner(2).to_string();
    let told = format!("{:?}", verdict.clone().findings_for(&somebody(Some(partner(1)))));
    assert!(!told.contains(&rival) && !told.contains("account_id: Some") && told.contains("2026-03-01"), "{told}");
    assert!(format!("{:?}", verdict.findings_for(&somebody(None))).contains(&rival));
}

#[test]
fn own_protection_is_no_conflict() {
    let facts = Facts { account: account(false), protections: vec![held(1, "core")], ..Facts::default() };
    assert_eq!(judge(inputs(&[]), partner(1), &facts).kind, VerdictKind::Clean);
}

proptest! {
    /// The same facts in any order give the same verdict.
    #[test]
    fn order_does_not_matter(
        (held_by, shuffled) in prop::collection::vec((1u8..6, prop::sample::select(vec!["core", "plus"])), 0..8)
            .prop_flat_map(|held_by| (Just(held_by.clone()), Just(held_by).prop_shuffle())),
    ) {
        let judged = |list: Vec<(u8, &str)>| {
            let protections = list.into_iter().map(|(by, product)| held(by, product)).collect();
            judge(inputs(&[]), partner(1), &Facts { account: account(false), protections, ..Facts::default() })
        };
        let rivals = held_by.iter().any(|(by, _)| *by != 1);
        let verdict = judged(held_by);
        prop_assert_eq!(verdict.kind == VerdictKind::Conflict, rivals);
        prop_assert_eq!(verdict, judged(shuffled));
    }
}
