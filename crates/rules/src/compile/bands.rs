//! Bands: their order, their gaps, and what they give.

use super::{About, Compiler, Kind, Range, Typed};
use crate::{
    Number,
    book::{Applies, Boundary, Rates, Steps},
    fault::below,
    node::{Edges, Op},
};

type Ends = (Option<Number>, Option<Number>);

impl Compiler<'_> {
    pub(super) fn bands(&mut self, steps: &Steps, at: &str) -> Typed {
        let mut args = vec![self.number(&steps.of, at, "of")];
        let written: Vec<Ends> = steps.bands.iter().map(|band| (band.from, band.to)).collect();
        let here = below(at, "bands");
        let ends = self.ends(written, steps.outside.is_some(), &here);
        let (mut kind, mut range) = (Kind::Any, None);
        for (place, band) in steps.bands.iter().enumerate() {
            let gives = self.expect(&band.gives, &below(&below(&here, place), "gives"), &kind);
            self.branch(&gives, &mut kind, &mut range);
            args.push(gives);
        }
        if let Some(outside) = &steps.outside {
            let outside = self.expect(outside, &below(at, "outside"), &kind);
            self.branch(&outside, &mut kind, &mut range);
            args.push(outside);
        }
        let mut about = About::new(kind);
        about.range = range.unwrap_or(Range::ANY);
        let given: Vec<&Typed> = args.iter().skip(1).collect();
        about.unit = self.common_unit(&given, at);
        let edges = Edges { ends: ends.into(), upper_included: steps.boundary == Boundary::UpperIncluded };
        self.node("bands", at, Op::Bands { edges, outside: steps.outside.is_some() }, args, about)
    }

    pub(super) fn rates(&mut self, rates: &Rates, at: &str) -> Typed {
        let mut args = vec![self.number(&rates.of, at, "of")];
        let mut written: Vec<Ends> = rates.bands.iter().map(|band| (band.from, band.to)).collect();
        if let Some(first) = written.first_mut() {
            first.0 = first.0.or(Some(Number::ZERO));
        }
        let here = below(at, "bands");
        let ends = self.ends(written, false, &here);
        if ends.first().and_then(|(from, _)| *from).is_some_and(Number::is_negative) {
            self.error(&below(&below(&here, 0), "from"), "minimum", "is below 0, where rates do not apply");
        }
        for (place, band) in rates.bands.iter().enumerate() {
            args.push(self.expect(&band.rate, &below(&below(&here, place), "rate"), &Kind::Number));
        }
        let mut about = About::new(Kind::Number);
        about.unit = args.first().and_then(|of| of.about.unit.clone());
        if args.iter().skip(1).all(|rate| rate.about.range.low.is_some_and(|low| !low.is_negative())) {
            about.range = Range::NOT_NEGATIVE;
        }
        let edges = Edges { ends: ends.into(), upper_included: rates.boundary == Boundary::UpperIncluded };
        let construct = match rates.applies {
            Applies::Retroactive => "retroactive rates",
            Applies::Marginal => "marginal rates",
            Applies::StackedCapped => "stacked and capped rates",
            Applies::StackedFull => "stacked full rates",
        };
        let typed = self.node("rates", at, Op::Rates { edges, applies: rates.applies }, args, about);
        if let Some(note) = self.notes.get_mut(typed.node.id) {
            construct.clone_into(&mut note.label);
        }
        typed
    }

    /// Fills in the ends that neighbours have, and checks order and gaps.
    fn ends(&mut self, mut ends: Vec<Ends>, gaps_allowed: bool, at: &str) -> Vec<Ends> {
        self.some(ends.len(), at);
        for place in 1..ends.len() {
            let (Some(before), Some(here)) = (ends.get(place - 1).copied(), ends.get(place).copied()) else { continue };
            let pointer = below(at, place);
            let border = before.1.or(here.0);
            if border.is_none() {
                self.error(&pointer, "required", "has no from, and the band before has no to: where does it start?");
            }
            if let Some(band) = ends.get_mut(place - 1) {
                band.1 = before.1.or(border);
            }
            if let Some(band) = ends.get_mut(place) {
                band.0 = here.0.or(border);
            }
            self.border(before.1.or(border), here.0.or(border), gaps_allowed, &pointer);
        }
        for (place, (from, to)) in ends.iter().enumerate() {
            if let (Some(from), Some(to)) = (from, to)
                && from >= to
            {
                let words =
                    format!("is empty or in the wrong order: from {from} to {to}; bands stand in ascending order");
                self.error(&below(at, place), "band_order", words);
            }
        }
        ends
    }

    fn border(&mut self, before: Option<Number>, here: Option<Number>, gaps_allowed: bool, at: &str) {
        let (Some(before), Some(here)) = (before, here) else { return };
        if here < before {
            self.error(at, "band_overlap", format!("starts at {here}, but the band before ends at {before}"));
        } else if here > before && !gaps_allowed {
            let words =
                format!("leaves a gap from {before} to {here}; say what is given there, with outside, or close it");
            self.error(at, "band_gap", words);
        }
    }
}
