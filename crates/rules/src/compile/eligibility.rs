//! What a company is asked for before it may join.

use super::Compiler;
use crate::{Number, book::CriterionKind, fault::below};

impl Compiler<'_> {
    pub(super) fn eligibility(&mut self) {
        let book = self.book;
        let mut seen: Vec<&str> = Vec::new();
        for (place, criterion) in book.eligibility.iter().enumerate() {
            let at = below("/eligibility", place);
            self.name(&criterion.name, &below(&at, "name"));
            if seen.contains(&criterion.name.as_str()) {
                self.error(&below(&at, "name"), "duplicate", "is the name of another criterion too");
            }
            seen.push(&criterion.name);
            if criterion.weight.is_some_and(|weight| weight < Number::ZERO) {
                self.error(&below(&at, "weight"), "minimum", "is less than 0");
            }
            let here = below(&at, "requires");
            let typed = self.rule(&criterion.requires, &here);
            if !typed.about.fate.met && criterion.kind == CriterionKind::Required {
                self.error(&here, "unreachable", "can never be met, so that nobody could join");
            }
            self.criteria.push((criterion.name.clone(), typed.node));
        }
    }
}
