//! The server as a process: what memory it takes, and how soon it is there after a start.

use super::{Figure, PLACED, Result, Run, Unit, milliseconds, rate};
use crate::bench::failure::Failure;
use crate::bench::server::ask;
use crate::bench::shop::ready_request;

const MEMORY_CONNECTIONS: usize = 256;

impl Run<'_> {
    pub(super) fn measure_memory(&self, figures: &mut Vec<Figure>) -> Result<()> {
        let Some(server) = &self.server else { return Ok(()) };
        let watch = server.watch_memory();
        let mut plan = self.plan(self.scale.hot, PLACED, self.shop.place_spread());
        plan.connections = MEMORY_CONNECTIONS;
        let outcome = self.place(&plan)?;
        let p99_ms = outcome.p99_ms();
        figures.push(rate("placing, 256 connections", &[outcome]));
        figures.push(milliseconds("placing, 256 connections: p99", p99_ms));
        if let Some(megabytes) = watch.finish_mb() {
            figures.push(
                Figure::new("anonymous memory, 256 connections", megabytes, Unit::Megabytes)
                    .under(200.0),
            );
        }
        Ok(())
    }

    pub(super) fn measure_restart(&mut self, figures: &mut Vec<Figure>) -> Result<()> {
        let (Some(server), Some(database)) = (self.server.take(), self.ground.database()) else {
            return Ok(());
        };
        server.stop()?;
        let server = self.ground.start_server(&database)?;
        let first_answer_ms = loop {
            let (status, _) = ask(server.address, ready_request())?;
            if status == 200 {
                break server.since_start.elapsed_ms();
            }
        };
        let mut order = Vec::new();
        (self.shop.place_spread())(0, &mut order);
        let (status, body) = ask(server.address, &order)?;
        let first_order_ms = server.since_start.elapsed_ms();
        if !PLACED.contains(&status) {
            let body = String::from_utf8_lossy(&body);
            return Err(Failure::new(format!("the first order was answered {status}: {body}")));
        }
        self.placed.set(self.placed.get() + 1);
        self.address = server.address;
        self.server = Some(server);
        figures.push(milliseconds("start: first answer", first_answer_ms).under(100.0));
        figures.push(milliseconds("start: first order placed", first_order_ms).under(100.0));
        Ok(())
    }
}
