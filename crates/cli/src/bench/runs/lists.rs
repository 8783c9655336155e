//! Lists of a grown database: each filter and sort at a few connections, a page far down beside the
//! first, and all of it as a table while orders are placed.

use super::{Figure, PLACED, READ, Result, Run, Unit, load, milliseconds, rate};
use crate::bench::failure::{Doing, Failure};
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

impl Run<'_> {
    pub(super) fn measure_lists(
        &mut self,
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
            self.measure_list(name, query, figures)?;
        }
        for (name, query) in [("newest orders", ""), ("confirmed orders", "status=confirmed")] {
            let first = self.measure_list(&format!("{name}, first page"), query, figures)?;
            let (page, cursor) = self.walk_down(query)?;
            let query = format!("{query}&cursor={cursor}");
            let deep = self.measure_list(&format!("{name}, page {page}"), &query, figures)?;
            figures.push(
                Figure::new(
                    format!("{name}, page {page}: of the first"),
                    deep / first,
                    Unit::Share,
                )
                .at_least(0.8),
            );
        }
        self.measure_table(figures)
    }

    /// How many a second.
    fn measure_list(&self, name: &str, query: &str, figures: &mut Vec<Figure>) -> Result<f64> {
        let fill = in_turn(vec![self.shop.list(query)]);
        let mut plan = self.plan(self.scale.listing / 2, READ, fill);
        plan.connections = CONNECTIONS;
        let listing = load::run(&plan)?;
        figures.push(rate(name, &listing));
        figures.push(milliseconds(format!("{name}: p99"), listing.p99_ms()).under(20.0));
        Ok(listing.per_second())
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
            } else if watch.elapsed_ms() - since_ms > 1_000.0 {
                return Ok(since_ms);
            }
            thread::sleep(POLL_EVERY);
        }
        Err(Failure::new("the indexes of lists were not fed in time"))
    }

    /// The cursor of a page far down, and which page it is.
    fn walk_down(&self, query: &str) -> Result<(u64, String)> {
        let wanted = DEEP_PAGE.min(self.placed / PAGE_ORDERS / 2) * PAGE_ORDERS;
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

    fn measure_table(&mut self, figures: &mut Vec<Figure>) -> Result<()> {
        let usual = self.plan(self.scale.hot, PLACED, self.shop.place_spread());
        let before = self.place(&usual)?;
        let (address, request) = (self.address, self.shop.table());
        let table = thread::spawn(move || read_lines(address, &request));
        thread::sleep(HEAD_START);
        let meanwhile = self.place(&usual)?;
        let (lines, elapsed) =
            table.join().map_err(|_| Failure::new("the reader of the table panicked"))??;
        figures.push(Figure::new("table of all orders: lines", lines as f64, Unit::Count));
        let per_second = lines as f64 / elapsed.as_secs_f64();
        figures.push(Figure::new("table of all orders: rate", per_second, Unit::PerSecond));
        figures.push(rate("placing while the table is read", &meanwhile));
        figures.push(milliseconds("placing while the table is read: p99", meanwhile.p99_ms()));
        let share = meanwhile.per_second() / before.per_second();
        let name = "placing while the table is read: of the usual rate";
        figures.push(Figure::new(name, share, Unit::Share));
        Ok(())
    }
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
