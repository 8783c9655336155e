//! Reading: one order beside a constant answer of that size, and first pages of lists.

use super::{Figure, READ, Result, Run, load, milliseconds, processor, rate, share, watched};
use crate::bench::failure::Failure;
use crate::bench::load::{Fill, Outcome};
use crate::bench::rounds::Rounds;
use crate::bench::server::ask;
use crate::bench::shop::in_turn;

const READING: &str = "reading an order";
const CONSTANT: &str = "a constant of that size";
const CUSTOMER_LIST: &str = "first page of a customer's orders";
const STAFF_LIST: &str = "first page of all orders";

impl Run<'_> {
    pub(super) fn measure_reading(&self, figures: &mut Vec<Figure>) -> Result<()> {
        let requests = self.shop.read_orders(&self.first_orders);
        let first = requests.first().ok_or_else(|| {
            Failure::new("the server named no Location for the orders that it took")
        })?;
        let (status, body) = ask(self.address, first)?;
        if status != 200 {
            let body = String::from_utf8_lossy(&body);
            return Err(Failure::new(format!("reading an order was answered {status}: {body}")));
        }
        // What is fed behind the writer is work of placing, not of reading.
        self.wait_until_fed()?;
        let fill = self.shop.shuffled(requests);
        let slice = |round| self.slice(round, self.scale.reading, READ, Fill::clone(&fill));
        let constant = self.ground.start_constant(body.len())?;
        let rounds = Rounds::alternate(
            self.scale.rounds,
            |round| watched(self.server.as_ref(), &slice(round)),
            |round| {
                let mut plan = slice(round);
                plan.address = constant.address;
                watched(Some(&constant), &plan)
            },
        )?;
        drop(constant);

        let of_constant = rounds.ratio();
        figures.push(rate(READING, &rounds.one));
        let all = Outcome::in_sequence(rounds.one)?;
        figures.extend(processor(READING, &all));
        figures.push(milliseconds(format!("{READING}: p99"), all.p99_ms()));
        figures.push(rate(CONSTANT, &rounds.other));
        figures.extend(processor(CONSTANT, &Outcome::in_sequence(rounds.other)?));
        if self.server.is_some() {
            let name = format!("{READING}: of the constant's rate");
            figures.push(share(name, of_constant).at_least(0.5));
        }
        Ok(())
    }

    pub(super) fn measure_listing(&self, figures: &mut Vec<Figure>) -> Result<()> {
        for (name, fill) in self.lists() {
            let listing = load::run(&self.plan(self.scale.listing, READ, fill))?;
            let p99_ms = listing.p99_ms();
            figures.push(rate(name, &[listing]));
            figures.push(milliseconds(format!("{name}: p99"), p99_ms));
        }
        Ok(())
    }

    pub(super) fn lists(&self) -> [(&'static str, Fill); 2] {
        [
            (CUSTOMER_LIST, self.shop.shuffled(self.shop.list_by_customer())),
            (STAFF_LIST, in_turn(self.shop.list_by_staff())),
        ]
    }
}
