//! What a shop's own system asks by `/v1`: one order beside the same order by `/api`, with wrong
//! secrets in bulk meanwhile, and the numbers of all orders in one answer.

use super::{Figure, READ, Result, Run, Unit, load, milliseconds, rate, share};
use crate::bench::failure::{Doing, Failure};
use crate::bench::load::Fill;
use crate::bench::report::median;
use crate::bench::rounds::{Beside, Meanwhile, Rounds, typical};
use crate::bench::server::{MemoryWatch, Server, ask};
use crate::bench::shop::in_turn;
use crate::bench::stopwatch::Stopwatch;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

const STORE: u32 = 1;
/// Beside those that have the right secret.
const WRONG_CONNECTIONS: usize = 16;
/// With 400, or with 429 where somebody has set a limit.
const WRONG: &[u16] = &[400, 429];
const HEAD_START: Duration = Duration::from_millis(200);
/// How much more memory an answer of any length may take.
const GROWTH_MAX_MB: f64 = 16.0;

/// One whole answer of numbers.
struct Listed {
    first_byte_ms: f64,
    elapsed: Duration,
    orders: u64,
}

impl Run<'_> {
    pub(super) fn measure_retrieval(&self, figures: &mut Vec<Figure>) -> Result<()> {
        let secret = self.secret()?;
        let orders = &self.first_orders;
        let reads = self.shop.shuffled(self.shop.read_orders(orders));
        let details = (1..=orders.len()).map(|no| detail(no, &secret)).collect();
        let details = self.shop.shuffled(details);
        let asks = |round, fill: &Fill| {
            load::run(&self.slice(round, self.scale.reading, READ, Fill::clone(fill)))
        };
        let alone = Rounds::alternate(
            self.scale.rounds,
            |round| asks(round, &details),
            |round| asks(round, &reads),
        )?;
        figures.push(rate("orderDetail", &alone.one));
        let name = "orderDetail: of reading an order";
        figures.push(share(name, alone.ratio()).at_least(0.6));
        self.measure_wrong_secrets(&details, typical(&alone.one), figures)
    }

    /// Right secrets, of which so many a second are usual, beside wrong ones.
    fn measure_wrong_secrets(
        &self,
        details: &Fill,
        usual_per_second: f64,
        figures: &mut Vec<Figure>,
    ) -> Result<()> {
        let (mut of_usual, mut guessing) = (Vec::new(), Vec::new());
        for round in 0..self.scale.rounds {
            let slice = self.slice(round, self.scale.reading, READ, Fill::clone(details));
            let slice_s = slice.requests as f64 / usual_per_second;
            let mut guesses = self.plan(u64::MAX, WRONG, wrong_ones());
            guesses.connections = WRONG_CONNECTIONS;
            guesses.duration_max = HEAD_START + Duration::from_secs_f64(2.0 * slice_s);
            let begin = || {
                let guesses = thread::spawn(move || load::run(&guesses));
                thread::sleep(HEAD_START);
                Ok(guesses)
            };
            let one = Meanwhile::Slices(1);
            let (right, wrong) = Beside::measure(1, one, || load::run(&slice), begin)?;
            of_usual.push(right.ratio());
            guessing.push(wrong);
        }
        figures.push(rate("orderDetail beside wrong secrets: these", &guessing));
        let name = "orderDetail beside wrong secrets: of its rate without";
        figures.push(share(name, median(of_usual)).at_least(0.75));
        Ok(())
    }

    /// The numbers of all orders there are, with what each costs a read.
    pub(super) fn measure_order_numbers(&self, figures: &mut Vec<Figure>) -> Result<()> {
        let secret = self.secret()?;
        for (name, statuses) in [("orderNumbers", false), ("orderNumbers with statuses", true)] {
            let body = json!({
                "store": STORE, "secret": secret, "sinceOrderId": 0, "statuses": statuses,
            });
            let request = post("/v1/orderNumbers", "HTTP/1.0", &body);
            let watch = self.server.as_ref().map(Server::watch_memory);
            let listed = list(self.address, &request)?;
            let grown_mb = watch.and_then(MemoryWatch::finish_growth_mb);
            let Listed { first_byte_ms, elapsed, orders } = listed;
            figures.push(Figure::new(format!("{name}: orders"), orders as f64, Unit::Count));
            figures.push(milliseconds(format!("{name}: first byte"), first_byte_ms).under(50.0));
            let per_second = orders as f64 / elapsed.as_secs_f64();
            figures.push(Figure::new(format!("{name}: rate"), per_second, Unit::PerSecond));
            figures.extend(grown_mb.map(|it| {
                let name = format!("{name}: memory it takes");
                Figure::new(name, it, Unit::Megabytes).under(GROWTH_MAX_MB)
            }));
        }
        Ok(())
    }

    /// A new secret of the store that the bench sells from.
    fn secret(&self) -> Result<String> {
        let (status, body) = ask(self.address, &self.shop.rotate_secret(STORE))?;
        let answer: Value = serde_json::from_slice(&body).doing("reading a store's secret")?;
        answer["secret"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| Failure::new(format!("rotating a secret was answered {status}")))
    }
}

fn detail(no: usize, secret: &str) -> Vec<u8> {
    let body = json!({"store": STORE, "secret": secret, "orderId": no});
    post("/v1/orderDetail", "HTTP/1.1", &body)
}

fn wrong_ones() -> Fill {
    let wrong = (1..=1000).map(|guess| detail(guess, &format!("secret_{guess:040}")));
    in_turn(wrong.collect())
}

fn post(path: &str, version: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!(
        "POST {path} {version}\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Reads an answer that ends with its connection, piece by piece.
fn list(address: SocketAddr, request: &[u8]) -> Result<Listed> {
    let watch = Stopwatch::start();
    let mut stream = TcpStream::connect(address).doing(format!("connecting to {address}"))?;
    stream.write_all(request).doing("asking for order numbers")?;
    let mut piece = vec![0; 256 * 1024];
    let mut end = Vec::new();
    let mut first_byte_ms = None;
    loop {
        let read = stream.read(&mut piece).doing("reading order numbers")?;
        first_byte_ms.get_or_insert_with(|| watch.elapsed_ms());
        if read == 0 {
            break;
        }
        end.extend_from_slice(&piece[..read]);
        end.drain(..end.len().saturating_sub(64));
    }
    let end = String::from_utf8_lossy(&end);
    let count = end.split("\"orderCount\":").nth(1).and_then(|it| it.strip_suffix('}'));
    let orders = count.and_then(|it| it.parse().ok());
    let orders = orders.ok_or_else(|| Failure::new("the order numbers have no end"))?;
    Ok(Listed {
        first_byte_ms: first_byte_ms.unwrap_or_default(),
        elapsed: watch.elapsed(),
        orders,
    })
}
