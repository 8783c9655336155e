//! The load generator. It shares the machine's cores with the server it measures, so it does as
//! little as it can: requests are bytes made ready beforehand, responses are read only as far as
//! their status and length, each thread keeps its own counts, and connections stay open.
//! An answer that is not wanted ends the run: a rate of errors would be no rate at all.

use super::failure::{Doing, Failure, Result};
use super::response::{Reader, Response};
use super::stopwatch::Stopwatch;
use hdrhistogram::Histogram;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// How long an answer may take after the time of the run is over, before the server counts as hung.
const GRACE: Duration = Duration::from_secs(30);
/// What a refused client waits before it asks again. Shorter than any `Retry-After`, so that the
/// pressure stays on, and long enough that the generator's own work stays small.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_millis(50);
const LATENCY_MAX_NS: u64 = 120_000_000_000;

/// Writes the request number `turn` into the empty buffer.
pub(super) type Fill = Arc<dyn Fn(u64, &mut Vec<u8>) + Send + Sync>;

#[derive(Clone)]
pub(super) struct Plan {
    pub(super) address: SocketAddr,
    pub(super) threads: usize,
    pub(super) connections: usize,
    /// Runs that go on from each other have different turns, and so different requests.
    pub(super) first_turn: u64,
    /// The run ends with this many answers, or when its time is over, whichever is first.
    pub(super) requests: u64,
    pub(super) duration_max: Duration,
    pub(super) wanted: &'static [u16],
    /// So many requests are sent a second, whatever becomes of them; without it, each connection
    /// sends its next one when it has its answer.
    pub(super) per_second: Option<f64>,
    /// A 503 with `Retry-After` is counted; otherwise it ends the run like any unwanted status.
    pub(super) refusals_counted: bool,
    /// Remember the `Location` of every so many turns.
    pub(super) locations_every: Option<u64>,
    pub(super) fill: Fill,
}

impl Plan {
    fn remembers(&self, turn: u64) -> bool {
        self.locations_every.is_some_and(|every| turn.is_multiple_of(every))
    }

    /// When so many requests shall have been sent, from the beginning of the run.
    fn due(&self, number: u64) -> Option<Duration> {
        self.per_second.map(|rate| Duration::from_secs_f64(number as f64 / rate))
    }
}

pub(super) struct Outcome {
    pub(super) elapsed: Duration,
    /// What the server's processors have worked meanwhile, where somebody has looked.
    pub(super) worked: Option<Duration>,
    pub(super) accepted: Histogram<u64>,
    pub(super) refused: Histogram<u64>,
    /// The turns whose `Location` was remembered, with it.
    pub(super) locations: Vec<(u64, String)>,
}

impl Outcome {
    fn new() -> Self {
        Self {
            elapsed: Duration::ZERO,
            worked: None,
            accepted: new_latencies(),
            refused: new_latencies(),
            locations: Vec::new(),
        }
    }

    /// All of these, which came one after the other.
    pub(super) fn in_sequence(parts: impl IntoIterator<Item = Self>) -> Result<Self> {
        let mut all = Self::new();
        for part in parts {
            let elapsed = all.elapsed + part.elapsed;
            all.worked = [all.worked, part.worked].into_iter().flatten().reduce(|one, it| one + it);
            all.add(part)?;
            all.elapsed = elapsed;
        }
        Ok(all)
    }

    pub(super) fn per_second(&self) -> f64 {
        self.accepted.len() as f64 / self.elapsed.as_secs_f64()
    }

    pub(super) fn p50_ms(&self) -> f64 {
        quantile_ms(&self.accepted, 0.5)
    }

    pub(super) fn p99_ms(&self) -> f64 {
        quantile_ms(&self.accepted, 0.99)
    }

    fn count(&mut self, turn: u64, elapsed_ns: u64, refused: bool, location: Option<&str>) {
        let latencies = if refused { &mut self.refused } else { &mut self.accepted };
        latencies.saturating_record(elapsed_ns);
        self.locations.extend(location.map(|location| (turn, location.to_owned())));
    }

    fn add(&mut self, other: Self) -> Result<()> {
        self.elapsed = self.elapsed.max(other.elapsed);
        self.accepted.add(&other.accepted).doing("adding up latencies")?;
        self.refused.add(&other.refused).doing("adding up latencies")?;
        self.locations.extend(other.locations);
        Ok(())
    }
}

/// Takes nanoseconds, to three digits.
pub(super) fn new_latencies() -> Histogram<u64> {
    Histogram::new_with_bounds(1_000, LATENCY_MAX_NS, 3)
        .expect("the bounds are constants that the histogram takes")
}

pub(super) fn quantile_ms(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    histogram.value_at_quantile(quantile) as f64 / 1e6
}

/// Runs the plan and returns when its last answer is in.
pub(super) fn run(plan: &Plan) -> Result<Outcome> {
    let threads = plan.threads.clamp(1, plan.connections);
    let common = Arc::new(Common {
        plan: plan.clone(),
        turns: AtomicU64::new(0),
        failed: AtomicBool::new(false),
        start: Barrier::new(threads),
    });
    let workers: Vec<_> = (0..threads)
        .map(|index| {
            let connections = (plan.connections + index) / threads;
            let common = Arc::clone(&common);
            std::thread::spawn(move || run_thread(&common, connections))
        })
        .collect();
    let mut total = Outcome::new();
    let mut failure = None;
    for worker in workers {
        match worker.join().map_err(|_| Failure::new("a thread of the load generator panicked")) {
            Ok(Ok(part)) => total.add(part)?,
            Ok(Err(error)) | Err(error) => failure = failure.or(Some(error)),
        }
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(total),
    }
}

/// What the threads of one run share.
struct Common {
    plan: Plan,
    turns: AtomicU64,
    failed: AtomicBool,
    start: Barrier,
}

fn run_thread(common: &Arc<Common>, connections: usize) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .doing("starting the load generator");
    // Whatever went wrong, the other threads wait at the barrier for this one.
    let prepared = runtime.and_then(|runtime| {
        let streams = runtime.block_on(connect_all(common.plan.address, connections))?;
        Ok((runtime, streams))
    });
    if prepared.is_err() {
        common.failed.store(true, Ordering::Relaxed);
    }
    common.start.wait();
    let (runtime, streams) = prepared?;

    let tally = Rc::new(RefCell::new(Outcome::new()));
    let clock = Stopwatch::start();
    let local = LocalSet::new();
    let tasks: Vec<_> = streams
        .into_iter()
        .map(|stream| {
            let client = Client {
                common: Arc::clone(common),
                tally: Rc::clone(&tally),
                clock,
                stream,
                request: Vec::with_capacity(4 * 1024),
                reader: Reader::default(),
            };
            local.spawn_local(client.drive())
        })
        .collect();
    let all = async {
        for task in tasks {
            task.await.doing("running a client")??;
        }
        Ok(())
    };
    let limit = common.plan.duration_max.saturating_add(GRACE);
    let ended = local.block_on(&runtime, async { tokio::time::timeout(limit, all).await });
    let elapsed = clock.elapsed();
    drop(local);
    ended.map_err(|_| {
        Failure::new(format!("no answer from the server within {} s", GRACE.as_secs()))
    })??;
    let tally = Rc::into_inner(tally).expect("every client has ended and let go of the tally");
    Ok(Outcome { elapsed, ..tally.into_inner() })
}

async fn connect_all(address: SocketAddr, connections: usize) -> Result<Vec<TcpStream>> {
    let mut streams = Vec::with_capacity(connections);
    for _ in 0..connections {
        streams.push(connect(address).await?);
    }
    Ok(streams)
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await.doing(format!("connecting to {address}"))?;
    stream.set_nodelay(true).doing("setting TCP_NODELAY")?;
    Ok(stream)
}

struct Client {
    common: Arc<Common>,
    tally: Rc<RefCell<Outcome>>,
    clock: Stopwatch,
    stream: TcpStream,
    request: Vec<u8>,
    reader: Reader,
}

impl Client {
    async fn drive(mut self) -> Result<()> {
        let ended = self.turns().await;
        if ended.is_err() {
            self.common.failed.store(true, Ordering::Relaxed);
        }
        ended
    }

    async fn turns(&mut self) -> Result<()> {
        let common = Arc::clone(&self.common);
        let plan = &common.plan;
        loop {
            let number = common.turns.fetch_add(1, Ordering::Relaxed);
            let over = number >= plan.requests
                || self.clock.elapsed() >= plan.duration_max
                || common.failed.load(Ordering::Relaxed);
            if over {
                return Ok(());
            }
            if let Some(due) = plan.due(number) {
                if due >= plan.duration_max {
                    return Ok(());
                }
                tokio::time::sleep(due.saturating_sub(self.clock.elapsed())).await;
            }
            let turn = plan.first_turn + number;
            self.request.clear();
            (plan.fill)(turn, &mut self.request);
            let refused = self.turn(turn).await?;
            if refused && plan.per_second.is_none() {
                tokio::time::sleep(PAUSE_AFTER_REFUSAL).await;
            }
        }
    }

    /// One request and its answer; whether it was refused for overload.
    async fn turn(&mut self, turn: u64) -> Result<bool> {
        let watch = Stopwatch::start();
        self.stream.write_all(&self.request).await.doing("sending a request")?;
        self.reader.clear();
        let response = loop {
            let read = self.stream.read_buf(self.reader.room()).await.doing("reading an answer")?;
            if read == 0 {
                return Err(Failure::new("the server closed a connection without an answer"));
            }
            // Asked twice because a borrow that is returned from a loop would hold the reader.
            if self.reader.response()?.is_some() {
                break self.reader.response()?.expect("the response was whole a line above");
            }
        };
        let elapsed_ns = u64::try_from(watch.elapsed().as_nanos()).unwrap_or(LATENCY_MAX_NS);
        let plan = &self.common.plan;
        let refused = plan.refusals_counted && response.status == 503 && response.retry_after;
        if !refused && !plan.wanted.contains(&response.status) {
            return Err(unwanted(&self.request, &response, plan));
        }
        let location = response.location.filter(|_| plan.remembers(turn));
        self.tally.borrow_mut().count(turn, elapsed_ns, refused, location);
        if response.closing {
            self.stream = connect(plan.address).await?;
        }
        Ok(refused)
    }
}

fn unwanted(request: &[u8], response: &Response<'_>, plan: &Plan) -> Failure {
    let line = request.split(|&byte| byte == b'\r').next().unwrap_or_default();
    Failure::new(format!(
        "{} was answered {} where {:?} was wanted{}: {}",
        String::from_utf8_lossy(line),
        response.status,
        plan.wanted,
        if response.status == 503 && !response.retry_after { ", without Retry-After" } else { "" },
        String::from_utf8_lossy(response.body),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// A server that answers every request of every connection with the next of the answers,
    /// beginning again after the last.
    fn serve(answers: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let turns = Arc::new(AtomicU64::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let turns = Arc::clone(&turns);
                std::thread::spawn(move || {
                    let mut request = [0; 1_024];
                    while matches!(stream.read(&mut request), Ok(1..)) {
                        let turn = turns.fetch_add(1, Ordering::Relaxed) as usize;
                        let answer = answers[turn % answers.len()];
                        // In two pieces, so that reading goes on over more than one read.
                        let (first, second) = answer.split_at(answer.len() / 2);
                        stream.write_all(first.as_bytes()).unwrap();
                        std::thread::sleep(Duration::from_millis(1));
                        if stream.write_all(second.as_bytes()).is_err() || answer.contains("close")
                        {
                            return;
                        }
                    }
                });
            }
        });
        address
    }

    fn plan(address: SocketAddr, requests: u64) -> Plan {
        Plan {
            address,
            threads: 2,
            connections: 5,
            first_turn: 0,
            requests,
            duration_max: Duration::from_secs(20),
            wanted: &[204],
            per_second: None,
            refusals_counted: false,
            locations_every: None,
            fill: Arc::new(|_, buffer| buffer.extend_from_slice(b"GET / HTTP/1.1\r\n\r\n")),
        }
    }

    #[test]
    fn sends_as_many_requests_as_planned_and_remembers_places() {
        let address = serve(&["HTTP/1.1 204 No Content\r\nLocation: /x\r\n\r\n"]);
        let outcome = run(&Plan { locations_every: Some(10), ..plan(address, 100) }).unwrap();
        assert_eq!(outcome.accepted.len(), 100);
        assert!(outcome.p50_ms() >= 1.0 && outcome.p99_ms() >= outcome.p50_ms());
        let mut turns: Vec<u64> = outcome.locations.iter().map(|(turn, _)| *turn).collect();
        turns.sort_unstable();
        assert_eq!(turns, (0..100).step_by(10).collect::<Vec<_>>());
        assert!(outcome.locations.iter().all(|(_, location)| location == "/x"));
    }

    #[test]
    fn turns_begin_where_they_are_told() {
        let address = serve(&["HTTP/1.1 204 No Content\r\nLocation: /x\r\n\r\n"]);
        let later = Plan { first_turn: 95, locations_every: Some(10), ..plan(address, 10) };
        let outcome = run(&later).unwrap();
        assert_eq!(outcome.accepted.len(), 10);
        assert_eq!(outcome.locations, [(100, "/x".to_owned())]);
    }

    #[test]
    fn runs_in_sequence_add_up() {
        let after = |seconds: u64, worked: Option<u64>, latency_ms: u64| {
            let mut outcome = Outcome::new();
            outcome.elapsed = Duration::from_secs(seconds);
            outcome.worked = worked.map(Duration::from_secs);
            outcome.count(seconds, latency_ms * 1_000_000, false, Some("/x"));
            outcome
        };
        let all = Outcome::in_sequence([after(1, Some(1), 10), after(3, Some(2), 30)]).unwrap();
        assert_eq!((all.elapsed.as_secs(), all.accepted.len()), (4, 2));
        assert_eq!(all.worked, Some(Duration::from_secs(3)));
        assert_eq!(all.per_second(), 0.5);
        assert!((all.p99_ms() / 30.0 - 1.0).abs() < 0.002, "{}", all.p99_ms());
        let turns: Vec<u64> = all.locations.iter().map(|(turn, _)| *turn).collect();
        assert_eq!(turns, [1, 3]);
        assert_eq!(Outcome::in_sequence([after(1, None, 1)]).unwrap().worked, None);
    }

    #[test]
    fn an_unwanted_status_ends_the_run_with_its_body() {
        let address = serve(&["HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\nno stock!"]);
        let sentence = run(&plan(address, 100)).err().unwrap().to_string();
        assert_eq!(sentence, "GET / HTTP/1.1 was answered 400 where [204] was wanted: no stock!");
    }

    #[test]
    fn refusals_count_only_where_they_are_looked_for_and_say_when_to_come_again() {
        const BUSY: &str = "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
        let address = serve(&[BUSY, "HTTP/1.1 204 No Content\r\n\r\n"]);
        let counting = Plan { refusals_counted: true, ..plan(address, 40) };
        let outcome = run(&counting).unwrap();
        assert_eq!((outcome.accepted.len(), outcome.refused.len()), (20, 20));
        assert!(run(&plan(address, 40)).is_err());

        let address = serve(&["HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"]);
        let sentence = run(&Plan { address, ..counting }).err().unwrap().to_string();
        assert!(sentence.contains("without Retry-After"), "{sentence}");
    }

    #[test]
    fn connects_again_where_the_server_closes() {
        let address = serve(&["HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"]);
        assert_eq!(run(&plan(address, 30)).unwrap().accepted.len(), 30);
    }

    #[test]
    fn sends_as_often_as_it_is_told() {
        let address = serve(&["HTTP/1.1 204 No Content\r\n\r\n"]);
        let paced = Plan {
            per_second: Some(100.0),
            duration_max: Duration::from_millis(500),
            ..plan(address, u64::MAX)
        };
        let outcome = run(&paced).unwrap();
        // Never more; fewer where the machine is busy.
        assert!((5..=56).contains(&outcome.accepted.len()), "{}", outcome.accepted.len());
    }

    #[test]
    fn ends_when_its_time_is_over() {
        let address = serve(&["HTTP/1.1 204 No Content\r\n\r\n"]);
        let short = Plan { duration_max: Duration::from_millis(50), ..plan(address, u64::MAX) };
        let outcome = run(&short).unwrap();
        assert!(!outcome.accepted.is_empty() && outcome.elapsed < Duration::from_secs(10));
    }

    #[test]
    fn quantiles_are_in_milliseconds_and_hold_what_is_too_long() {
        let mut latencies = new_latencies();
        for milliseconds in 1..=1_000 {
            latencies.saturating_record(milliseconds * 1_000_000);
        }
        for (quantile, expected_ms) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1_000.0)] {
            let found_ms = quantile_ms(&latencies, quantile);
            assert!((found_ms / expected_ms - 1.0).abs() < 0.002, "{quantile}: {found_ms}");
        }
        latencies.saturating_record(u64::MAX);
        assert!(quantile_ms(&latencies, 1.0) >= 120_000.0);
    }

    #[test]
    fn says_that_nobody_listens() {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let sentence = run(&plan(address, 1)).err().unwrap().to_string();
        assert!(sentence.starts_with("connecting to"), "{sentence}");
    }
}
