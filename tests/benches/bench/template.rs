//! The statements of one request with slots where two requests differ.

use crate::{names::Name, subject::Subject};

/// What differs between two requests of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The customer's name.
    Name,
    /// The same in small letters.
    Lower,
    /// The same, words sorted.
    Sorted,
    /// The first label of its domain.
    Label,
    /// Its country.
    Country,
    /// One of its blocking keys.
    Key(usize),
    /// The account's id.
    Account,
    /// The registration's id.
    Deal,
    /// The id of the registration that holds the account.
    HeldBy,
    /// The id of an event.
    Event(u64),
    /// The id of an entry in the audit trail.
    Audit(u64),
    /// The partner's id.
    Partner,
    /// Its user's id.
    User,
    /// The id of the partner that holds the account.
    Holder,
    /// The time of day at which it was made.
    Time,
    /// The accounts that share a key, found by the statements before.
    Candidates,
    /// The event's place in the feed, where the writer gives it.
    Position,
}

/// A statement as it was logged.
#[derive(Debug, Clone)]
pub struct Said {
    /// Its text, with `$1` and so on.
    pub sql: String,
    /// Its parameters.
    pub parameters: Vec<Option<String>>,
}

/// A statement to run again.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its text, with `$1` and so on.
    pub sql: String,
    /// Its parameters; null stays null.
    pub parameters: Vec<Option<Parameter>>,
}

/// A parameter: texts and slots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parameter(pub Vec<Piece>);

/// A part of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// What is the same each time.
    Text(String),
    /// What is not.
    Slot(Slot),
}

/// The statements of one request.
pub struct Template {
    /// From `BEGIN` to `COMMIT`.
    pub statements: Vec<Statement>,
    /// The time in the ids that it made.
    pub era: String,
    /// The time of day at which it was made.
    pub time: String,
}

impl Said {
    /// Without parameters yet.
    pub fn new(sql: &str) -> Self {
        Self { sql: sql.to_owned(), parameters: Vec::new() }
    }

    /// The id of the row that it inserts, if it is of this kind.
    pub fn made(&self, kind: &str) -> Option<&str> {
        let id = self.parameters.first().and_then(Option::as_deref).filter(|_| self.sql.starts_with("INSERT"))?;
        (self.sql.contains("(\"id\"") && id.strip_prefix(kind)?.starts_with('_')).then_some(id)
    }
}

impl Template {
    /// Finds in what was said the values of `subject` and the ids that were made.
    pub fn new(said: &[Said], subject: &Subject, era: String) -> Self {
        use Slot::{
            Account, Audit, Country, Deal, Event, HeldBy, Holder, Label, Lower, Name, Partner, Sorted, Time, User,
        };
        let insert = said.iter().find(|said| said.made("deal").is_some());
        let time = insert.and_then(time_of).unwrap_or_default();
        let own = [Name, Lower, Sorted, Label, Country, Account, Deal, HeldBy, Partner, User, Holder];
        let mut known: Vec<(String, Slot)> = own.into_iter().map(|slot| (subject.fill(slot), slot)).collect();
        let ids = |kind| said.iter().filter_map(move |said| said.made(kind)).map(str::to_owned);
        known.extend(ids("account").map(|id| (id, Account)));
        known.extend(ids("deal").map(|id| (id, Deal)));
        known.extend((0..).zip(ids("event")).map(|(at, id)| (id, Event(at))));
        known.extend((0..).zip(ids("audit")).map(|(at, id)| (id, Audit(at))));
        known.push((time.clone(), Time));
        known.retain(|(text, _)| !text.is_empty());
        // What is made comes after what is known: of equal texts the later one counts.
        known.reverse();
        let keys = subject.name.keys();
        let statements = said.iter().map(|said| statement(said, &known, &keys)).collect();
        Self { statements, era, time }
    }

    /// How many statements there are, without `BEGIN` and `COMMIT`.
    pub fn len(&self) -> usize {
        self.statements.iter().filter(|one| !one.is_frame()).count()
    }

    /// What the product stores as keys of this name must be what [`Name::keys`] says, or the seeded rows are not like
    /// its own.
    pub fn check_keys(&self, name: &Name) {
        let stored = self.statements.iter().filter(|one| one.table() == Some("account_keys"));
        let known = stored.clone().filter(|one| {
            let first = one.parameters.first().and_then(Option::as_ref);
            first.is_some_and(|parameter| matches!(parameter.0.as_slice(), [Piece::Slot(Slot::Key(_))]))
        });
        let (stored, known) = (stored.count(), known.count());
        assert!(
            stored == known && (stored == 0 || stored == name.keys().len()),
            "names.rs: other keys than the product's"
        );
    }
}

impl Statement {
    /// Whether it begins or ends the transaction.
    pub fn is_frame(&self) -> bool {
        self.sql.starts_with("BEGIN") || self.sql.ends_with("COMMIT")
    }

    /// The table into which it inserts.
    pub fn table(&self) -> Option<&str> {
        self.sql.strip_prefix("INSERT INTO \"")?.split('"').next()
    }

    /// The columns that it inserts with what they get, without those that get their default.
    pub fn columns(&self) -> Vec<(&str, Option<&Parameter>)> {
        let (columns, values) = self.sql.split_once(") VALUES (").expect("an INSERT of one row");
        let columns = columns.split_once(" (").expect("columns").1.split(", ").map(|column| column.trim_matches('"'));
        let values = values.trim_end_matches(')').split(", ");
        let set = columns.zip(values).filter_map(|(column, value)| Some((column, value.strip_prefix('$')?)));
        set.map(|(column, number)| {
            let number: usize = number.parse().expect("a number");
            (column, self.parameters[number - 1].as_ref())
        })
        .collect()
    }
}

impl Parameter {
    /// The text, if it is the same each time.
    pub fn constant(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it is just this slot.
    pub fn is(&self, slot: Slot) -> bool {
        self.0 == [Piece::Slot(slot)]
    }

    /// The text for a subject.
    pub fn fill(&self, subject: &Subject) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Slot(slot) => text.push_str(&subject.fill(*slot)),
            }
        }
        text
    }
}

fn statement(said: &Said, known: &[(String, Slot)], keys: &[String]) -> Statement {
    let candidates = said.sql.contains("\"accounts\".\"id\" = ANY(");
    let parameter = |text: &String| match keys.iter().position(|key| key == text) {
        _ if candidates => Parameter(vec![Piece::Slot(Slot::Candidates)]),
        Some(at) => Parameter(vec![Piece::Slot(Slot::Key(at))]),
        None => pieces(text, known),
    };
    let parameters = said.parameters.iter().map(|text| text.as_ref().map(parameter)).collect();
    Statement { sql: said.sql.clone(), parameters }
}

fn pieces(text: &str, known: &[(String, Slot)]) -> Parameter {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((at, known, slot)) = first(rest, known) {
        if at > 0 {
            pieces.push(Piece::Text(rest[..at].to_owned()));
        }
        pieces.push(Piece::Slot(slot));
        rest = &rest[at + known.len()..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Parameter(pieces)
}

/// What is known and comes first; of several at one place the longest, and of equal ones the first in the list.
fn first<'k>(text: &str, known: &'k [(String, Slot)]) -> Option<(usize, &'k str, Slot)> {
    let found = known.iter().filter_map(|(known, slot)| Some((text.find(known)?, known.as_str(), *slot)));
    found.min_by_key(|(at, known, _)| (*at, std::cmp::Reverse(known.len())))
}

/// The time of day of the row's making.
fn time_of(insert: &Said) -> Option<String> {
    let statement = statement(insert, &[], &[]);
    let columns = statement.columns();
    let (_, at) = columns.iter().find(|(column, _)| *column == "created_at")?;
    at.and_then(Parameter::constant)?.split_once(' ').map(|(_, time)| time.to_owned())
}

/// `$1 = 'it''s', $2 = NULL`
pub fn parameters(text: &str) -> Vec<Option<String>> {
    let (mut parameters, mut rest) = (Vec::new(), text);
    while let Some((_, value)) = rest.split_once(" = ") {
        if let Some(after) = value.strip_prefix("NULL") {
            parameters.push(None);
            rest = after;
        } else {
            let quoted = value.strip_prefix('\'').expect("a quoted value");
            let end = closing_quote(quoted);
            parameters.push(Some(quoted[..end].replace("''", "'")));
            rest = &quoted[end + 1..];
        }
    }
    parameters
}

fn closing_quote(text: &str) -> usize {
    let (bytes, mut at) = (text.as_bytes(), 0);
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\''), Some(b'\'')) => at += 2,
            (Some(b'\''), _) => return at,
            (Some(_), _) => at += 1,
            (None, _) => panic!("no closing quote in {text}"),
        }
    }
}
