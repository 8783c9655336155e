//! Importing a catalogue while orders are placed: the import is to be over soon, and those who
//! place orders are not to feel much of it.

use super::{Figure, PLACED, Result, Run, Unit, rate};
use crate::bench::failure::Failure;
use crate::bench::server::ask_for;
use crate::bench::stopwatch::Stopwatch;
use std::time::Duration;

const IMPORT_MAX: Duration = Duration::from_secs(300);
/// Placing goes on in so many parts of the usual length, to end not long after the import.
const PARTS: u64 = 10;

impl Run<'_> {
    pub(super) fn measure_import(&mut self, figures: &mut Vec<Figure>) -> Result<()> {
        let usual = self.plan(self.scale.hot, PLACED, self.shop.place_spread());
        let before = self.place(&usual)?;
        let lines = self.scale.imported;
        let (address, request) = (self.address, self.shop.import(lines));
        let import = std::thread::spawn(move || {
            let watch = Stopwatch::start();
            let (status, body) = ask_for(address, &request, IMPORT_MAX)?;
            Ok((watch.elapsed_ms() / 1_000.0, status, body))
        });
        let part = self.plan(self.scale.hot / PARTS, PLACED, self.shop.place_spread());
        let (mut placed, mut elapsed) = (0, Duration::ZERO);
        loop {
            let meanwhile = self.place(&part)?;
            // The last part is for the most without the import; the only one counts all the same.
            if import.is_finished() && placed > 0 {
                break;
            }
            placed += meanwhile.accepted.len();
            elapsed += meanwhile.elapsed;
        }
        let imported: Result<_> = import.join().map_err(|_| Failure::new("the import panicked"))?;
        let (seconds, status, body) = imported?;
        let body = String::from_utf8_lossy(&body);
        if status != 200 || !body.starts_with(&format!("{{\"imported\":{lines},\"failed\":0,")) {
            return Err(Failure::new(format!("the import was answered {status}: {body}")));
        }
        let after = self.place(&usual)?;

        figures.push(Figure::new("import: products", lines as f64, Unit::Count));
        figures.push(
            Figure::new("import while orders are placed", seconds * 1_000.0, Unit::Milliseconds)
                .under(60_000.0),
        );
        let meanwhile = placed as f64 / elapsed.as_secs_f64();
        figures.push(Figure::new("placing during an import", meanwhile, Unit::PerSecond));
        figures.push(rate("placing after the import", &after));
        let around = f64::midpoint(before.per_second(), after.per_second());
        figures.push(
            Figure::new(
                "placing during an import: of the usual rate",
                meanwhile / around,
                Unit::Share,
            )
            .at_least(0.7),
        );
        Ok(())
    }
}
