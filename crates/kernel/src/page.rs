//! Pages of lists: a limit and an opaque cursor, never an offset.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Code, Error};

/// How much of a list to answer, and after what.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    /// Rows on a page, 1 to 200.
    pub limit: u8,
    /// What an earlier page gave as `next_cursor`.
    pub cursor: Option<String>,
    /// Whether to count all rows that match.
    pub total: bool,
}

/// One page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next_cursor: Option<String>,
    /// How many rows match, if asked for.
    pub total: Option<i64>,
}

impl Paging {
    /// Rows on a page when a caller says nothing.
    pub const DEFAULT_LIMIT: u8 = 50;
    /// The most rows a page may have.
    pub const MAX_LIMIT: u8 = 200;

    /// The first page of up to `limit` rows.
    pub fn first(limit: u8) -> Self {
        Self { limit, cursor: None, total: false }
    }

    /// One more than the page holds: the extra row tells whether there is a next page.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The position that the cursor stands for, of a list in the order `order`.
    ///
    /// # Errors
    /// `invalid_cursor` when it is damaged, or was given by a list in another order.
    pub fn after<P: DeserializeOwned>(&self, order: &str) -> Result<Option<P>, Error> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<(String, P)>(&bytes).ok())
            .filter(|(made_for, _)| made_for == order)
            .map(|(_, position)| Some(position))
            .ok_or_else(|| {
                Error::new(Code::InvalidParameter, "The cursor is not one that this list gave.").with_parameter(
                    "cursor",
                    "invalid_cursor",
                    "is not a cursor that this list, in this order, gave as next_cursor",
                )
            })
    }

    /// [`Self::after`], of a list whose rows stand in the order where `place` tells.
    ///
    /// # Errors
    /// As [`Self::after`].
    pub fn after_place<T, P: DeserializeOwned>(
        &self,
        order: &str,
        _place: impl Fn(&T) -> P,
    ) -> Result<Option<P>, Error> {
        self.after(order)
    }

    /// Makes the page from up to [`Self::fetch`] rows; `position` tells where a row stands in the order.
    pub fn page<T, P: Serialize>(&self, mut rows: Vec<T>, order: &str, position: impl Fn(&T) -> P) -> Page<T> {
        let more = rows.len() > usize::from(self.limit);
        rows.truncate(usize::from(self.limit));
        let next_cursor = rows.last().filter(|_| more).and_then(|last| encode(order, &position(last)));
        Page { data: rows, next_cursor, total: None }
    }
}

fn encode<P: Serialize>(order: &str, position: &P) -> Option<String> {
    serde_json::to_vec(&(order, position)).ok().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

impl<T> Page<T> {
    /// The same page of other things, in the same order.
    ///
    /// # Errors
    /// The first error of `change`.
    pub fn try_map<U, E>(self, change: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let data = self.data.into_iter().map(change).collect::<Result<_, E>>()?;
        Ok(Page { data, next_cursor: self.next_cursor, total: self.total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_a_foreign_one_does_not() {
        let first = Paging::first(2).page(vec![3, 2, 1], "number", |n| *n);
        assert_eq!(first.data, [3, 2]);
        let second = Paging { cursor: first.next_cursor, ..Paging::first(2) };
        assert_eq!(second.after::<i32>("number").unwrap(), Some(2));
        assert!(second.after::<i32>("name").is_err());
        assert!(Paging { cursor: Some("!".into()), ..Paging::first(2) }.after::<i32>("number").is_err());
    }
}
