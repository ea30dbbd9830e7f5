//! Texts and lists that are made of values.

use super::{About, Compiler, Kind, Typed};
use crate::{
    book::{Case, Expr},
    fault::below,
    node::Op,
};

impl Compiler<'_> {
    pub(super) fn collect(&mut self, cases: &[Case], at: &str) -> Typed {
        let here = below(at, "cases");
        self.some(cases.len(), &here);
        let (mut args, mut kind) = (Vec::new(), Kind::Any);
        for (place, case) in cases.iter().enumerate() {
            let here = below(&here, place);
            args.push(self.rule(&case.when, &below(&here, "when")));
            let then = self.expect(&case.then, &below(&here, "then"), &kind);
            let then = self.scalar(then, &below(&here, "then"));
            if kind == Kind::Any {
                kind = then.about.kind.clone();
            }
            args.push(then);
        }
        let mut about = About::new(Kind::List(Box::new(kind)));
        about.unit = self.common_unit(&args.iter().collect::<Vec<_>>(), at);
        self.node("collect", at, Op::Collect, args, about)
    }

    pub(super) fn join(&mut self, of: &[Expr], at: &str) -> Typed {
        self.some(of.len(), at);
        let mut args = Vec::new();
        for (place, expr) in of.iter().enumerate() {
            let here = below(at, place);
            let part = self.expr(expr, &here);
            args.push(self.scalar(part, &here));
        }
        self.node("join", at, Op::Join, args, About::new(Kind::Text))
    }

    pub(super) fn period_start(&mut self, of: &Expr, at: &str) -> Typed {
        let period = self.expect(of, at, &Kind::Text);
        self.node("period_start", at, Op::PeriodStart, vec![period], About::new(Kind::Date))
    }
}
