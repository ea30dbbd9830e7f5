//! Pages of lists: what follows on the cursor, in the order of the list.

use kernel::text::searchable;

/// One page of a boxed query's rows, in the order of a unique column, or of another and a unique one:
/// `database::page!(tx, query, paging, "people", desc(people::id) as Person)`. Fails, with `?`, as the database does, and
/// with `invalid_parameter` for a foreign cursor.
#[macro_export]
macro_rules! page {
    (@ $tx:expr, $query:expr, $paging:expr, $order:expr, $row:ty, $beyond:ident, $by:ident, $of:ident::$id:ident) => {
        $crate::page!(@ $tx, $query, $paging, $order, $row, |row| row.$id, |last| $of::$id.$beyond(last), $of::$id.$by())
    };
    (@ $tx:expr, $query:expr, $paging:expr, $order:expr, $row:ty, $beyond:ident, $by:ident,
        $of:ident::$first:ident, $same:ident::$id:ident) => {
        $crate::page!(@ $tx, $query, $paging, $order, $row, |row| (row.$first, row.$id), |last| {
            $of::$first.$beyond(last.0).or($of::$first.eq(last.0).and($same::$id.$beyond(last.1)))
        }, ($of::$first.$by(), $same::$id.$by()))
    };
    (@ $tx:expr, $query:expr, $paging:expr, $order:expr, $row:ty,
        |$one:ident| $place:expr, |$last:ident| $follows:expr, $by:expr) => {{
        let place = |$one: &$row| $place;
        let mut query = $query;
        if let Some($last) = $paging.after_place($order, place)? {
            query = query.filter($follows);
        }
        let rows = query.order($by).limit($paging.fetch()).select(<$row>::as_select()).load::<$row>($tx.sql())?;
        $paging.page(rows, $order, place)
    }};
    ($tx:expr, $query:expr, $paging:expr, $order:expr, desc($($table:ident::$column:ident),+) as $row:ty) => {
        $crate::page!(@ $tx, $query, $paging, $order, $row, lt, desc, $($table::$column),+)
    };
    ($tx:expr, $query:expr, $paging:expr, $order:expr, asc($($table:ident::$column:ident),+) as $row:ty) => {
        $crate::page!(@ $tx, $query, $paging, $order, $row, gt, asc, $($table::$column),+)
    };
}

/// A `LIKE` pattern, escaped by `\`, for normalized text that contains this one, which may itself contain wildcards.
pub fn containing(text: &str) -> String {
    let escaped = searchable(text).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
