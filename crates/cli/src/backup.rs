//! `orderd backup FILE`: copies the database beside the process that serves it.

use std::path::PathBuf;

use clap::Args;

use crate::settings::{Overrides, Settings};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    overrides: Overrides,
    /// Where the copy goes; there must be nothing yet
    file: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let settings = Settings::read(&arguments.overrides)?;
    let copied = store::backup(&settings.database, &arguments.file);
    let copied = copied.map_err(|error| error.to_string())?;
    let megabytes = copied.bytes.div_ceil(1_000_000);
    println!(
        "{} has everything up to event {}, in {megabytes} MB",
        arguments.file.display(),
        copied.last_seq
    );
    Ok(())
}
