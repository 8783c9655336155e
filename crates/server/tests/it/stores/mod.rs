mod get;
mod list;
mod put;
mod rotate_secret;
mod selling;
