//! The server under test as a child process: started on a free port, watched for its memory,
//! and stopped as an operator stops it.

use super::failure::{Doing, Failure, Result};
use super::response::Reader;
use super::stopwatch::Stopwatch;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

const READY_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(30);
const ANSWER_MAX: Duration = Duration::from_secs(30);
const POLL_EVERY: Duration = Duration::from_millis(5);
const MEMORY_EVERY: Duration = Duration::from_millis(20);
const LOG_LINES_SHOWN: usize = 20;
/// What the server logs of each request that it turns away: under overload it is nearly all that it
/// logs.
const TURNED_AWAY: &str = "a request has failed";

pub(super) struct Server {
    child: Child,
    log_path: PathBuf,
    pub(super) address: SocketAddr,
    /// Runs since just before the process was made.
    pub(super) since_start: Stopwatch,
}

impl Server {
    /// Starts `binary` and returns when it has printed its address.
    pub(super) fn start(binary: &Path, arguments: &[&str], directory: &Path) -> Result<Self> {
        let log_path = directory.join("server.log");
        let log = File::create(&log_path).doing(format!("creating {}", log_path.display()))?;
        let since_start = Stopwatch::start();
        let mut child = Command::new(binary)
            .args(arguments)
            // One caller sends all the load here, which a rate limit is there to prevent. The
            // directory is our own, so that no configuration file lies in it.
            .env("ORDERD_RATE_LIMIT", "off")
            .env_remove("ORDERD_CONFIG")
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .doing(format!("starting {}", binary.display()))?;
        let stdout = child.stdout.take().expect("the child's stdout was asked for as a pipe");
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || read_output(stdout, &sender));
        match receiver.recv_timeout(READY_MAX) {
            Ok(address) => Ok(Self { child, log_path, address, since_start }),
            Err(_) => {
                end(&mut child);
                Err(Failure::new(format!(
                    "the server {} did not become ready\n{}",
                    arguments.first().unwrap_or(&""),
                    last_lines(&log_path)
                )))
            }
        }
    }

    /// What the server's threads have worked so far; `None` where the system does not tell.
    pub(super) fn worked(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        worked(&stat)
    }

    pub(super) fn watch_memory(&self) -> MemoryWatch {
        MemoryWatch::start(self.child.id())
    }

    /// What there is to know when something went wrong with it.
    pub(super) fn last_words(&mut self) -> String {
        let state = match self.child.try_wait() {
            Ok(None) => "is there still".to_owned(),
            Ok(Some(status)) => format!("has ended with {status}"),
            Err(error) => format!("can't be looked after: {error}"),
        };
        format!("the server {state}\n{}", last_lines(&self.log_path))
    }

    /// Stops the server by SIGTERM, as a service manager does, and waits for its end.
    pub(super) fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().doing("running kill")?;
        if !sent.success() {
            return Err(Failure::new("the server was gone before it was told to stop"));
        }
        let watch = Stopwatch::start();
        while watch.elapsed() < STOP_MAX {
            if let Some(status) = self.child.try_wait().doing("waiting for the server")? {
                return match status.code() {
                    Some(0) => Ok(()),
                    _ => Err(Failure::new(format!("the server stopped with {status}"))),
                };
            }
            std::thread::sleep(POLL_EVERY);
        }
        Err(Failure::new(format!("the server did not stop within {} s", STOP_MAX.as_secs())))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a child of which nothing more is expected; it may well have ended already.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads to the end, not only to the address: a full pipe would make the server wait.
fn read_output(stdout: ChildStdout, addresses: &mpsc::Sender<SocketAddr>) {
    for line in BufReader::new(stdout).lines() {
        let Ok(line) = line else { return };
        if let Some(address) = address_in(&line) {
            // Nobody listens after the first address.
            let _ = addresses.send(address);
        }
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    let end = rest.find(|c: char| c != ':' && c != '.' && !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

fn last_lines(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains(TURNED_AWAY)).collect();
    lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
}

/// One request on a connection of its own: status and body.
pub(super) fn ask(address: SocketAddr, request: &[u8]) -> Result<(u16, Vec<u8>)> {
    ask_for(address, request, ANSWER_MAX)
}

/// The same where the answer may take its time.
pub(super) fn ask_for(
    address: SocketAddr,
    request: &[u8],
    answer_max: Duration,
) -> Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).doing(format!("connecting to {address}"))?;
    stream.set_nodelay(true).doing("setting TCP_NODELAY")?;
    stream.set_read_timeout(Some(answer_max)).doing("setting a timeout")?;
    stream.write_all(request).doing("sending a request")?;
    let mut reader = Reader::default();
    let mut piece = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut piece).doing("reading an answer")?;
        if read == 0 {
            return Err(Failure::new("the server closed a connection without an answer"));
        }
        reader.room().extend_from_slice(&piece[..read]);
        if let Some(response) = reader.response()? {
            return Ok((response.status, response.body.to_vec()));
        }
    }
}

/// Looks at a process's anonymous memory again and again and keeps the highest value: what is
/// mapped from files is the kernel's cache and does not count.
pub(super) struct MemoryWatch {
    bytes_before: u64,
    common: Arc<Peak>,
    thread: JoinHandle<()>,
}

struct Peak {
    bytes: AtomicU64,
    over: AtomicBool,
}

impl MemoryWatch {
    fn start(pid: u32) -> Self {
        let path = PathBuf::from(format!("/proc/{pid}/status"));
        let look = |path: &Path| {
            anonymous_bytes(&std::fs::read_to_string(path).unwrap_or_default()).unwrap_or(0)
        };
        let bytes_before = look(&path);
        let common = Arc::new(Peak { bytes: AtomicU64::new(0), over: AtomicBool::new(false) });
        let seen = Arc::clone(&common);
        let thread = std::thread::spawn(move || {
            while !seen.over.load(Ordering::Relaxed) {
                seen.bytes.fetch_max(look(&path), Ordering::Relaxed);
                std::thread::sleep(MEMORY_EVERY);
            }
        });
        Self { bytes_before, common, thread }
    }

    /// The peak in megabytes; `None` where the system does not tell.
    pub(super) fn finish_mb(self) -> Option<f64> {
        self.finish().map(|bytes| bytes as f64 / 1e6)
    }

    /// By how much the peak is above what there was before.
    pub(super) fn finish_growth_mb(self) -> Option<f64> {
        let before = self.bytes_before;
        self.finish().map(|bytes| bytes.saturating_sub(before) as f64 / 1e6)
    }

    fn finish(self) -> Option<u64> {
        self.common.over.store(true, Ordering::Relaxed);
        self.thread.join().ok()?;
        Some(self.common.bytes.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
    }
}

/// User and system time, the 14th and 15th field, in hundredths of a second. The second field, the
/// program's name in brackets, may hold anything, brackets and spaces too.
fn worked(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut times = fields.split(' ').skip(11).map(str::parse::<u64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some(Duration::from_millis(10 * (user + system)))
}

fn anonymous_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_address_in_a_line_of_output() {
        let check = |line: &str, expected: Option<&str>| {
            assert_eq!(address_in(line), expected.map(|text| text.parse().unwrap()), "{line}");
        };
        check("orderd listens on http://127.0.0.1:8080", Some("127.0.0.1:8080"));
        check("open http://127.0.0.1:8080/docs to try", Some("127.0.0.1:8080"));
        check("http://127.0.0.1:1, ready", Some("127.0.0.1:1"));
        check("see http://example.org/", None);
        check("ready", None);
    }

    #[test]
    fn reads_the_anonymous_memory_only() {
        let status = "VmRSS:\t  9000 kB\nRssAnon:\t    2048 kB\nRssFile:\t  6952 kB\n";
        assert_eq!(anonymous_bytes(status), Some(2_097_152));
        assert_eq!(anonymous_bytes("Name:\torderd\n"), None);
    }

    #[test]
    fn adds_user_and_system_time() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4 1 2 3 4 150 25 9 9 20 0 3 0 1 2 3";
        assert_eq!(worked(stat), Some(Duration::from_millis(1_750)));
        assert_eq!(worked("7 (orderd) S 1"), None);
    }

    #[test]
    fn a_server_that_ends_at_once_is_reported_with_its_last_words() {
        let directory = tempfile::tempdir().unwrap();
        let arguments = ["-c", "echo no such setting >&2; exit 1"];
        let failure = Server::start(Path::new("/bin/sh"), &arguments, directory.path());
        let sentence = failure.err().unwrap().to_string();
        assert!(sentence.contains("no such setting"), "{sentence}");
    }

    #[test]
    fn a_server_is_started_watched_and_stopped() {
        let directory = tempfile::tempdir().unwrap();
        let script = "trap 'exit 0' TERM; echo ready at http://127.0.0.1:4711; \
                      while :; do sleep 0.01; done";
        let server =
            Server::start(Path::new("/bin/sh"), &["-c", script], directory.path()).unwrap();
        assert_eq!(server.address.port(), 4711);
        let watch = server.watch_memory();
        std::thread::sleep(MEMORY_EVERY * 3);
        let megabytes = watch.finish_mb();
        assert_eq!(megabytes.is_some(), cfg!(target_os = "linux"));
        server.stop().unwrap();
    }

    #[test]
    fn the_last_words_are_not_of_those_who_were_turned_away() {
        let directory = tempfile::tempdir().unwrap();
        let script = format!(
            "echo thread panicked at x.rs >&2; \
             for n in $(seq 50); do echo {TURNED_AWAY} status=503 >&2; done; \
             echo ready at http://127.0.0.1:4711; exit 3"
        );
        let mut server =
            Server::start(Path::new("/bin/sh"), &["-c", &script], directory.path()).unwrap();
        server.child.wait().unwrap();
        let words = server.last_words();
        assert!(words.contains("the server has ended with exit status: 3"), "{words}");
        assert!(words.ends_with("\nthread panicked at x.rs"), "{words}");
    }
}
