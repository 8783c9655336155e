//! `orderd verify`: checks the books.

use std::process::ExitCode;

use engine::verify::Difference;
use store::Purpose;

use crate::{
    complain, runtime,
    settings::{Overrides, Settings},
};

pub(crate) fn run(overrides: &Overrides) -> ExitCode {
    match differences(overrides) {
        Ok(differences) if differences.is_empty() => {
            println!("the books are right");
            ExitCode::SUCCESS
        }
        Ok(differences) => {
            for it in &differences {
                println!("{it}");
            }
            complain(&format!("{} differences", differences.len()))
        }
        Err(why) => complain(&why),
    }
}

fn differences(overrides: &Overrides) -> Result<Vec<Difference>, String> {
    let settings = Settings::read(overrides)?;
    let mut found = look(&settings.database)?;
    // The newest orders of each customer are listed from what was read when the database was
    // opened. Beside a server that places more, only a look of its own tells what is missing.
    let may_be_newer = |it: &Difference| matches!(it, Difference::NotListedByCustomer(_));
    if found.iter().any(may_be_newer) {
        let again = look(&settings.database)?;
        found.retain(|it| !may_be_newer(it) || again.contains(it));
    }
    Ok(found)
}

fn look(database: &str) -> Result<Vec<Difference>, String> {
    runtime()?.block_on(async {
        let store = store::open(database, Purpose::Inspect).await;
        let store = store.map_err(|error| error.to_string())?;
        engine::verify::differences(&*store.reads()).await.map_err(|error| error.to_string())
    })
}
