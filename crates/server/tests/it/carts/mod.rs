mod create;
mod delete;
mod get;
mod order;
mod outside;
mod put;
mod put_items;
