//! What a territory covers, and what two of them share: pure functions.

use kernel::{Country, text::searchable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group of countries that the vendor has a name for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TerritoryRegion, example = json!({"name": "DACH", "countries": ["AT", "CH", "DE"]}))]
pub struct Region {
    /// Its name.
    #[schema(min_length = 1, max_length = 100, example = "DACH")]
    pub name: String,
    /// Its countries.
    #[schema(min_items = 1, max_items = 250)]
    pub countries: Vec<Country>,
}

/// What a territory covers. What is empty sets no limit.
#[derive(Debug, Clone)]
pub(crate) struct Area<'a> {
    /// The countries, those of its regions among them.
    pub countries: Vec<Country>,
    segments: &'a [String],
    industries: &'a [String],
}

impl<'a> Area<'a> {
    pub fn new(countries: &[Country], regions: &[Region], segments: &'a [String], industries: &'a [String]) -> Self {
        let of_regions = regions.iter().flat_map(|region| &region.countries);
        let mut countries: Vec<Country> = countries.iter().chain(of_regions).copied().collect();
        countries.sort_unstable();
        countries.dedup();
        Self { countries, segments, industries }
    }

    /// What both cover, in words; `None` if nothing.
    pub fn overlap(&self, other: &Self) -> Option<String> {
        let countries = shared(&self.countries, &other.countries, ToString::to_string)?;
        let segments = shared(self.segments, other.segments, |name| searchable(name))?;
        let industries = shared(self.industries, other.industries, |name| searchable(name))?;
        let mut place =
            if countries.is_empty() { "everywhere".to_owned() } else { format!("in {}", countries.join(", ")) };
        for (what, names) in [("segments", segments), ("industries", industries)] {
            if !names.is_empty() {
                place = format!("{place}, for the {what} {}", names.join(", "));
            }
        }
        Some(place)
    }
}

/// What both lists hold; empty when neither sets a limit, `None` when they share nothing.
fn shared<T>(one: &[T], other: &[T], key: impl Fn(&T) -> String) -> Option<Vec<String>> {
    let keys = |list: &[T]| list.iter().map(&key).collect::<Vec<String>>();
    match (one.is_empty(), other.is_empty()) {
        (true, _) => Some(keys(other)),
        (_, true) => Some(keys(one)),
        (false, false) => {
            let others = keys(other);
            let both: Vec<String> = keys(one).into_iter().filter(|item| others.contains(item)).collect();
            (!both.is_empty()).then_some(both)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlap(one: (&[&str], &[&str]), other: (&[&str], &[&str])) -> Option<String> {
        let countries = |codes: &[&str]| codes.iter().map(|code| code.parse().unwrap()).collect::<Vec<Country>>();
        let texts = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<String>>();
        let (first, second) = (texts(one.1), texts(other.1));
        Area::new(&countries(one.0), &[], &first, &[]).overlap(&Area::new(&countries(other.0), &[], &second, &[]))
    }

    #[test]
    fn what_sets_no_limit_overlaps_with_everything() {
        assert_eq!(overlap((&[], &[]), (&[], &[])).as_deref(), Some("everywhere"));
        assert_eq!(overlap((&["DE"], &[]), (&[], &[])).as_deref(), Some("in DE"));
        assert_eq!(overlap((&[], &["smb"]), (&["AT", "DE"], &[])).as_deref(), Some("in AT, DE, for the segments smb"));
    }

    #[test]
    fn all_that_both_limit_must_be_shared() {
        assert_eq!(overlap((&["DE"], &[]), (&["AT"], &[])), None);
        assert_eq!(overlap((&["DE"], &["smb"]), (&["DE"], &["enterprise"])), None);
        assert_eq!(
            overlap((&["DE", "AT"], &["SMB"]), (&["DE"], &["smb", "x"])).as_deref(),
            Some("in DE, for the segments smb")
        );
    }

    #[test]
    fn the_countries_of_regions_count() {
        let region = Region { name: "DACH".into(), countries: vec!["AT".parse().unwrap(), "DE".parse().unwrap()] };
        let (with, without) = (Area::new(&[], &[region], &[], &[]), Area::new(&["AT".parse().unwrap()], &[], &[], &[]));
        assert_eq!(with.overlap(&without).as_deref(), Some("in AT"));
    }
}
