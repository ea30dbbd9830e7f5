use crate::support::x;

fn rates(applies: &str, boundary: &str, bands: &str, amount: &str) -> String {
    let book = format!(
        "facts: {{v: {{type: number}}}}\nmetrics: {{x: {{rates: {{of: v, applies: {applies}, boundary: {boundary}, bands: {bands}}}}}}}"
    );
    x(&book, &format!("{{v: {amount}}}"))
}

const AB: &str = "[{to: 1000, rate: 0.1}, {to: 2500, rate: 0.25}]";

#[test]
fn the_four_ways_in_which_bands_apply() {
    for (applies, at_2000) in
        [("marginal", "350"), ("retroactive", "500"), ("stacked_capped", "600"), ("stacked_full", "700")]
    {
        assert_eq!(rates(applies, "upper_included", AB, "2000"), at_2000, "{applies}");
    }
}

#[test]
fn at_the_edge() {
    assert_eq!(rates("marginal", "upper_included", AB, "1000"), "100");
    assert_eq!(rates("marginal", "lower_included", AB, "1000"), "100");
    assert_eq!(rates("retroactive", "upper_included", AB, "1000"), "100");
    assert_eq!(rates("retroactive", "lower_included", AB, "1000"), "250");
    assert_eq!(rates("stacked_full", "lower_included", AB, "1000"), "350");
    assert_eq!(rates("stacked_full", "upper_included", AB, "1000"), "100");
    assert_eq!(rates("marginal", "upper_included", AB, "0"), "0");
    assert_eq!(rates("marginal", "upper_included", AB, "-5"), "0");
    // Above the last band that has an end, its marginal part stays as it is.
    assert_eq!(rates("marginal", "upper_included", AB, "9000"), "475");
}

#[test]
fn a_deal_that_crosses_bands() {
    let fee = "[{to: 150000, rate: 0.1}, {to: 500000, rate: 0.07}, {to: 1000000, rate: 0.05}, {rate: 0.03}]";
    assert_eq!(rates("marginal", "lower_included", fee, "1200000"), "70500");
    let quota = "facts: {sales: {type: number}, quota: {type: number}}
metrics: {x: {product: [quota, {rates: {of: {ratio: {of: sales, to: quota}}, applies: marginal, bands: [{to: 0.6, rate: 0.1}, {to: 1, rate: 0.15}, {rate: 0.1875}]}}]}}";
    assert_eq!(x(quota, "{sales: 120000, quota: 100000}"), "15750");
}

#[test]
fn guarantees_minimums_and_the_order_of_reductions() {
    let graded = "facts: {v: {type: number}}
metrics: {x: {greatest: [7000, {rates: {of: v, applies: retroactive, bands: [{to: 20000, rate: 0.1}, {to: 30000, rate: 0.11}, {to: 40000, rate: 0.12}, {rate: 0.13}]}}]}}";
    assert_eq!(x(graded, "{v: 43000}"), "7000");
    let carried = "facts: {q1: {type: number}, q2: {type: number}}
metrics:
  surplus: {greatest: [0, {difference: {of: q1, less: 10000}}]}
  x: {greatest: [0, {difference: {of: {difference: {of: 10000, less: surplus}}, less: q2}}]}";
    assert_eq!(x(carried, "{q1: 12000, q2: 5000}"), "3000");
    assert_eq!(
        x(
            "facts: {v: {type: number}}\nmetrics: {x: {per_unit: {of: v, unit: 100, points: 2, whole_units: true}}}",
            "{v: 150}"
        ),
        "2"
    );
    let capped = "facts: {spend: {type: number}, bought: {type: number}}
metrics: {x: {least: [{product: [spend, 0.5]}, {product: [bought, 0.03]}]}}";
    assert_eq!(x(capped, "{spend: 14000, bought: 200000}"), "6000");
}
