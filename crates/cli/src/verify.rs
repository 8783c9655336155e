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
    runtime()?.block_on(async {
        let store = store::open(&settings.database, Purpose::Beside).await;
        let store = store.map_err(|error| error.to_string())?;
        engine::verify::differences(&*store.reads()).await.map_err(|error| error.to_string())
    })
}
