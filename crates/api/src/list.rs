//! Lists: one page, and where the next begins.

use kernel::Page;
use serde::Serialize;

/// A page of a list as it is sent. The macro `list_of` declares one.
pub trait List: Serialize + From<Page<Self::Item>> + Send + 'static {
    /// What it is a list of.
    type Item: 'static;
    /// The query parameter that takes the cursor.
    const CURSOR_PARAMETER: &'static str = "cursor";

    /// Where the next page begins.
    fn next_cursor(&self) -> Option<&str>;
}

/// Declares the page of a list: `list_of!(UserList of User)`, or `list_of!(DealList of Deal, counted)` for one that
/// answers `include=total`. A named struct each, because generated clients invent names for a generic one.
#[macro_export]
macro_rules! list_of {
    ($list:ident of $item:ty $(, cursor = $cursor:literal)?) => {
        $crate::list_of!(@ $list, $item, {}, |page: ::kernel::Page<$item>| Self {
            data: page.data,
            next_cursor: page.next_cursor,
        } $(, $cursor)?);
    };
    ($list:ident of $item:ty, counted) => {
        $crate::list_of!(@ $list, $item, {
            /// How many match, if `include=total` asked for it.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(minimum = 0, nullable = false, example = 42)]
            pub total: Option<i64>,
        }, |page: ::kernel::Page<$item>| Self {
            data: page.data,
            next_cursor: page.next_cursor,
            total: page.total,
        });
    };
    (@ $list:ident, $item:ty, { $($total:tt)* }, $from:expr $(, $cursor:literal)?) => {
        #[doc = concat!("One page of a list of `", stringify!($item), "`.")]
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $list {
            /// The entries.
            #[schema(max_items = 200)]
            pub data: Vec<$item>,
            /// Where the next page begins; null on the last.
            #[schema(required = true, max_length = 500, example = "WyJ1c2VycyIsInVzZXJfMDFoNDU1dmI0cGV4NXZza25rMDg0c24wMnEiXQ")]
            pub next_cursor: Option<String>,
            $($total)*
        }
        impl From<::kernel::Page<$item>> for $list {
            fn from(page: ::kernel::Page<$item>) -> Self {
                ($from)(page)
            }
        }
        impl $crate::List for $list {
            type Item = $item;
            $(const CURSOR_PARAMETER: &'static str = $cursor;)?
            fn next_cursor(&self) -> Option<&str> {
                self.next_cursor.as_deref()
            }
        }
    };
}

/// The `Link` to the next page (RFC 8288): the same address with the next cursor.
pub(crate) fn next_link(path: &str, query: &str, parameter: &str, cursor: &str) -> String {
    format!("<{}>; rel=\"next\"", next_page(path, query, parameter, cursor))
}

/// The same address with the next cursor.
pub(crate) fn next_page(path: &str, query: &str, parameter: &str, cursor: &str) -> String {
    let is_cursor = |pair: &&str| pair.split('=').next() == Some(parameter);
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !is_cursor(pair));
    // Cursors are base64url, which needs no escaping.
    let pairs: Vec<_> = kept.map(str::to_owned).chain([format!("{parameter}={cursor}")]).collect();
    format!("{path}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_replaces_the_cursor() {
        let link = next_link("/v1/users", "limit=2&cursor=old", "cursor", "new");
        assert_eq!(link, "</v1/users?limit=2&cursor=new>; rel=\"next\"");
    }
}
