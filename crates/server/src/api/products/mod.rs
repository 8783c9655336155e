//! The catalogue.

pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod put;

use std::sync::Arc;

use axum::routing::{self, MethodRouter};

use crate::app::App;

pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use import::import;
pub(crate) use list::list;
pub(crate) use put::{currency, price, put};

/// A product may have any id, `import` too.
pub(crate) fn named() -> MethodRouter<Arc<App>> {
    routing::get(get).put(put).delete(delete)
}
