//! Published rules of real programs, and the outcomes that their sources state or that follow from them.

use rules::Program;

use crate::support::{TODAY, answer_on, day, number, points, program, tier, yaml};

pub const BOOKS: [(&str, &str); 9] = [
    ("azure", AZURE),
    ("modern work", MODERN_WORK),
    ("business apps", BUSINESS_APPS),
    ("security", SECURITY),
    ("pci", PCI),
    ("hubspot", HUBSPOT),
    ("aws", AWS),
    ("salesforce", SALESFORCE),
    ("dates", DATES),
];

/// Microsoft, Azure areas, 2023. Data & AI has no advanced certificates.
pub const AZURE: &str = include_str!("books/azure.yaml");

const MODERN_WORK: &str = "
facts:
  net_customer_adds: {type: number}
  intermediate_certified_people: {type: number}
  advanced_certified_people: {type: number}
  usage_growth: {type: map}
  deployments: {type: map}
scores:
  enterprise:
    cap: 100
    components:
      - {name: net_adds, points: {per_unit: {of: net_customer_adds, points: 4}}, cap: 20}
      - {name: intermediate, points: {linear: {of: intermediate_certified_people, reaches: 4, points: 10}}}
      - {name: advanced, points: {linear: {of: advanced_certified_people, reaches: 2, points: 15}}}
      - name: usage_growth
        points: {greatest: [{linear: {of: usage_growth.cpor, reaches: 1000, points: 30}}, {linear: {of: usage_growth.dpor, reaches: 4000, points: 30}}]}
      - name: deployments
        points: {greatest: [{linear: {of: deployments.cpor, reaches: 5, points: 25}}, {linear: {of: deployments.dpor, reaches: 10, points: 25}}]}
  smb:
    cap: 100
    components:
      - {name: net_adds, points: {per_unit: {of: net_customer_adds, points: 2}}, cap: 20}
      - {name: intermediate, points: {linear: {of: intermediate_certified_people, reaches: 2, points: 10}}}
      - {name: advanced, points: {linear: {of: advanced_certified_people, reaches: 1, points: 15}}}
      - name: usage_growth
        points: {greatest: [{linear: {of: usage_growth.cpor, reaches: 500, points: 30}}, {linear: {of: usage_growth.csp, reaches: 2000, points: 30}}]}
      - name: deployments
        points: {greatest: [{linear: {of: deployments.cpor, reaches: 5, points: 25}}, {linear: {of: deployments.csp, reaches: 10, points: 25}}]}
  modern_work: {paths: [enterprise, smb]}
rules:
  qualified: {all: [{metric: score.modern_work, at_least: 70}, {every_component: {score: modern_work, more_than: 0}}]}
tiers: [{name: In progress}, {name: Qualified, requires: qualified}]
";

const BUSINESS_APPS: &str = "
facts:
  net_customer_adds: {type: number}
  intermediate_certified_people: {type: number}
  advanced_certified_people: {type: number}
  mcv: {type: map, unit: USD}
  net_new_deployments: {type: number}
  workloads_over_5000usd_now_and_month13: {type: number}
metrics:
  path: {bands: {of: workloads_over_5000usd_now_and_month13, bands: [{to: 5, gives: {text: smb}}, {gives: {text: enterprise}}]}}
  usage_growth: {growth_percent: {now: mcv.now, before: mcv.year_ago, when_zero: 0}}
scores:
  enterprise:
    cap: 100
    components:
      - {name: net_adds, points: {per_unit: {of: net_customer_adds, points: 3}}, cap: 15}
      - {name: intermediate, points: intermediate_certified_people, cap: 20}
      - {name: advanced, points: {per_unit: {of: advanced_certified_people, points: 15/7}}, cap: 15}
      - {name: usage_growth, points: usage_growth, cap: 30, gate: {metric: mcv.year_ago, at_least: 50000}}
      - {name: deployments, points: {per_unit: {of: net_new_deployments, points: 4}}, cap: 20}
  smb:
    cap: 100
    components:
      - {name: net_adds, points: {per_unit: {of: net_customer_adds, points: 3}}, cap: 15}
      - {name: intermediate, points: {per_unit: {of: intermediate_certified_people, points: 4}}, cap: 20}
      - {name: advanced, points: {per_unit: {of: advanced_certified_people, points: 7.5}}, cap: 15}
      - {name: usage_growth, points: usage_growth, cap: 30, gate: {metric: mcv.year_ago, at_least: 25000}}
      - {name: deployments, points: {per_unit: {of: net_new_deployments, points: 4}}, cap: 20}
  business_apps: {paths: [enterprise, smb], choose: {by: path}}
tiers:
  - {name: In progress}
  - {name: Qualified, requires: {all: [{metric: score.business_apps, at_least: 70}, {every_component: {score: business_apps, more_than: 0}}]}}
";

const SECURITY: &str = "
facts: {net_customer_adds: {type: number}, net_new_deployments: {type: number}, security_acr_growth: {type: number}, m365_protected_user_growth: {type: number}, people: {type: people}}
metrics:
  needed: {choose: {cases: [{when: {metric: as_of, less_than: 2023-12-01}, then: 1}], otherwise: 2}}
scores:
  security:
    cap: 100
    components:
      - {name: net_adds, points: {per_unit: {of: net_customer_adds, points: 2}}, cap: 20}
      - name: intermediate
        points: {per_unit: {of: {people: {holding: [sec_step3]}}, points: 20/3}}
        cap: 40
        gate: {all: [{metric: {people: {holding: [sec_step1]}}, at_least: needed}, {metric: {people: {holding: [sec_step2]}}, at_least: needed}]}
      - {name: deployments, points: {per_unit: {of: net_new_deployments, points: 10/3}}, cap: 20}
      - name: usage_growth
        cap: 20
        components:
          - {name: acr, points: {per_unit: {of: security_acr_growth, unit: 1250, points: 1}}, cap: 20}
          - {name: users, points: {per_unit: {of: m365_protected_user_growth, unit: 125, points: 1}}, cap: 20}
";

const PCI: &str = "
facts: {net_new_revenue: {type: number}, net_customer_adds: {type: number}, functional_consultants: {type: number}, developers: {type: number}, new_deployments: {type: number}, mau_growth_pct: {type: number}, mau_baseline: {type: number}}
scores:
  pci:
    cap: 100
    components:
      - {name: net_new_revenue, points: {linear: {of: net_new_revenue, reaches: 30000, points: 10}}}
      - {name: net_customer_adds, points: {linear: {of: net_customer_adds, reaches: 10, points: 10}}}
      - {name: functional_consultants, points: {linear: {of: functional_consultants, reaches: 5, points: 30}}}
      - {name: developers, points: {linear: {of: developers, reaches: 2, points: 5}}}
      - {name: new_deployments, points: {linear: {of: new_deployments, reaches: 10, points: 20}}}
      - {name: mau_growth, points: {linear: {of: mau_growth_pct, reaches: 35, points: 25}}, gate: {metric: mau_baseline, at_least: 50}}
tiers: [{name: None}, {name: Silver, requires: {metric: score.pci, at_least: 60}}, {name: Gold, requires: {metric: score.pci, at_least: 80}}]
";

const HUBSPOT: &str = "
facts: {sold_mrr_ttm: {type: number, unit: USD}, managed_mrr: {type: number, unit: USD}, partner_certified: {type: number}, median_app_usage: {type: number}}
rules:
  active: {all: [{metric: partner_certified, equals: 1}, {metric: median_app_usage, at_least: 3}]}
tiers:
  - {name: Untiered}
  - {name: Silver, requires: {all: [{metric: sold_mrr_ttm, at_least: 1125}, {metric: managed_mrr, at_least: 1125}, active]}}
  - {name: Gold, requires: {all: [{metric: sold_mrr_ttm, at_least: 2100}, {metric: managed_mrr, at_least: 6000}, active]}}
  - {name: Platinum, requires: {all: [{metric: sold_mrr_ttm, at_least: 3750}, {metric: managed_mrr, at_least: 20000}, active]}}
  - {name: Diamond, requires: {all: [{metric: sold_mrr_ttm, at_least: 10000}, {metric: managed_mrr, at_least: 50000}, active]}}
";

const AWS: &str = "
facts:
  accredited_people: {type: number}
  accredited_technical: {type: number}
  accredited_business: {type: number}
  launched_mrr_usd: {type: number, unit: USD}
  plan_current: {type: boolean, default: false}
  validations: {type: list, of: text, default: []}
tiers:
  - {name: Registered}
  - name: Select
    requires: {all: [{metric: accredited_people, at_least: 4}, {metric: accredited_technical, at_least: 2}, {metric: accredited_business, at_least: 2}, {metric: launched_mrr_usd, at_least: 1500}]}
  - name: Advanced
    requires: {all: [{metric: accredited_people, at_least: 8}, {metric: accredited_technical, at_least: 4}, {metric: accredited_business, at_least: 4}, {metric: launched_mrr_usd, at_least: 10000}, plan_current]}
  - name: Premier
    requires:
      all:
        - {metric: accredited_people, at_least: 20}
        - {metric: launched_mrr_usd, at_least: 50000}
        - plan_current
        - at_least_of:
            count: 3
            of: [{contains: {list: validations, any: [msp]}}, {contains: {list: validations, any: [devops]}}, {contains: {list: validations, any: [cloud_ops]}}, {contains: {list: validations, any: [storage]}}, {contains: {list: validations, any: [data]}}]
            including: {contains: {list: validations, any: [msp, devops, cloud_ops]}}
";

const SALESFORCE: &str = "
facts: {attrition_pct: {type: number}, renewable_revenue: {type: number, unit: USD}, average_rating: {type: number}, review_count: {type: number}, scores_by_region: {type: map}, tier: {type: text}, market: {type: text}}
tables:
  program_fee: {unit: USD, by: [tier, market], values: {Silver: {mature: 3000, growth: 2500}, Gold: {mature: 10000, growth: 7500}}}
metrics:
  fee: {lookup: {table: program_fee, by: [tier, market]}}
  best_region: {highest: {of: scores_by_region}}
scores:
  customer_success:
    components:
      - name: attrition
        points:
          product:
            - bands: {of: attrition_pct, bands: [{from: 0, to: 5, gives: 250}, {to: 10, gives: 200}, {to: 15, gives: 150}, {to: 20, gives: 100}, {to: 25, gives: 50}, {gives: 0}]}
            - bands: {of: renewable_revenue, bands: [{from: 0.01, to: 500000, gives: 0.1}, {to: 1000000, gives: 0.25}, {to: 2500000, gives: 0.6}, {to: 5000000, gives: 0.8}, {to: 10000000, gives: 0.95}, {gives: 1}]}
      - name: rating
        points: {bands: {of: average_rating, bands: [{from: 1, to: 1.5, gives: 20}, {to: 2.5, gives: 40}, {to: 3.5, gives: 60}, {to: 4.5, gives: 80}, {gives: 100}]}}
        gate: {metric: review_count, at_least: 5}
tiers:
  - {name: Base}
  - {name: Ridge, requires: {metric: best_region, at_least: 250}}
  - {name: Crest, requires: {metric: best_region, at_least: 500}}
  - {name: Summit, requires: {metric: best_region, at_least: 750}}
";

const DATES: &str = "
facts: {anniversary: {type: date}, quarter_end: {type: date}, expires: {type: date}, deal_sold: {type: date}, designations: {type: list, of: text}, months_active: {type: number}, mrr: {type: number}}
metrics:
  window_from: {start_of: {unit: month, date: {date_plus: {months: -5}}}}
  earliest_demotion: {next_of: {days: ['01-15', '07-15'], on_or_after: {date_plus: {months: 6}}}}
  evaluation_month: {period_of: {unit: month, date: {date_plus: {date: quarter_end, days: 1}}}}
  effective: {date_plus: {date: {end_of: {unit: month, date: {date_plus: {date: quarter_end, days: 1}}}}, days: 1}}
  new_expiry: {date_plus: {date: expires, days: 90}}
  commission: {product: [mrr, 0.2, {least: [months_active, 36]}]}
rules:
  counts_as_sold: {metric: deal_sold, more_than: {date_plus: {months: -12}}}
  prerequisite: {contains: {list: designations, any: [Data & AI, Infrastructure]}}
";

fn of(book: &str, facts: &str, name: &str) -> String {
    points(&program(book), facts, name).to_string()
}

/// The total and whether it qualifies.
fn azure(facts: &str, area: &str) -> (String, bool) {
    let program = program(AZURE);
    let facts = program.read_facts(&yaml(facts)).unwrap();
    let outcome = program.evaluate(&facts, day(TODAY));
    let met = outcome.rule(&format!("{area}_qualified")) == Some(rules::Met::Met);
    (outcome.score(area).unwrap().total().to_string(), met)
}

const TEAM: &str = "p1: [az_admin, infra_mid], p2: [az_admin, infra_mid], p3: [infra_mid], p4: [az_architect, infra_top], p5: [az_architect, infra_top]";

fn infrastructure(now: i32, year_ago: i32, acr_before: i32, acr_now: i32, services: i32, more: &str) -> (String, bool) {
    let facts = format!(
        "{{customers: {{now: {now}, year_ago: {year_ago}}}, people: {{{TEAM}{more}}}, acr: {{year_ago: {acr_before}, now: {acr_now}}}, services: {services}}}"
    );
    azure(&facts, "infrastructure")
}

#[test]
fn azure_infrastructure() {
    let is = |total: &str, qualified: bool| (total.to_owned(), qualified);
    assert_eq!(infrastructure(3, 0, 100_000, 112_000, 4, ""), is("70", true));
    assert_eq!(infrastructure(3, 0, 100_000, 113_000, 3, ""), is("69", false));
    assert_eq!(infrastructure(9, 0, 100_000, 155_000, 30, ""), is("80", true));
    assert_eq!(infrastructure(-2, 0, 100_000, 90_000, 5, ""), is("30", false));
    assert_eq!(infrastructure(3, 0, 500, 999, 5, ""), is("60", false));
    let more = ", p6: [infra_mid, infra_top], p7: [infra_mid, infra_top], p8: [infra_top]";
    assert_eq!(infrastructure(3, 0, 100_000, 125_000, 0, more), is("90", false), "a component is 0");
}

#[test]
fn azure_data_and_ai_has_no_advanced_component() {
    let people = "q0: [data_ai], q1: [data_ai], q2: [data_ai], q3: [data_ai], a: [az_architect], b: [az_architect], c: [az_admin], d: [az_admin]";
    let facts = format!(
        "{{customers: {{now: 5, year_ago: 2}}, people: {{{people}}}, acr: {{year_ago: 100000, now: 116000}}, services: 4}}"
    );
    assert_eq!(azure(&facts, "data_ai"), ("70".to_owned(), true));
}

#[test]
fn azure_gates_count_people() {
    for (people, expected) in [
        ("A: [az_architect, az_admin, data_ai], B: [az_architect, az_admin, data_ai]", "8"),
        ("A: [az_architect, data_ai], B: [az_architect, data_ai]", "0"),
        ("A: [az_architect], B: [az_admin, data_ai], C: [az_admin, data_ai]", "0"),
    ] {
        assert_eq!(of(AZURE, &format!("{{people: {{{people}}}}}"), "score.data_ai.intermediate"), expected, "{people}");
    }
}

#[test]
fn modern_work_takes_the_best_of_alternatives() {
    let facts = "{net_customer_adds: 3, intermediate_certified_people: 4, advanced_certified_people: 1, usage_growth: {cpor: 800, dpor: 1000}, deployments: {cpor: 3, dpor: 2}}";
    assert_eq!(of(MODERN_WORK, facts, "score.enterprise"), "68.5");
    // As SMB: 6 + 10 + 15 + 30 + 15.
    assert_eq!(of(MODERN_WORK, facts, "score.modern_work"), "76");
    assert_eq!(of(MODERN_WORK, "{usage_growth: {cpor: 499}}", "score.smb.usage_growth"), "29.94");
    assert_eq!(of(MODERN_WORK, "{usage_growth: {cpor: 20}}", "score.enterprise.usage_growth"), "0.6");
    assert_eq!(tier(&program(MODERN_WORK), facts).unwrap(), "Qualified");
}

#[test]
fn business_apps_are_exact_and_classified() {
    let enterprise = "{net_customer_adds: 5, intermediate_certified_people: 12, advanced_certified_people: 7, mcv: {year_ago: 50000, now: 56000}, net_new_deployments: 4, workloads_over_5000usd_now_and_month13: 5}";
    assert_eq!(of(BUSINESS_APPS, enterprise, "score.business_apps"), "70");
    assert_eq!(tier(&program(BUSINESS_APPS), enterprise).unwrap(), "Qualified");
    let smb = "{net_customer_adds: 3, intermediate_certified_people: 4, advanced_certified_people: 1, mcv: {year_ago: 25000, now: 30000}, net_new_deployments: 5, workloads_over_5000usd_now_and_month13: 4}";
    assert_eq!(of(BUSINESS_APPS, smb, "path"), "smb");
    assert_eq!(of(BUSINESS_APPS, smb, "score.business_apps"), "72.5");
}

#[test]
fn security_counts_in_thirds_and_changes_its_gate_by_date() {
    let three = "{people: {A: [sec_step1], B: [sec_step1], C: [sec_step2], D: [sec_step2], E: [sec_step3], F: [sec_step3], G: [sec_step3]}}";
    assert_eq!(of(SECURITY, three, "score.security.intermediate"), "20");
    let two = "{people: {A: [sec_step1, sec_step2, sec_step3], B: [sec_step1, sec_step2, sec_step3]}}";
    assert_eq!(of(SECURITY, two, "score.security.intermediate"), "40/3");
    let one_each = "{people: {A: [sec_step1, sec_step3], B: [sec_step2, sec_step3], C: [sec_step3]}}";
    let on = |day| answer_on(SECURITY, one_each, "score.security.intermediate", day);
    assert_eq!(on("2023-11-30"), number("20"));
    assert_eq!(on("2023-12-01"), number("0"));
}

#[test]
fn pci_gives_partial_points() {
    let facts = "{net_new_revenue: 30000, net_customer_adds: 5, functional_consultants: 4, developers: 2, new_deployments: 4, mau_growth_pct: 11.2, mau_baseline: 50}";
    assert_eq!(of(PCI, facts, "score.pci"), "60");
    assert_eq!(tier(&program(PCI), facts).unwrap(), "Silver");
}

#[test]
fn hubspot_2018() {
    let program: Program = program(HUBSPOT);
    for (sold, managed, certified, usage, expected) in [
        (2100, 6000, 1, 5, "Gold"),
        (10000, 49999, 1, 5, "Platinum"),
        (12000, 0, 1, 5, "Untiered"),
        (12000, 60000, 0, 5, "Untiered"),
        (12000, 60000, 1, 2, "Untiered"),
        (1125, 6500, 1, 5, "Silver"),
    ] {
        let facts = format!(
            "{{sold_mrr_ttm: {sold}, managed_mrr: {managed}, partner_certified: {certified}, median_app_usage: {usage}}}"
        );
        assert_eq!(tier(&program, &facts).unwrap(), expected, "{facts}");
    }
}

#[test]
fn aws_premier_needs_three_validations_of_which_one_is_named() {
    let program = program(AWS);
    let with = |people: i32, technical: i32, business: i32, mrr: i32, validations: &str| {
        let facts = format!(
            "{{accredited_people: {people}, accredited_technical: {technical}, accredited_business: {business}, launched_mrr_usd: {mrr}, plan_current: true, validations: {validations}}}"
        );
        tier(&program, &facts).unwrap()
    };
    assert_eq!(with(8, 4, 4, 9999, "[]"), "Select");
    assert_eq!(with(8, 5, 3, 10000, "[]"), "Select", "a minimum inside a total");
    assert_eq!(with(20, 10, 10, 50000, "[msp, storage, data]"), "Premier");
    assert_eq!(with(20, 10, 10, 50000, "[msp, storage]"), "Advanced");
    assert_eq!(with(20, 10, 10, 50000, "[storage, data, other]"), "Advanced");
    assert_eq!(with(20, 10, 10, 50000, "[cloud_ops, storage, data]"), "Premier");
}

#[test]
fn salesforce_bands_times_a_second_bands_factor() {
    let attrition = |pct: &str, revenue: i32| {
        of(
            SALESFORCE,
            &format!("{{attrition_pct: {pct}, renewable_revenue: {revenue}}}"),
            "score.customer_success.attrition",
        )
    };
    assert_eq!(attrition("4.9", 1_200_000), "150");
    assert_eq!(attrition("5.0", 1_200_000), "120");
    assert_eq!(attrition("7", 400_000), "20");
    assert_eq!(of(SALESFORCE, "{average_rating: 5.0, review_count: 4}", "score.customer_success.rating"), "0");
    assert_eq!(of(SALESFORCE, "{tier: Gold, market: growth}", "fee"), "7500");
    assert_eq!(tier(&program(SALESFORCE), "{scores_by_region: {AMER: 480, EMEA: 510, APAC: 120}}").unwrap(), "Crest");
}

#[test]
fn days_that_programs_derive() {
    let on = |facts: &str, name: &str, as_of: &str| answer_on(DATES, facts, name, as_of).to_string();
    assert_eq!(on("{}", "window_from", "2024-08-15"), "2024-03-01");
    assert_eq!(on("{}", "earliest_demotion", "2025-04-10"), "2026-01-15");
    assert_eq!(on("{quarter_end: 2024-04-30}", "evaluation_month", TODAY), "2024-05");
    assert_eq!(on("{quarter_end: 2024-04-30}", "effective", TODAY), "2024-06-01");
    assert_eq!(on("{expires: 2021-06-30}", "new_expiry", TODAY), "2021-09-28");
    assert_eq!(on("{deal_sold: 2017-01-10}", "counts_as_sold", "2018-01-22"), "false");
    assert_eq!(on("{designations: [Infrastructure]}", "prerequisite", TODAY), "true");
    assert_eq!(on("{mrr: 1000, months_active: 40}", "commission", TODAY), "7200");
}
