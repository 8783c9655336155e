//! Listens: takes connections, hands their requests to the router, and gives up those that come to
//! nothing.
//!
//! A connection costs memory and a place, so each is watched (`connection.rs`): it has so long to
//! send the head of a request, to send its body (`slow_body.rs`), to take what is there for it, and
//! to do nothing. With all places taken, one more is told so and closed.

mod connection;
mod slow_body;
mod tls;

use std::{io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{StatusCode, header::RETRY_AFTER},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;

pub(crate) use self::slow_body::TooSlow;
pub use self::tls::Tls;
use crate::problem::Problem;

/// What a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time.
    pub connections_max: usize,
    /// From a connection's opening, or the first byte of a further request, to the end of its head;
    /// with TLS also for the handshake.
    pub head_time: Duration,
    /// How long a body may be waited for, with a second more for each `BODY_BYTES_A_SECOND` of it.
    pub body_time: Duration,
    /// How long a connection is kept between two requests.
    pub idle_time: Duration,
    /// How long a client may take nothing of what is there for it, so that one that does not read
    /// holds neither memory nor a stream's place.
    pub write_time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections_max: 10_000,
            head_time: Duration::from_secs(15),
            body_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(75),
            write_time: Duration::from_secs(30),
        }
    }
}

/// A sender that is slower than this for long is cut.
pub const BODY_BYTES_A_SECOND: u32 = 4096;

/// Connections that are told at a time that there is no place for them; more are just closed.
const TURNED_AWAY_MAX: usize = 64;

/// For a client to take that answer.
const TURNED_AWAY_TIME: Duration = Duration::from_secs(1);

/// After an error that is the machine's: most likely it has no file handle left.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(500);

/// Connections that the system completes before they are taken. Of a crowd that comes at once,
/// whoever finds no place there comes again only after a second.
const BACKLOG: u32 = 4096;

/// Takes an address; nobody is served before [`Listener::serve`].
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A server that starts again must not wait for what the last one's connections leave behind.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

pub struct Listener {
    tcp: TcpListener,
    limits: Limits,
    tls: Option<Tls>,
}

impl Listener {
    pub fn new(tcp: TcpListener, limits: Limits) -> Listener {
        Listener { tcp, limits, tls: None }
    }

    pub fn with_tls(self, tls: Option<Tls>) -> Listener {
        Listener { tls, ..self }
    }

    /// Serves until it is told to end; then what is under way is finished.
    pub async fn serve(self, router: Router, told_to_end: impl Future<Output = ()>) {
        let Listener { tcp, limits, tls } = self;
        let places = Arc::new(Semaphore::new(limits.connections_max));
        let turned_away = Arc::new(Semaphore::new(TURNED_AWAY_MAX));
        // Each connection holds a receiver; when the last has gone, so have the connections.
        let (tell_to_end, is_ending) = watch::channel(false);
        let mut told_to_end = std::pin::pin!(told_to_end);
        loop {
            let (stream, peer) = tokio::select! {
                biased;
                () = &mut told_to_end => break,
                accepted = accept(&tcp) => accepted,
            };
            let Ok(place) = places.clone().try_acquire_owned() else {
                if let (None, Ok(seen)) = (&tls, turned_away.clone().try_acquire_owned()) {
                    tokio::spawn(async move {
                        turn_away(stream).await;
                        drop(seen);
                    });
                }
                continue;
            };
            let (router, tls, is_ending) = (router.clone(), tls.clone(), is_ending.clone());
            tokio::spawn(async move {
                attend(stream, peer, tls, router, limits, is_ending).await;
                drop(place);
            });
        }
        drop((tcp, is_ending));
        _ = tell_to_end.send(true);
        tell_to_end.closed().await;
    }
}

async fn attend(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Tls>,
    router: Router,
    limits: Limits,
    is_ending: watch::Receiver<bool>,
) {
    // An answer is one write; to wait for more to send with it only delays it.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let mut stream: Pin<Box<TimeoutStream<TcpStream>>> = Box::pin(TimeoutStream::new(stream));
    stream.as_mut().set_write_timeout_pinned(Some(limits.write_time));
    let peer = peer.ip();
    match tls {
        None => connection::attend(stream, peer, router, limits, is_ending).await,
        Some(tls) => match timeout(limits.head_time, tls.accept(stream)).await {
            Ok(Ok(stream)) => connection::attend(stream, peer, router, limits, is_ending).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake has failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        },
    }
}

async fn accept(tcp: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match tcp.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken");
                sleep(PAUSE_AFTER_ERROR).await;
            }
        }
    }
}

/// It was gone before it was taken.
fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    [ConnectionAborted, ConnectionRefused, ConnectionReset].contains(&error.kind())
}

/// 503, whatever is asked. What the client sends is read meanwhile, or else it would be told that
/// its connection is broken instead.
async fn turn_away(mut stream: TcpStream) {
    let problem = Problem::unavailable("overloaded", "Too many connections are open", 1);
    let body = problem.document("");
    let head = format!(
        "HTTP/1.1 {}\r\ncontent-type: application/problem+json\r\n{RETRY_AFTER}: 1\r\n\
         content-length: {}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n",
        StatusCode::SERVICE_UNAVAILABLE,
        body.len(),
    );
    let telling = async {
        stream.write_all(&[head.as_bytes(), &body].concat()).await?;
        stream.shutdown().await?;
        let mut unread = [0; 4096];
        while stream.read(&mut unread).await? > 0 {}
        Ok::<(), io::Error>(())
    };
    // Whoever does not listen has gone.
    _ = timeout(TURNED_AWAY_TIME, telling).await;
}
