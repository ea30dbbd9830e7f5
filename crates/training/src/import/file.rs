//! A file of rows, read with a memory that has a bound, and cut into chunks of whole rows.
//!
//! What is wrong with the file as a whole refuses it at once; what is wrong with a row is told with the row. Rows of one
//! person come together, in the order of days: what a chunk comes to does not depend on where it was cut.

use std::borrow::Cow;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use kernel::{Code, Error, Fault};
use serde::{Deserialize, Serialize};

use super::{columns::Columns, model::Kind};

/// The most rows of a file.
const MOST_ROWS: usize = 200_000;
/// The most characters of a cell.
const LONGEST_CELL: usize = 2_000;
/// Bytes of a row that are kept at most, of its cells together.
const ROW_BYTES: usize = 64 * 1024;
/// Cells of a row that are told apart; a header may have more than are known, so that all can be named.
const CELLS: usize = 2_048;
/// Rows of a chunk, and how many it may have where they are one person's; bytes of a chunk.
const CHUNK: (usize, usize, usize) = (250, 1_000, 512 * 1024);
/// Characters of a value that are shown.
const SHOWN: usize = 100;

/// A file, ready to be worked on.
#[derive(Debug)]
pub struct File {
    /// What its rows tell of.
    pub kind: Kind,
    /// How many rows it has.
    pub(super) rows: i32,
    /// Its rows, each chunk as JSON.
    pub(super) chunks: Vec<String>,
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    /// The line on which it begins.
    pub line: i32,
    /// The cells of the known columns, in their order; empty where the file has no such column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<String>,
    /// What is wrong with it already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaws: Vec<Flaw>,
}

/// Something that is wrong in a row, or that it waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Flaw {
    pub column: Option<String>,
    pub code: String,
    pub detail: String,
    pub value: Option<String>,
}

impl Flaw {
    pub(super) fn at(column: &str, code: &str, detail: impl Into<String>, value: &str) -> Self {
        let value = (!value.is_empty()).then(|| shown(value));
        Self { column: Some(column.to_owned()), code: code.to_owned(), detail: detail.into(), value }
    }

    fn of_row(code: &str, detail: impl Into<String>) -> Self {
        Self { column: None, code: code.to_owned(), detail: detail.into(), value: None }
    }
}

/// A value as it is shown: short, and without what is no text.
pub(super) fn shown(value: &str) -> String {
    let mut text: String = value.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.chars().nth(SHOWN).is_some() {
        text.pop();
        text.push('…');
    }
    text
}

/// Reads a file.
///
/// # Errors
/// `invalid_body` for what is no text in UTF-8, a header whose columns are not those of the kind, and too many rows.
pub fn read(kind: Kind, bytes: &[u8]) -> Result<File, Error> {
    let text = text(bytes)?;
    let mut lines = Lines::new(&text);
    let header = lines.next().ok_or_else(|| refused(Fault::at("", "required", "has no header")))?;
    let columns = Columns::of(kind, &header)?;
    let mut rows = Vec::new();
    for raw in lines {
        if rows.len() == MOST_ROWS {
            let detail = format!("has more than {MOST_ROWS} rows: cut it into several files");
            return Err(refused(Fault::at("", "too_many_rows", detail)));
        }
        let row = row(&columns, raw);
        let json = serde_json::to_string(&row).map_err(|error| Error::new(Code::Internal, error.to_string()))?;
        rows.push((columns.key(&row.cells), row.line, json));
    }
    rows.sort_unstable();
    Ok(File { kind, rows: i32::try_from(rows.len()).unwrap_or(i32::MAX), chunks: chunks(rows) })
}

fn refused(fault: Fault) -> Error {
    let detail = "The file cannot be read; see errors.".to_owned();
    Error { code: Code::InvalidBody, detail, faults: vec![fault] }
}

/// The text of a file: UTF-8, with or without a mark of its byte order.
fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Error> {
    let wrong = |detail: &str| Err(refused(Fault::at("", "encoding", detail)));
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return wrong("is UTF-16: save it as UTF-8");
    }
    let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if header.contains(&0) {
        return wrong("holds NUL characters, as UTF-16 and files that are no text do: save it as UTF-8");
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        // As old Macs end lines.
        Ok(text) if !text.contains('\n') => Ok(Cow::Owned(text.replace('\r', "\n"))),
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = good.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
            let begin = good.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
            let before = good.get(begin..).map(String::from_utf8_lossy).unwrap_or_default();
            let column = before.chars().count().saturating_add(1);
            let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let fault = Fault::at("", "encoding", format!("is not UTF-8 on line {line}: save it as UTF-8"));
            Err(refused(fault.in_text(number(line), number(column))))
        }
    }
}

/// A row as it stands in the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Raw {
    pub line: i32,
    pub cells: Vec<String>,
    /// The cell that is longer than can be kept, counted from 0.
    pub too_long: Option<usize>,
    /// Whether there are more cells than are told apart.
    pub too_many: bool,
}

/// The rows of a text, one after the other.
struct Lines<'t> {
    text: &'t [u8],
    reader: Reader,
    /// How much is read, and on which line that is.
    at: usize,
    line: i32,
    buffer: Vec<u8>,
    ends: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        let header = text.lines().next().unwrap_or_default();
        let count = |separator: char| header.matches(separator).count();
        let separator = if count(';') > count(',') { b';' } else { b',' };
        Self {
            text: text.as_bytes(),
            reader: ReaderBuilder::new().delimiter(separator).build(),
            at: 0,
            line: 1,
            buffer: vec![0; ROW_BYTES],
            ends: vec![0; CELLS],
        }
    }

    /// Goes on to a place in the text, counting lines.
    fn go_to(&mut self, at: usize) {
        let passed = self.text.get(self.at..at).unwrap_or_default();
        let breaks = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(i32::try_from(breaks).unwrap_or(i32::MAX));
        self.at = at;
    }

    /// Which of the cells so far is longer than one may be: the one that is being read, if none before it is.
    fn longest(&self, ended: usize) -> usize {
        let ends = self.ends.get(..ended).unwrap_or_default();
        let mut lengths = std::iter::once(&0).chain(ends).zip(ends).map(|(from, to)| to.saturating_sub(*from));
        lengths.position(|length| length > LONGEST_CELL).unwrap_or(ended)
    }

    /// Over empty lines, which are no rows.
    fn skip_breaks(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.go_to(self.at.saturating_add(breaks));
    }
}

impl Iterator for Lines<'_> {
    type Item = Raw;

    fn next(&mut self) -> Option<Raw> {
        self.skip_breaks();
        let mut raw = Raw { line: self.line, ..Raw::default() };
        let (mut written, mut ended) = (0, 0);
        loop {
            let input = self.text.get(self.at..).unwrap_or_default();
            let output = self.buffer.get_mut(written..).unwrap_or_default();
            let ends = self.ends.get_mut(ended..).unwrap_or_default();
            let (result, read, more, cells) = self.reader.read_record(input, output, ends);
            self.go_to(self.at.saturating_add(read));
            (written, ended) = (written + more, ended + cells);
            match result {
                ReadRecordResult::InputEmpty => {}
                // What follows is read over what is there: it is not kept.
                ReadRecordResult::OutputFull => {
                    let at = (!raw.too_many).then(|| self.longest(ended));
                    (raw.too_long, written) = (raw.too_long.or(at), 0);
                }
                ReadRecordResult::OutputEndsFull => (raw.too_many, ended) = (true, 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return None,
            }
        }
        if raw.too_long.is_none() && !raw.too_many {
            let ends = self.ends.get(..ended).unwrap_or_default();
            let begins = std::iter::once(&0).chain(ends);
            let cells = begins.zip(ends).map(|(from, to)| self.buffer.get(*from..*to).unwrap_or_default());
            raw.cells = cells.map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        }
        Some(raw)
    }
}

/// A row with its cells in their places, or with what is wrong with it.
fn row(columns: &Columns, raw: Raw) -> Row {
    let (line, expected) = (raw.line, columns.width());
    let refused = |flaw| Row { line, cells: Vec::new(), flaws: vec![flaw] };
    if let Some(at) = raw.too_long {
        let detail = "is longer than a row may be: is there a quote that nothing closes?";
        return refused(match columns.name(at) {
            Some(column) => Flaw::at(column, "too_long", detail, ""),
            None => Flaw::of_row("too_long", detail),
        });
    }
    if raw.too_many || raw.cells.len() != expected {
        let found = if raw.too_many { format!("more than {CELLS}") } else { raw.cells.len().to_string() };
        return refused(Flaw::of_row("cells", format!("has {found} cells where the header has {expected}")));
    }
    let named = raw.cells.iter().enumerate().filter_map(|(at, cell)| Some((columns.name(at)?, cell.trim())));
    let flaws: Vec<Flaw> = named.filter_map(|(column, cell)| unfit(column, cell)).collect();
    let cells = if flaws.is_empty() { columns.arranged(&raw.cells) } else { Vec::new() };
    Row { line, cells, flaws }
}

/// What no cell may have.
fn unfit(column: &str, cell: &str) -> Option<Flaw> {
    if cell.chars().nth(LONGEST_CELL).is_some() {
        return Some(Flaw::at(column, "too_long", format!("is longer than {LONGEST_CELL} characters"), cell));
    }
    if cell.contains(['\r', '\n']) {
        let detail = "holds a line break: is there a quote that nothing closes?";
        return Some(Flaw::at(column, "line_break", detail, cell));
    }
    cell.contains(char::is_control).then(|| Flaw::at(column, "control_character", "holds a control character", cell))
}

/// Cuts rows in their order into chunks, and not between those of one person.
fn chunks(rows: Vec<((String, String), i32, String)>) -> Vec<String> {
    let (few, many, bytes) = CHUNK;
    let (mut chunks, mut open, mut count) = (Vec::new(), String::new(), 0);
    let mut last = String::new();
    for ((person, _), _, json) in rows {
        let same = !person.is_empty() && person == last;
        let full = count >= many || open.len() >= bytes || (count >= few && !same);
        if full {
            chunks.push(format!("[{}]", std::mem::take(&mut open)));
            count = 0;
        }
        if count > 0 {
            open.push(',');
        }
        open.push_str(&json);
        (count, last) = (count + 1, person);
    }
    if count > 0 {
        chunks.push(format!("[{open}]"));
    }
    chunks
}

#[cfg(test)]
mod tests;
