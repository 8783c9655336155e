//! Far more clients than the queue holds, for moments, and what is left of the rate afterwards.
//! And, if nothing else is measured, four times what the server can do, for half a minute, beside
//! clients that never finish what they have begun to send: what is accepted, how soon the rest is
//! told to come again, and what is left of the others.

use super::{Figure, PLACED, Result, Run, Unit, milliseconds, quantile_ms, rate, share};
use crate::bench::failure::{Doing, Failure};
use crate::bench::load::{Fill, Outcome};
use crate::bench::rounds::Rounds;
use crate::bench::server::ask;
use crate::bench::stopwatch::Stopwatch;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const TIMES: f64 = 4.0;
/// Rows that the server takes before it turns orders away, in its queue and in a batch; what an
/// order has beside its lines, and for each. Half of the clients shall be turned away.
const ROWS_TAKEN: usize = 12_288;
const ROWS_OF_ORDER: usize = 4;
const ROWS_OF_LINE: usize = 2;
/// With so many of them as place most in a moment the peak is measured, for as long as the overload
/// goes on: for that long nobody keeps the rate of the first seconds.
const PEAK_CONNECTIONS: [usize; 3] = [64, 128, 256];

/// Of the files that the system allows: what the server has besides connections, which is 256, and
/// the requests that are half sent. With fewer it would turn connections away.
const FILES_KEPT_BACK: usize = 400;

/// Half of them send half a head, the others half a body.
const HALF_SENT: usize = 100;
/// What the server gives them by default, and a quarter more, since it looks at them now and then.
const HEAD_LIMIT_MS: f64 = 15_000.0 * 1.25;
const BODY_LIMIT_MS: f64 = 31_000.0 * 1.25;
const GIVEN_UP_AFTER: Duration = Duration::from_secs(120);

/// The server's own measure of its 503s.
const TURNED_AWAY: &str = "orderd_http_unavailable_duration_seconds_bucket";
const METRICS: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";

impl Run<'_> {
    /// Each round has a part of the overload, with the usual number of clients before and after.
    pub(super) fn measure_overload(&self, figures: &mut Vec<Figure>) -> Result<()> {
        let usual = self.usual_slice();
        let mut plan = self.plan(u64::MAX, PLACED, self.shop.place_spread());
        plan.connections = possible(self.args.overload_connections);
        plan.duration_max = self.scale.overload / self.scale.rounds;
        plan.refusals_counted = true;
        let (mut recovery, mut overloads) = (Rounds::new(), Vec::new());
        for _ in 0..self.scale.rounds {
            let before = self.place_and_settle(&usual)?;
            overloads.push(self.place_and_settle(&plan)?);
            recovery.push(self.place_and_settle(&usual)?, before);
        }
        figures.push(Figure::new("overload: connections", plan.connections as f64, Unit::Count));
        figures.push(rate("overload: placed", &overloads));
        let all = Outcome::in_sequence(overloads)?;
        let refused = all.refused.len() as f64;
        figures.push(
            Figure::new("overload: refused with 503 and Retry-After", refused, Unit::Count)
                .at_least(1.0),
        );
        if refused > 0.0 {
            let p99_ms = quantile_ms(&all.refused, 0.99);
            figures.push(milliseconds("overload: refusals, p99", p99_ms));
        }
        let name = "after the overload: of the rate before it";
        figures.push(share(name, recovery.ratio()).at_least(0.9));
        Ok(())
    }

    /// On a database that begins empty, and nothing else.
    pub(in crate::bench) fn measure_sustained(&self) -> Result<Vec<Figure>> {
        self.set_up()?;
        let lines = self.args.overload_lines;
        let orders = self.shop.place_large(lines)?;
        let peak = self.peak(&orders)?;
        let before = self.marker()?;
        let turned_away_before = turned_away(self.address)?;
        let half_sent = self.send_halves()?;

        let mut plan = self.plan(u64::MAX, PLACED, orders);
        plan.connections = possible(2 * ROWS_TAKEN / (ROWS_OF_ORDER + ROWS_OF_LINE * lines));
        let connections = plan.connections;
        plan.duration_max = self.scale.sustained;
        plan.per_second = Some(TIMES * peak);
        plan.refusals_counted = true;
        let overload = self.place(&plan)?;
        let turned_away = turned_away(self.address)?.since(&turned_away_before);

        let left =
            half_sent.join().map_err(|_| Failure::new("the half-sent requests panicked"))??;
        let numbers = self.marker()? - before - 1;
        let seconds = overload.elapsed.as_secs_f64();
        let answered = overload.accepted.len() + overload.refused.len();
        let unsent = numbers as f64 - overload.accepted.len() as f64;
        let of_peak = overload.per_second() / peak;
        let times = answered as f64 / seconds / peak;
        Ok(vec![
            Figure::new("4x overload: lines of an order", lines as f64, Unit::Count),
            Figure::new("4x overload: connections", connections as f64, Unit::Count),
            Figure::new("4x overload: the peak before it", peak, Unit::PerSecond),
            Figure::new("4x overload: seconds", seconds, Unit::Count),
            Figure::new("4x overload: offered, of the peak", times, Unit::Times)
                .at_least(0.95 * TIMES),
            Figure::new("4x overload: placed", overload.per_second(), Unit::PerSecond),
            share("4x overload: placed, of the peak", of_peak).at_least(0.8),
            milliseconds("4x overload: placed, p50 at the client", overload.p50_ms()),
            milliseconds("4x overload: placed, p99 at the client", overload.p99_ms()).under(200.0),
            Figure::new("4x overload: 503s", overload.refused.len() as f64, Unit::Count),
            milliseconds(
                "4x overload: 503s, p99 at the client, which has to queue too",
                quantile_ms(&overload.refused, 0.99),
            ),
            milliseconds(
                "4x overload: 503s, p99 in the server, from head to head",
                turned_away.quantile_ms(0.99),
            )
            .under(5.0),
            milliseconds("half-sent heads: the last was gone after", left.heads_ms)
                .under(HEAD_LIMIT_MS),
            milliseconds("half-sent bodies: the last was gone after", left.bodies_ms)
                .under(BODY_LIMIT_MS),
            Figure::new("orders that no client was told of", unsent, Unit::Count).under(1.0),
        ])
    }

    fn peak(&self, orders: &Fill) -> Result<f64> {
        let place = |connections, duration| {
            let mut plan = self.plan(u64::MAX, PLACED, orders.clone());
            plan.connections = connections;
            plan.duration_max = duration;
            plan.refusals_counted = true;
            Ok(self.place_and_settle(&plan)?.per_second())
        };
        let (mut best, mut most) = (1, 0.0);
        for connections in PEAK_CONNECTIONS {
            let rate = place(connections, self.scale.peak)?;
            if rate > most {
                (best, most) = (connections, rate);
            }
        }
        place(best, self.scale.sustained)
    }

    /// The number of one more order: whatever was placed between two of them was counted.
    fn marker(&self) -> Result<u64> {
        let mut plan = self.plan(1, PLACED, self.shop.place_spread());
        plan.connections = 1;
        plan.locations_every = Some(1);
        let outcome = self.place(&plan)?;
        let number = outcome.locations.first().and_then(|(_, location)| {
            location.rsplit_once("ORD").and_then(|(_, number)| number.parse().ok())
        });
        number.ok_or_else(|| Failure::new("an order has no number in its Location"))
    }

    fn send_halves(&self) -> Result<std::thread::JoinHandle<Result<Left>>> {
        let mut begun = Vec::new();
        for number in 0..HALF_SENT {
            let mut request = Vec::new();
            (self.shop.place_spread())(number as u64, &mut request);
            let head = request.windows(4).position(|it| it == b"\r\n\r\n");
            let head = head.ok_or_else(|| Failure::new("a request has no end of its head"))? + 4;
            let sent = match number < HALF_SENT / 2 {
                true => head / 2,
                false => usize::midpoint(head, request.len()),
            };
            let mut stream = TcpStream::connect(self.address).doing("connecting")?;
            stream.set_read_timeout(Some(GIVEN_UP_AFTER)).doing("setting a timeout")?;
            stream.write_all(&request[..sent]).doing("sending half a request")?;
            begun.push(stream);
        }
        let watch = Stopwatch::start();
        Ok(std::thread::spawn(move || {
            let bodies = begun.split_off(HALF_SENT / 2);
            let heads_ms = all_gone_ms(begun, watch)?;
            Ok(Left { heads_ms, bodies_ms: all_gone_ms(bodies, watch)? })
        }))
    }
}

/// Of so many connections.
fn possible(wanted: usize) -> usize {
    match open_files_max() {
        Some(files) if files < wanted + FILES_KEPT_BACK => {
            let possible = files.saturating_sub(FILES_KEPT_BACK).max(1);
            eprintln!(
                "only {possible} connections for the overload: raise the limit of open files \
                 (ulimit -n) for more"
            );
            possible
        }
        Some(_) | None => wanted,
    }
}

/// The limit that the server inherits too; `None` where the system does not tell.
fn open_files_max() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// When the last was cut.
struct Left {
    heads_ms: f64,
    bodies_ms: f64,
}

fn all_gone_ms(begun: Vec<TcpStream>, watch: Stopwatch) -> Result<f64> {
    for mut stream in begun {
        let mut said = Vec::new();
        match stream.read_to_end(&mut said) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            Err(error) => return Err(Failure::new(format!("a half-sent request stays: {error}"))),
        }
        let is_served = said.starts_with(b"HTTP/1.1 2");
        if is_served {
            return Err(Failure::new("half a request was answered as if it were whole"));
        }
    }
    Ok(watch.elapsed_ms())
}

/// How many were told so within how many seconds, by rising seconds.
#[derive(Debug, PartialEq)]
struct Buckets(Vec<(f64, f64)>);

fn turned_away(address: SocketAddr) -> Result<Buckets> {
    let (_, body) = ask(address, METRICS)?;
    Ok(Buckets::read(&String::from_utf8_lossy(&body)))
}

impl Buckets {
    fn read(metrics: &str) -> Buckets {
        let lines = metrics.lines().filter_map(|line| line.strip_prefix(TURNED_AWAY));
        let bucket = |line: &str| {
            let (label, count) = line.split_once("\"} ")?;
            let (_, limit) = label.split_once("le=\"")?;
            let limit = if limit == "+Inf" { f64::INFINITY } else { limit.parse().ok()? };
            Some((limit, count.trim().parse().ok()?))
        };
        Buckets(lines.filter_map(bucket).collect())
    }

    fn since(&self, before: &Buckets) -> Buckets {
        let earlier = |at: usize| before.0.get(at).map_or(0.0, |it| it.1);
        Buckets(self.0.iter().enumerate().map(|(at, it)| (it.0, it.1 - earlier(at))).collect())
    }

    /// Evenly spread within a bucket, as Prometheus takes it.
    fn quantile_ms(&self, quantile: f64) -> f64 {
        let wanted = quantile * self.0.last().map_or(0.0, |it| it.1);
        let mut below = (0.0, 0.0);
        for bucket in &self.0 {
            if bucket.1 >= wanted && bucket.1 > below.1 {
                let part = (wanted - below.1) / (bucket.1 - below.1);
                let limit = if bucket.0.is_finite() { bucket.0 } else { below.0 };
                return 1_000.0 * (below.0 + part * (limit - below.0));
            }
            below = *bucket;
        }
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_measure_is_read() {
        let text = |counts: [u32; 3]| {
            let [first, second, all] = counts;
            format!(
                "# TYPE {TURNED_AWAY} histogram\n{TURNED_AWAY}{{le=\"0.001\"}} {first}\n\
                 {TURNED_AWAY}{{le=\"0.005\"}} {second}\n{TURNED_AWAY}{{le=\"+Inf\"}} {all}\n\
                 other 7\n"
            )
        };
        let before = Buckets::read(&text([5, 5, 5]));
        assert_eq!(before, Buckets(vec![(0.001, 5.0), (0.005, 5.0), (f64::INFINITY, 5.0)]));
        let now = Buckets::read(&text([55, 105, 105])).since(&before);
        assert_eq!(now.quantile_ms(0.5), 1.0);
        assert_eq!(now.quantile_ms(0.75), 3.0);
        assert_eq!(now.quantile_ms(1.0), 5.0);
        // Beyond the last limit nothing is known but that limit.
        assert_eq!(Buckets::read(&text([0, 0, 9])).quantile_ms(0.5), 5.0);
        assert!(Buckets(Vec::new()).quantile_ms(0.5).is_nan());
    }

    #[test]
    fn what_stays_or_is_served_is_told() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let begun = |said: &'static str| {
            let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (mut other, _) = listener.accept().unwrap();
            other.write_all(said.as_bytes()).unwrap();
            stream
        };
        let watch = Stopwatch::start();
        let cut = vec![begun(""), begun("HTTP/1.1 408 Request Timeout\r\n\r\n")];
        assert!(all_gone_ms(cut, watch).is_ok());
        assert!(all_gone_ms(vec![begun("HTTP/1.1 204 No Content\r\n\r\n")], watch).is_err());
    }
}
