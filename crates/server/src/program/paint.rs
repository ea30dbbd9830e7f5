//! Colours and tables.

use std::io::{self, IsTerminal};

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, Color, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use programs::{Change, ChangeKind};

use super::desk::Colour;
use crate::output;

/// How wide tables are where there is no terminal, in characters.
const WIDTH: u16 = 140;

/// Prints with colours, or without.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Painter {
    colours: bool,
}

impl Painter {
    pub(crate) fn new(wanted: Colour) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
        let colours = match wanted {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => io::stdout().is_terminal() && !plain,
        };
        Self { colours }
    }

    /// A line that stands out.
    pub(crate) fn title(self, text: &str) -> Result<(), String> {
        output::line(&self.styled(text, Style::new().bold()))
    }

    /// What differs from a version, of `whose` rules if there are several: how much, and what.
    pub(crate) fn differences(self, whose: Option<&str>, version: i32, changes: &[Change]) -> Result<(), String> {
        let (whose, count) = (whose.map_or_else(String::new, |whose| format!("{whose}: ")), changes.len());
        let differences = if count == 1 { "difference" } else { "differences" };
        self.title(&format!("{whose}{count} {differences} from version {version}"))?;
        self.changes(changes)
    }

    /// What differs, a line each.
    pub(super) fn changes(self, changes: &[Change]) -> Result<(), String> {
        for change in changes {
            let (sign, colour) = match change.kind {
                ChangeKind::Added => ("+", AnsiColor::Green),
                ChangeKind::Removed => ("-", AnsiColor::Red),
                ChangeKind::Changed => ("~", AnsiColor::Yellow),
            };
            let style = Style::new().fg_color(Some(colour.into()));
            output::line(&format!("  {} {}", self.styled(sign, style), change.words))?;
        }
        Ok(())
    }

    fn styled(self, text: &str, style: Style) -> String {
        if self.colours { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// A table with these columns.
    pub(super) fn table(self, columns: &[&str]) -> Table {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        if self.colours {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        // Told that there is no terminal, a table does not ask how wide it is.
        if !self.colours || !io::stdout().is_terminal() {
            table.set_width(WIDTH);
        }
        table.set_header(columns.iter().map(Cell::new));
        table
    }
}

/// More in green, less in red.
pub(super) fn signed(by: i64) -> Cell {
    match by {
        0 => Cell::new(""),
        1.. => Cell::new(format!("+{by}")).fg(Color::Green),
        _ => Cell::new(by).fg(Color::Red),
    }
}
