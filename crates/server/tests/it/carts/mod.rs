mod create;
mod delete;
mod get;
mod order;
mod put;
mod put_items;
