//! Machine clients: programs that get their tokens for an id and a secret.

pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod remove;

pub(crate) use self::{create::create, get::get, list::list, remove::remove};

use crate::{problem::Problem, refused};

fn not_found() -> Problem {
    refused::not_found("client_not_found", "Client not found")
}
