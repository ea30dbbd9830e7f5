//! The accounts that share a blocking key with a name, in one statement that is prepared once.

use database::MultiBackend;
use diesel::{
    QueryResult, RunQueryDsl,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::Text,
};

/// How many accounts that share one key are looked at. Names that are alike share several keys, and what many share, such
/// as a common word, tells little.
const CANDIDATES_PER_KEY: usize = 20;

/// Gives id and normalized name of each account that has one of these keys; there must be one.
pub(super) struct Sharing {
    pub keys: Vec<String>,
}

impl QueryFragment<MultiBackend> for Sharing {
    /// A bound for each key, so that no key crowds out another. The keys carry the names, so that no account is read.
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        for (at, key) in self.keys.iter().enumerate() {
            out.push_sql(if at == 0 { "" } else { " UNION " });
            out.push_sql("SELECT account_id, name FROM (SELECT account_id, name FROM account_keys WHERE key = ");
            out.push_bind_param::<Text, _>(key)?;
            out.push_sql(&format!(" LIMIT {CANDIDATES_PER_KEY}) AS key{at}"));
        }
        Ok(())
    }
}

/// Kept by its text: that depends on how many keys there are, and on nothing else.
impl QueryId for Sharing {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sharing {
    type SqlType = (Text, Text);
}

impl<C> RunQueryDsl<C> for Sharing {}
