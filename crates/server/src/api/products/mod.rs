//! The catalogue.

mod delete;
mod get;
mod list;
mod put;

pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use put::{price, put};
