mod adjust;
mod get;
mod set;
