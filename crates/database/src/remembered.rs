//! What an installation remembers about itself, by name.

use diesel::prelude::*;

use crate::{Result, Tx, schema::settings};

impl Tx<'_> {
    /// What was remembered under the name.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub fn remembered(&mut self, name: &str) -> Result<Option<String>> {
        Ok(settings::table.find(name).select(settings::value).first(self.sql()).optional()?)
    }

    /// Remembers a value under the name, in place of an earlier one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn remember(&mut self, name: &str, value: &str) -> Result<()> {
        let changed = diesel::update(settings::table.find(name)).set(settings::value.eq(value)).execute(self.sql())?;
        if changed == 0 {
            let row = (settings::name.eq(name), settings::value.eq(value));
            diesel::insert_into(settings::table).values(row).execute(self.sql())?;
        }
        Ok(())
    }
}
