//! Delivery methods.

pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod put;

pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use put::{country, put};

use crate::{problem::Problem, refused};

fn not_found() -> Problem {
    refused::not_found("delivery_method_not_found", "Delivery method not found")
}
