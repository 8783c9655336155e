mod get;
mod list;
mod put;
mod selling;
