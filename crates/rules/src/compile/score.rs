//! Scores: their components, laid out outer before inner, and how many points they can have.

use super::{About, Compiler, Fate, Kind, Named, Range, Typed};
use crate::{
    Number,
    book::{Choose, Component, Score},
    fault::{below, unknown},
    node::{Node, Part, ScoreCode},
};

/// How deep components may lie in components.
const NESTED: usize = 8;

impl Compiler<'_> {
    pub(super) fn score(&mut self, name: &str) -> (ScoreCode, About) {
        let at = below("/scores", name);
        let book = self.book;
        let empty = Score::default();
        let score = book.scores.get(name).unwrap_or(&empty);
        let mut code = ScoreCode { cap: score.cap, parts: Vec::new(), paths: Vec::new(), by: None };
        self.cap(score.cap, None, &at);
        let about = match (score.components.is_empty(), score.paths.is_empty()) {
            (false, true) => self.components(score, &mut code, &at),
            (true, false) => self.paths(score, &mut code, &at),
            _ => {
                self.error(&at, "required", "needs either components or paths");
                About::new(Kind::Number)
            }
        };
        (code, about)
    }

    fn cap(&mut self, cap: Option<Number>, floor: Option<Number>, at: &str) {
        let floor = floor.unwrap_or(Number::ZERO);
        if let Some(cap) = cap.filter(|cap| *cap < floor) {
            self.error(&below(at, "cap"), "minimum", format!("is {cap}, below the floor {floor}"));
        }
    }

    fn components(&mut self, score: &Score, code: &mut ScoreCode, at: &str) -> About {
        if score.choose.is_some() {
            self.error(&below(at, "choose"), "meaningless", "chooses among paths, and there are none");
        }
        let mut about = About::new(Kind::Number);
        let (_, range, height) = self.parts(&score.components, "", code, 1, &below(at, "components"));
        about.range = range.lowered(score.cap);
        about.height = height;
        about
    }

    /// Lays out components; gives their places, the range of their sum, and how deep they rest.
    fn parts(
        &mut self,
        all: &[Component],
        outer: &str,
        code: &mut ScoreCode,
        depth: usize,
        at: &str,
    ) -> (Vec<usize>, Range, usize) {
        let (mut places, mut range, mut height) = (Vec::new(), Range::exactly(Number::ZERO), 0);
        self.some(all.len(), at);
        for (place, component) in all.iter().enumerate() {
            let here = below(at, place);
            self.name(&component.name, &below(&here, "name"));
            let name = if outer.is_empty() { component.name.clone() } else { format!("{outer}.{}", component.name) };
            if code.parts.iter().any(|part| part.name == name) {
                self.error(&below(&here, "name"), "duplicate", "is the name of another component too");
            }
            let (at, summand, deep) = self.part(component, name, code, depth, &here);
            places.push(at);
            // A component that is unknown, gated or does not apply gives 0.
            range = range.plus(summand.or(Range::exactly(Number::ZERO)));
            height = height.max(deep);
        }
        (places, range, height)
    }

    fn part(
        &mut self,
        it: &Component,
        name: String,
        code: &mut ScoreCode,
        depth: usize,
        at: &str,
    ) -> (usize, Range, usize) {
        let place = code.parts.len();
        let floor = it.floor.unwrap_or(Number::ZERO);
        self.cap(it.cap, it.floor, at);
        if floor > Number::ZERO {
            self.error(&below(at, "floor"), "maximum", "is above 0; points that all get are no component");
        }
        let part = Part {
            name: name.clone(),
            pointer: at.to_owned(),
            cap: it.cap,
            floor,
            gate: None,
            applies: None,
            points: None,
            children: Vec::new(),
            outermost: depth == 1,
        };
        code.parts.push(part);
        let mut height = 0;
        let mut rule = |compiler: &mut Self, rule: &Option<_>, key: &str| -> Option<Node> {
            let typed = rule.as_ref().map(|rule| compiler.rule(rule, &below(at, key)))?;
            height = height.max(typed.about.height + 1);
            Some(typed.node)
        };
        let (gate, applies) = (rule(self, &it.gate, "gate"), rule(self, &it.applies, "applies"));
        let mut points = None;
        let (children, range) = match (&it.points, it.components.is_empty()) {
            (Some(expr), true) => {
                let typed: Typed = self.number(expr, at, "points");
                let range = typed.about.range;
                height = height.max(typed.about.height + 1);
                points = Some(typed.node);
                (Vec::new(), range)
            }
            (None, false) if depth < NESTED => {
                let (children, range, deep) =
                    self.parts(&it.components, &name, code, depth + 1, &below(at, "components"));
                height = height.max(deep + 1);
                (children, range)
            }
            (None, false) => {
                self.error(at, "too_deep", format!("lies more than {NESTED} components deep"));
                (Vec::new(), Range::ANY)
            }
            _ => {
                self.error(at, "required", "needs either points or components");
                (Vec::new(), Range::ANY)
            }
        };
        let range = range.raised(Some(floor)).lowered(it.cap);
        self.part_ranges.insert((self.path.last().cloned().unwrap_or_default(), place), range);
        if let Some(part) = code.parts.get_mut(place) {
            (part.gate, part.applies, part.points, part.children) = (gate, applies, points, children);
        }
        (place, range, height)
    }

    fn paths(&mut self, score: &Score, code: &mut ScoreCode, at: &str) -> About {
        let mut about = About::new(Kind::Number);
        let mut range: Option<Range> = None;
        for (place, path) in score.paths.iter().enumerate() {
            let here = below(&below(at, "paths"), place);
            let Some(found) = self.scores.iter().position(|(name, ..)| name == path) else {
                let words = unknown("score", path, self.book.scores.keys().map(String::as_str));
                self.error(&here, "unknown_name", words);
                continue;
            };
            let known = self.named(Named::Score(found), &here);
            if self.book.scores.get(path).is_some_and(|it| !it.paths.is_empty()) {
                self.error(&here, "contradiction", "has paths itself; name its paths here instead");
            }
            if code.paths.contains(&found) {
                self.error(&here, "duplicate", "is named twice");
            }
            range = Some(range.map_or(known.range, |range| range.or(known.range)));
            about.height = about.height.max(known.height + 1);
            code.paths.push(found);
        }
        if let Some(Choose::By(expr)) = &score.choose {
            let typed = self.expect(expr, &below(&below(at, "choose"), "by"), &Kind::Text);
            about.height = about.height.max(typed.about.height + 1);
            code.by = Some(typed.node);
        }
        about.range = range.unwrap_or(Range::ANY).lowered(score.cap);
        about.fate = Fate::OPEN;
        about
    }

    /// The scores that a score's components are looked for in: its paths, or itself.
    fn alternatives(&self, score: usize) -> Vec<usize> {
        let code = self.scores.get(score).and_then(|(.., code)| code.as_ref());
        code.map_or_else(Vec::new, |code| if code.paths.is_empty() { vec![score] } else { code.paths.clone() })
    }

    fn parts_of(&self, score: usize) -> &[Part] {
        self.scores.get(score).and_then(|(.., code)| code.as_ref()).map_or(&[], |code| &code.parts)
    }

    /// Where a component stands in each path. The words of the error are empty when another fault was told already.
    pub(super) fn part_places(&self, score: usize, wanted: &str) -> Result<Vec<usize>, String> {
        let mut places = Vec::new();
        for path in self.alternatives(score) {
            let parts = self.parts_of(path);
            let Some(place) = parts.iter().position(|part| part.name == wanted) else {
                let name = self.scores.get(path).map_or("", |(name, ..)| name);
                let what = format!("component of score {name}");
                return Err(unknown(&what, wanted, parts.iter().map(|part| part.name.as_str())));
            };
            places.push(place);
        }
        if places.is_empty() { Err(String::new()) } else { Ok(places) }
    }

    /// Between which points a component lies, whichever path is chosen.
    pub(super) fn part_range(&self, score: usize, places: &[usize]) -> Range {
        let paths = self.alternatives(score);
        let ranges = paths.iter().zip(places).map(|(path, place)| self.part_range_of(*path, *place));
        ranges.reduce(Range::or).unwrap_or(Range::ANY).or(Range::exactly(Number::ZERO))
    }

    fn part_range_of(&self, score: usize, place: usize) -> Range {
        let name = self.scores.get(score).map_or("", |(name, ..)| name);
        self.part_ranges.get(&(format!("score.{name}"), place)).copied().unwrap_or(Range::ANY)
    }

    /// The components that `every_component` looks at, by path.
    pub(super) fn every_part(
        &mut self,
        score: usize,
        outermost: bool,
        except: &[String],
        at: &str,
    ) -> Box<[Box<[usize]>]> {
        for (place, name) in except.iter().enumerate() {
            // A path may lack what another has.
            let paths = self.alternatives(score);
            let known = paths.iter().any(|path| self.parts_of(*path).iter().any(|part| part.name == *name));
            if !known && !paths.is_empty() {
                let names = paths.iter().flat_map(|path| self.parts_of(*path)).map(|part| part.name.as_str());
                let words = unknown("component", name, names);
                self.error(&below(at, place), "unknown_name", words);
            }
        }
        let excepted = |part: &Part| {
            let inside =
                |name: &String| part.name.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
            except.iter().any(|name| part.name == *name || inside(name))
        };
        let wanted = |part: &Part| if outermost { part.outermost } else { part.children.is_empty() };
        let of_path = |path: usize| {
            let parts = self.parts_of(path).iter().enumerate();
            parts.filter(|(_, part)| wanted(part) && !excepted(part)).map(|(place, _)| place).collect()
        };
        self.alternatives(score).into_iter().map(of_path).collect()
    }

    pub(super) fn every_can(&self, score: usize, parts: &[Box<[usize]>], can: impl Fn(Range) -> bool) -> bool {
        let paths = self.alternatives(score);
        let mut each = paths.iter().zip(parts);
        paths.is_empty() || each.any(|(path, places)| places.iter().all(|place| can(self.part_range_of(*path, *place))))
    }
}
