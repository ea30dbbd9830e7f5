//! What a certification takes, in words.

use rules::book::{AtLeastOf, Group, Rule};

use crate::catalogue::{CatalogueDocument, CertificationEntry};

/// What it took, for people.
pub(super) fn of(catalogue: &CatalogueDocument, entry: &CertificationEntry) -> String {
    let mut sentences = vec![format!("It takes {}.", words(catalogue, &entry.requires))];
    if !entry.prerequisites.is_empty() {
        let held: Vec<String> = entry.prerequisites.iter().map(|slug| name(catalogue, slug)).collect();
        sentences.push(format!("Whoever earns it holds {}.", join(&held, "and")));
    }
    sentences.extend(entry.valid_months.map(|months| format!("It is valid for {months} months.")));
    sentences.join(" ")
}

fn words(catalogue: &CatalogueDocument, rule: &Rule) -> String {
    let each = |rules: &[Rule]| rules.iter().map(|rule| inner(catalogue, rule)).collect::<Vec<_>>();
    match rule {
        Rule::Name(slug) => name(catalogue, slug),
        Rule::Group(group) => match &**group {
            Group::All(rules) => join(&each(rules), "and"),
            Group::Any(rules) => join(&each(rules), "or"),
            Group::None(rules) => format!("none of {}", join(&each(rules), "and")),
            Group::Not(rule) => format!("not {}", inner(catalogue, rule)),
            Group::AtLeastOf(AtLeastOf { count, of, including }) => {
                let including = including.iter().map(|rule| format!(", and {}", inner(catalogue, rule)));
                format!("at least {count} of {}{}", join(&each(of), "and"), including.collect::<String>())
            }
            Group::Contains(_) | Group::EveryComponent(_) => "more".to_owned(),
        },
        Rule::Always(_) | Rule::Comparison(_) => "more".to_owned(),
    }
}

/// A group in a group stands in brackets.
fn inner(catalogue: &CatalogueDocument, rule: &Rule) -> String {
    let said = words(catalogue, rule);
    if matches!(rule, Rule::Name(_)) { said } else { format!("({said})") }
}

fn name(catalogue: &CatalogueDocument, slug: &str) -> String {
    let (what, name) = if let Some(course) = catalogue.courses.get(slug) {
        ("the course", &course.name)
    } else if let Some(exam) = catalogue.exams.get(slug) {
        ("the exam", &exam.name)
    } else if let Some(certification) = catalogue.certifications.get(slug) {
        ("the certification", &certification.name)
    } else {
        return slug.to_owned();
    };
    format!("{what} \u{201c}{name}\u{201d}")
}

fn join(words: &[String], last: &str) -> String {
    match words {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [all @ .., end] => format!("{} {last} {end}", all.join(", ")),
    }
}
