//! Importing a catalogue while orders are placed: the import is to be over soon, and those who
//! place orders are not to feel much of it.

use super::{Figure, Result, Run, Unit, milliseconds, rate, share};
use crate::bench::failure::Failure;
use crate::bench::rounds::{Beside, Meanwhile};
use crate::bench::server::ask_for;
use crate::bench::stopwatch::Stopwatch;
use std::thread;
use std::time::Duration;

const IMPORT_MAX: Duration = Duration::from_secs(300);

impl Run<'_> {
    pub(super) fn measure_import(&self, figures: &mut Vec<Figure>) -> Result<()> {
        let usual = self.usual_slice();
        let lines = self.scale.imported;
        let begin = || {
            let (address, request) = (self.address, self.shop.import(lines));
            Ok(thread::spawn(move || {
                let watch = Stopwatch::start();
                let (status, body) = ask_for(address, &request, IMPORT_MAX)?;
                Ok((watch.elapsed_ms(), status, body))
            }))
        };
        let (placing, (elapsed_ms, status, body)) =
            Beside::measure(self.scale.rounds, Meanwhile::ToTheEnd, || self.place(&usual), begin)?;
        let body = String::from_utf8_lossy(&body);
        if status != 200 || !body.starts_with(&format!("{{\"imported\":{lines},\"failed\":0,")) {
            return Err(Failure::new(format!("the import was answered {status}: {body}")));
        }
        figures.push(Figure::new("import: products", lines as f64, Unit::Count));
        figures.push(milliseconds("import while orders are placed", elapsed_ms).under(60_000.0));
        figures.push(rate("placing during an import", &placing.meanwhile));
        figures.push(rate("placing after the import", &placing.after));
        let name = "placing during an import: of the usual rate";
        figures.push(share(name, placing.ratio()).at_least(0.7));
        Ok(())
    }
}
