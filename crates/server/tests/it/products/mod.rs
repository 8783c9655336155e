mod delete;
mod get;
mod list;
mod put;
