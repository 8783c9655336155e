mod delete;
mod get;
mod import;
mod list;
mod put;
