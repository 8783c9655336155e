mod erase;
mod get;
mod list;
mod own;
mod put;
