//! Lists of a grown database: each filter and sort at a few connections, a page far down beside the
//! first, and all of it as a table while orders are placed.

use super::{Figure, READ, Result, Run, Unit, load, milliseconds, rate, share};
use crate::bench::failure::{Doing, Failure};
use crate::bench::load::Outcome;
use crate::bench::rounds::{Beside, Meanwhile, Rounds};
use crate::bench::server::ask;
use crate::bench::shop::in_turn;
use crate::bench::stopwatch::Stopwatch;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

const CONNECTIONS: usize = 16;
/// Orders that leave the state in which nearly all are.
const SHIPPED: usize = 200;
/// As far down as pages are looked for, and how many orders a page has.
const DEEP_PAGE: u64 = 10_000;
const PAGE_ORDERS: u64 = 50;
/// Longer pages to get there.
const STEP_ORDERS: u64 = 200;
const FED_MAX: Duration = Duration::from_secs(300);
/// It is looked for something to feed more often than this.
const NOTHING_FED_MS: f64 = 600.0;
const POLL_EVERY: Duration = Duration::from_millis(50);
/// Until the table is under way.
const HEAD_START: Duration = Duration::from_millis(500);

/// The lists that staff asks for, by what they are.
const LISTS: [(&str, &str); 12] = [
    ("list by a status that few have", "status=shipped"),
    ("list by a status that most have", "status=confirmed"),
    ("list by three states at once", "status=confirmed&payment_status=unpaid&on_hold=false"),
    ("list of what nobody is", "status=pending,cancelled"),
    ("list by two customers", "user_id=bench-c00001,bench-c00002"),
    ("list by product", "product_id=bench-p00007"),
    ("list by product and a rare status", "product_id=bench-p00007&status=shipped"),
    ("list by a customer's name", "q=bench-c00003"),
    ("list by a name that everyone has", "q=jane"),
    ("list by total", "sort=-total"),
    ("list by change", "sort=updated_at"),
    ("list by total of a rare status", "sort=-total&status=shipped"),
];

/// Those that are long enough to have a page far down.
const LONG_LISTS: [(&str, &str); 7] = [
    ("newest orders", ""),
    ("oldest orders", "sort=created_at"),
    ("confirmed orders", "status=confirmed"),
    ("orders in three states", "status=confirmed&payment_status=unpaid&on_hold=false"),
    ("orders by total", "sort=-total"),
    ("orders by change", "sort=updated_at"),
    ("orders by a name that everyone has", "q=jane"),
];

impl Run<'_> {
    pub(super) fn measure_lists(
        &self,
        placed: &[(u64, String)],
        figures: &mut Vec<Figure>,
    ) -> Result<()> {
        let shipping = self.shop.ship(placed, SHIPPED);
        load::run(&self.plan(shipping.len() as u64, READ, in_turn(shipping)))?;
        let fed_ms = self.wait_until_fed()?;
        figures.push(milliseconds("lists: fed after the last order", fed_ms));
        for (name, query) in LISTS {
            let (status, body) = ask(self.address, &self.shop.list(query))?;
            if status != 200 {
                let body = String::from_utf8_lossy(&body);
                return Err(Failure::new(format!("{query} was answered {status}: {body}")));
            }
            let listing = self.list(self.scale.listing / 2, query)?;
            tell_list(name, vec![listing], figures)?;
        }
        for (name, query) in LONG_LISTS {
            let (page, cursor) = self.walk_down(query)?;
            let deep = format!("{query}&cursor={cursor}");
            let rounds = self.scale.rounds;
            let requests = self.scale.listing / 2 / u64::from(rounds);
            let (deep, first) = (|_| self.list(requests, &deep), |_| self.list(requests, query));
            let rounds = Rounds::alternate(rounds, deep, first)?;
            let of_first = rounds.ratio();
            tell_list(&format!("{name}, first page"), rounds.other, figures)?;
            tell_list(&format!("{name}, page {page}"), rounds.one, figures)?;
            let name = format!("{name}, page {page}: of the first");
            figures.push(share(name, of_first).at_least(0.8));
        }
        self.measure_table(figures)
    }

    fn list(&self, requests: u64, query: &str) -> Result<Outcome> {
        let mut plan = self.plan(requests, READ, in_turn(vec![self.shop.list(query)]));
        plan.connections = CONNECTIONS;
        load::run(&plan)
    }

    /// What is fed behind the writer is there when its position no longer moves.
    pub(super) fn wait_until_fed(&self) -> Result<f64> {
        let watch = Stopwatch::start();
        let (mut known, mut since_ms) = (None, 0.0);
        while watch.elapsed() < FED_MAX {
            let page = self.page("sort=-total&limit=1")?;
            let now = page["as_of_seq"].as_u64();
            if now != known {
                (known, since_ms) = (now, watch.elapsed_ms());
            } else if watch.elapsed_ms() - since_ms > NOTHING_FED_MS {
                return Ok(since_ms);
            }
            thread::sleep(POLL_EVERY);
        }
        Err(Failure::new("the indexes of lists were not fed in time"))
    }

    /// The cursor of a page far down, and which page it is.
    fn walk_down(&self, query: &str) -> Result<(u64, String)> {
        let wanted = DEEP_PAGE.min(self.placed.get() / PAGE_ORDERS / 2) * PAGE_ORDERS;
        let (mut passed, mut cursor) = (0, String::new());
        while passed < wanted {
            let page = self.page(&format!("{query}&limit={STEP_ORDERS}{cursor}"))?;
            passed += page["orders"].as_array().map_or(0, |it| it.len() as u64);
            let next = page["next_cursor"].as_str();
            let next = next.ok_or_else(|| Failure::new("the list ended before its deep page"))?;
            cursor = format!("&cursor={next}");
        }
        Ok((passed / PAGE_ORDERS, cursor.trim_start_matches("&cursor=").to_owned()))
    }

    fn page(&self, query: &str) -> Result<serde_json::Value> {
        let (status, body) = ask(self.address, &self.shop.list(query))?;
        if status != 200 {
            let body = String::from_utf8_lossy(&body);
            return Err(Failure::new(format!("{query} was answered {status}: {body}")));
        }
        serde_json::from_slice(&body).doing("reading a page of orders")
    }

    fn measure_table(&self, figures: &mut Vec<Figure>) -> Result<()> {
        let usual = self.usual_slice();
        let begin = || {
            let (address, request) = (self.address, self.shop.table());
            let table = thread::spawn(move || read_lines(address, &request));
            thread::sleep(HEAD_START);
            Ok(table)
        };
        let (placing, (lines, elapsed)) =
            Beside::measure(self.scale.rounds, Meanwhile::ToTheEnd, || self.place(&usual), begin)?;
        figures.push(Figure::new("table of all orders: lines", lines as f64, Unit::Count));
        let per_second = lines as f64 / elapsed.as_secs_f64();
        figures.push(Figure::new("table of all orders: rate", per_second, Unit::PerSecond));
        let of_usual = placing.ratio();
        let name = "placing while the table is read";
        figures.push(rate(name, &placing.meanwhile));
        let p99_ms = Outcome::in_sequence(placing.meanwhile)?.p99_ms();
        figures.push(milliseconds(format!("{name}: p99"), p99_ms));
        figures.push(share(format!("{name}: of the usual rate"), of_usual).at_least(0.7));
        Ok(())
    }
}

fn tell_list(name: &str, listings: Vec<Outcome>, figures: &mut Vec<Figure>) -> Result<()> {
    figures.push(rate(name, &listings));
    let p99_ms = Outcome::in_sequence(listings)?.p99_ms();
    figures.push(milliseconds(format!("{name}: p99"), p99_ms).under(20.0));
    Ok(())
}

/// Reads an answer to its end and counts its lines.
fn read_lines(address: SocketAddr, request: &[u8]) -> Result<(u64, Duration)> {
    let watch = Stopwatch::start();
    let mut stream = TcpStream::connect(address).doing(format!("connecting to {address}"))?;
    stream.write_all(request).doing("asking for a table")?;
    let mut piece = vec![0; 256 * 1024];
    let mut lines = 0;
    loop {
        let read = stream.read(&mut piece).doing("reading a table")?;
        if read == 0 {
            return Ok((lines, watch.elapsed()));
        }
        lines += piece[..read].iter().filter(|it| **it == b'\n').count() as u64;
    }
}
