//! How a program's facts read the store: made once for all partners, applied to each.

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDate;
use database::{Error, Result, Tx};
use kernel::Timestamp;
use partners::{Enrollment, agreement};
use programs::{
    Rules, TimeZone,
    sources::{self, AMOUNT, Shape},
};
use rules::{
    Certificate, Facts, Kind, Reference, Unknown, Value,
    book::{Fact, Scalar, Source},
    scalar,
};

use super::{
    Moment, Read,
    data::{Cell, Columns, iso_day},
};
use crate::{MANUAL, acceptance::AGREEMENTS, observation::NOT_DIMENSIONS};

const MISSING: Value = Value::Unknown(Unknown::Missing);
/// What is known of a row only when it has come to its end.
const OUTCOMES: [&str; 3] = ["closed", "completed", "score"];

/// How all facts of a program are read.
pub(super) struct Plan<'r> {
    rules: &'r Rules,
    zone: TimeZone,
    as_of: NaiveDate,
    /// By the name in the store.
    stored: BTreeMap<&'r str, Vec<Wanted<'r>>>,
    /// Of the enrollment itself.
    own: Vec<(usize, Own)>,
    agreement: Agreement<'r>,
}

/// A fact that is read of the store.
struct Wanted<'r> {
    place: usize,
    /// In what its values are counted.
    unit: Option<&'r str>,
    /// Whether people enter it.
    manual: bool,
    /// Whether the engine has it: then that there are no rows is known.
    engine: bool,
    how: How,
}

/// What is to be accepted.
#[derive(Debug, Clone, Copy)]
enum Agreement<'r> {
    /// The program names no agreement.
    Nothing,
    /// It names one of which nothing is in force.
    NotThere,
    /// A version from this one on, of this agreement.
    From(&'r str, i32),
}

enum How {
    One(Kind),
    Map(Kind),
    List(Kind),
    Rows(Vec<Column>),
    People,
    Accepted,
}

/// A column of a fact of records.
struct Column {
    from: From,
    kind: Kind,
    /// Of the row's value: in what it is counted.
    unit: Option<String>,
}

enum From {
    Day,
    Until,
    Data(String),
}

/// What is known of the enrollment itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    EnrolledOn,
    Country,
    Tier,
    PartnerType,
}

/// A row with its columns, and its day where the program is.
struct Row<'d> {
    read: &'d Read,
    columns: Columns<'d>,
    day: Option<NaiveDate>,
}

impl<'r> Plan<'r> {
    pub fn new(tx: &mut Tx, rules: &'r Rules, moment: Moment) -> Result<Self> {
        let (mut stored, mut own): (BTreeMap<&str, Vec<Wanted>>, _) = (BTreeMap::new(), Vec::new());
        let currency = rules.document.currency.map(|currency| currency.to_string());
        for (name, fact) in &rules.document.facts {
            let Some((place, kind)) = place(rules, name) else { continue };
            let source = match &fact.source {
                Some(Source::Engine(source)) => source,
                Some(Source::Observation(source) | Source::Manual(source)) => source,
                None => name,
            };
            let manual = matches!(fact.source, Some(Source::Manual(_)));
            let engine = if matches!(fact.source, Some(Source::Engine(_))) { Some(source.as_str()) } else { None };
            let how = match engine {
                Some("enrolled_on") => Err(Own::EnrolledOn),
                Some("country") => Err(Own::Country),
                Some("tier") => Err(Own::Tier),
                Some("partner_type") => Err(Own::PartnerType),
                Some("agreement") => Ok(How::Accepted),
                _ => Ok(how(fact, kind, currency.as_deref())),
            };
            match how {
                Err(it) => own.push((place, it)),
                Ok(how) => {
                    let source = if matches!(how, How::Accepted) { AGREEMENTS } else { source };
                    let unit = rules.compiled.unit(place);
                    let wanted = Wanted { place, unit, manual, engine: engine.is_some(), how };
                    stored.entry(source).or_default().push(wanted);
                }
            }
        }
        let zone = rules.time_zone();
        let asked = stored.values().flatten().any(|wanted| matches!(wanted.how, How::Accepted));
        let agreement = match rules.document.agreement.as_ref().filter(|_| asked) {
            None => Agreement::Nothing,
            Some(policy) => {
                let end = zone.end_of(moment.as_of);
                let needed = agreement::needed_at(tx, &policy.slug, &rules.program, end, moment.known_at)?;
                needed.map_or(Agreement::NotThere, |least| Agreement::From(&policy.slug, least))
            }
        };
        Ok(Self { rules, zone, as_of: moment.as_of, stored, own, agreement })
    }

    /// The names that are read of the store.
    pub fn names(&self) -> Vec<&'r str> {
        self.stored.keys().copied().collect()
    }

    /// Whether a fact is the partner's country.
    pub fn asks_for_country(&self) -> bool {
        self.own.iter().any(|(_, own)| *own == Own::Country)
    }

    /// One partner's facts, of its rows in the order of name and subject.
    pub fn facts(&self, enrollment: &Enrollment, country: Option<Value>, rows: &[Read]) -> Result<Facts> {
        let mut builder = self.rules.compiled.builder();
        for (place, own) in &self.own {
            let value = match own {
                Own::EnrolledOn => Some(Value::Date(self.zone.day_of(enrollment.created_at.utc()))),
                Own::Country => country.clone(),
                Own::Tier => Some(Value::text(&enrollment.tier)),
                Own::PartnerType => Some(Value::text(&self.rules.document.partner_type.to_string())),
            };
            if let Some(value) = value {
                builder.set(*place, value, Vec::new());
            }
        }
        let mut of_name = rows.chunk_by(|a, b| a.name == b.name).peekable();
        for (name, wanted) in &self.stored {
            // Both are sorted by name.
            while of_name.next_if(|rows| rows.first().is_some_and(|row| row.name.as_str() < *name)).is_some() {}
            let found = of_name.next_if(|rows| rows.first().is_some_and(|row| row.name == *name)).unwrap_or_default();
            let rows = found.iter().filter_map(|read| self.row(read).transpose()).collect::<Result<Vec<Row>>>()?;
            for one in wanted {
                self.fill(one, &rows, &mut builder);
            }
        }
        Ok(builder.finish())
    }

    /// A row, if it is of a day that counts.
    fn row<'d>(&self, read: &'d Read) -> Result<Option<Row<'d>>> {
        let columns =
            Columns::of(&read.data).map_err(|error| Error::Internal(format!("a fact that is none: {error}")))?;
        let at = columns.text("at").and_then(|at| self.day(at));
        let day = at.or(read.day);
        Ok(day.is_none_or(|day| day <= self.as_of).then_some(Row { read, columns, day }))
    }

    /// The day that a text is, or that an instant is in the program's zone.
    fn day(&self, text: &str) -> Option<NaiveDate> {
        match text.split_once('T') {
            None => iso_day(text),
            Some((day, time)) if self.zone == TimeZone::UTC && time.ends_with('Z') => iso_day(day),
            Some(_) => text.parse::<Timestamp>().ok().map(|at| self.zone.day_of(at.utc())),
        }
    }

    fn fill(&self, wanted: &Wanted, rows: &[Row], builder: &mut rules::Builder) {
        // What people enter has a source of its own, under whatever name.
        let rows = rows.iter().filter(|row| (row.read.source == MANUAL) == wanted.manual);
        match &wanted.how {
            How::One(kind) => {
                let holds = |row: &&Row| !wanted.manual || row.read.until.is_none_or(|until| self.as_of <= until);
                let plain = rows.filter(holds).filter(|row| wanted.manual || dimensions(row).next().is_none());
                if let Some(row) = plain.max_by_key(|row| (row.day, &row.read.recorded_at)) {
                    let (value, reference) = self.value(kind, wanted.unit, row);
                    builder.set(wanted.place, value, vec![reference]);
                }
            }
            How::Map(kind) => {
                let mut latest: BTreeMap<&str, &Row> = BTreeMap::new();
                for row in rows {
                    let Some(key) = only_dimension(row) else { continue };
                    let kept = latest.entry(key).or_insert(row);
                    if (kept.day, &kept.read.recorded_at) < (row.day, &row.read.recorded_at) {
                        *kept = row;
                    }
                }
                if !latest.is_empty() || wanted.engine {
                    let valued = latest.into_iter().map(|(key, row)| (key, self.value(kind, wanted.unit, row)));
                    let (entries, references): (Vec<_>, Vec<_>) =
                        valued.map(|(key, (value, reference))| ((Arc::from(key), value), reference)).unzip();
                    builder.set(wanted.place, Value::Map(entries.into()), references);
                }
            }
            How::List(kind) => {
                let (values, references): (Vec<_>, Vec<_>) = rows.map(|row| self.value(kind, wanted.unit, row)).unzip();
                if !values.is_empty() || wanted.engine {
                    builder.set(wanted.place, Value::List(values.into()), references);
                }
            }
            How::Rows(columns) => {
                let (mut cells, mut references) = (Vec::new(), Vec::new());
                for row in rows {
                    references.push(self.cells(columns, row, &mut cells));
                }
                if !references.is_empty() || wanted.engine {
                    builder.rows(wanted.place, cells, references);
                }
            }
            How::People => {
                let people: Vec<_> = rows.filter_map(|row| self.certificate(row)).collect();
                if !people.is_empty() || wanted.engine {
                    builder.people(wanted.place, people);
                }
            }
            How::Accepted => {
                let accepted = rows.filter(|row| self.is_needed(row)).map(|row| reference(row, None)).next();
                let is_so = accepted.is_some() || matches!(self.agreement, Agreement::Nothing);
                builder.set(wanted.place, Value::Boolean(is_so), accepted.into_iter().collect());
            }
        }
    }

    /// Whether the row is an acceptance of the program's agreement that counts.
    fn is_needed(&self, row: &Row) -> bool {
        let Agreement::From(slug, least) = self.agreement else { return false };
        let version = row.columns.text("version").and_then(|version| version.parse::<i32>().ok());
        row.columns.text("agreement") == Some(slug) && version.is_some_and(|version| version >= least)
    }

    /// The row's value, unless it is counted in something else.
    fn value(&self, kind: &Kind, unit: Option<&str>, row: &Row) -> (Value, Reference) {
        match elsewhere(row, unit) {
            Some(note) => (MISSING, reference(row, Some(note))),
            None => match row.columns.get("value").map_or(MISSING, |cell| self.cell(kind, cell)) {
                value if value.is_known() => (value, reference(row, None)),
                unknown => (unknown, reference(row, Some(format!("has a value that is not {kind}")))),
            },
        }
    }

    /// Adds the row's cells.
    fn cells(&self, columns: &[Column], row: &Row, cells: &mut Vec<Value>) -> Reference {
        let mut note = None;
        // What came of it later than the day of evaluation has not come yet.
        let moved = row.columns.text("status_at").and_then(|at| self.day(at)).is_some_and(|day| day > self.as_of);
        for column in columns {
            let value = match &column.from {
                From::Day => row.day.map_or(MISSING, Value::Date),
                From::Until => row.read.until.map_or(MISSING, Value::Date),
                From::Data(name) if moved && name == "status" => {
                    Value::text(row.columns.text("status_before").unwrap_or("approved"))
                }
                From::Data(name) if moved && OUTCOMES.contains(&name.as_str()) => MISSING,
                From::Data(name) => {
                    let other = column.unit.as_deref().and_then(|unit| elsewhere(row, Some(unit)));
                    match (other, row.columns.get(name)) {
                        (Some(other), _) => {
                            note = Some(other);
                            MISSING
                        }
                        (None, Some(cell)) => self.cell(&column.kind, cell),
                        (None, None) => MISSING,
                    }
                }
            };
            cells.push(value);
        }
        reference(row, note)
    }

    fn certificate(&self, row: &Row) -> Option<(Certificate, Reference)> {
        let date = |name: &str| row.columns.text(name).and_then(|text| self.day(text)).map(Value::Date);
        let until = row.read.until.map(Value::Date);
        // One that counts until another day than its own last says its own.
        let own = date("valid_to");
        let counts_until = date("counts_until").or_else(|| until.clone().filter(|_| own.is_some()));
        let certificate = Certificate {
            person: row.columns.text("person")?.into(),
            certificate: Value::text(row.columns.text("certificate")?),
            valid_from: row.day.map_or(MISSING, Value::Date),
            valid_to: own.or(until).unwrap_or(MISSING),
            counts_until: counts_until.unwrap_or(MISSING),
            retired: date("retired").unwrap_or(MISSING),
        };
        Some((certificate, reference(row, None)))
    }

    /// A cell as a value of the kind; unknown if it is not one.
    fn cell(&self, kind: &Kind, cell: &Cell) -> Value {
        match (kind, cell) {
            (Kind::Boolean, Cell::Boolean(it)) => Value::Boolean(*it),
            (Kind::Date, Cell::Text(text)) => self.day(text).map_or(MISSING, Value::Date),
            (kind, Cell::Text(text)) => scalar(kind, text).unwrap_or(MISSING),
            _ => MISSING,
        }
    }
}

fn place<'r>(rules: &'r Rules, name: &str) -> Option<(usize, &'r Kind)> {
    let place = rules.compiled.place(name)?;
    Some((place, rules.compiled.kind(place)?))
}

fn how(fact: &Fact, kind: &Kind, currency: Option<&str>) -> How {
    match kind {
        Kind::Map(of) => How::Map((**of).clone()),
        Kind::List(of) => How::List((**of).clone()),
        Kind::Records(_) => How::Rows(fact.columns.iter().map(|column| of_column(fact, column, currency)).collect()),
        Kind::People => How::People,
        scalar => How::One(scalar.clone()),
    }
}

/// Where a column of the document comes from: of what the engine knows, what [`sources::column`] says; of observations,
/// the column of its name, or, for the only one of dates or of numbers, the row's day or value.
fn of_column(fact: &Fact, column: &rules::book::Column, currency: Option<&str>) -> Column {
    let kind = match column.kind {
        Scalar::Number => Kind::Number,
        Scalar::Text => Kind::Text,
        Scalar::Boolean => Kind::Boolean,
        Scalar::Date => Kind::Date,
    };
    let name = column.name.as_str();
    let engine = match &fact.source {
        Some(Source::Engine(source) | Source::Observation(source)) => sources::engine(source),
        Some(Source::Manual(_)) | None => None,
    };
    let has_place = |other: &rules::book::Column| matches!(other.name.as_str(), "from" | "until");
    let alike = fact.columns.iter().filter(|other| other.kind == column.kind && !has_place(other));
    let only = alike.count() == 1;
    let (from, is_value) = match engine.map(|engine| (engine, sources::column(engine, &fact.columns, column))) {
        Some((engine, Some(stored))) if is_day(engine.shape, stored) => (From::Day, false),
        Some((_, Some(stored))) => (From::Data(stored.to_owned()), stored == AMOUNT),
        _ => match column.kind {
            _ if name == "until" => (From::Until, false),
            Scalar::Date if name == "day" || (only && name != "from") => (From::Day, false),
            Scalar::Number if only => (From::Data("value".to_owned()), true),
            _ => (From::Data(name.to_owned()), name == "value"),
        },
    };
    let is_amount = matches!(&from, From::Data(stored) if stored == AMOUNT);
    let unit = sources::unit_of(column.unit.as_deref(), is_amount, currency).filter(|_| is_value);
    Column { from, kind, unit: unit.map(str::to_owned) }
}

/// Whether a column of what the engine knows is the row's day: the first of its dates.
fn is_day(shape: Shape, column: &str) -> bool {
    let Shape::Rows(columns) = shape else { return false };
    columns.iter().find(|(_, kind)| *kind == Scalar::Date).is_some_and(|(name, _)| *name == column)
}

/// What a row's value is counted in, where that is not what is asked for.
fn elsewhere(row: &Row, unit: Option<&str>) -> Option<String> {
    let wanted = unit?;
    let stated = row.columns.text("currency").or_else(|| row.columns.text("unit"))?;
    (stated != wanted).then(|| format!("is in {stated}, not in {wanted}"))
}

fn reference(row: &Row, note: Option<String>) -> Reference {
    Reference { id: Arc::clone(&row.read.subject), note: note.map(Into::into) }
}

/// The columns that tell one row of a day from another.
fn dimensions<'a>(row: &'a Row) -> impl Iterator<Item = (&'a str, &'a Cell<'a>)> {
    row.columns.iter().filter(|(name, _)| !NOT_DIMENSIONS.contains(name))
}

/// The value of the row's dimension, if it has just one.
fn only_dimension<'a>(row: &'a Row) -> Option<&'a str> {
    let mut all = dimensions(row);
    match (all.next()?, all.next()) {
        ((_, Cell::Text(text)), None) => Some(text),
        _ => None,
    }
}
