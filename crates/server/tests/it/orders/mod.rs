mod cancel;
mod events;
mod get;
mod list;
mod mark_paid;
mod place;
mod refusals;
mod status;
