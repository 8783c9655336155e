//! One connection, from its first byte to its end.
//!
//! What it does is noted as it happens, by a few flags, and looked at a few times within its limit:
//! a request costs no timer of its own.

use std::{
    convert::Infallible,
    io,
    net::IpAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    http::Version,
    response::Response,
};
use http_body::{Frame, SizeHint};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::watch,
    time::{MissedTickBehavior, interval, sleep},
};
use tower_service::Service;

use super::{Limits, slow_body::SlowBody};
use crate::client_address::Peer;

/// Bytes of a request's head.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Requests of one HTTP/2 connection at a time.
const REQUESTS_AT_ONCE_MAX: u32 = 100;

/// Looks at a connection within the shortest of its limits: it is cut at most so much of it late.
const LOOKS: u32 = 4;

/// For a client to see that its connection is about to end.
const FAREWELL_TIME: Duration = Duration::from_secs(1);

pub(super) async fn attend<S>(
    stream: S,
    peer: IpAddr,
    router: Router,
    limits: Limits,
    mut is_ending: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let doings = Arc::new(Doings::default());
    let stream = TokioIo::new(Noted { stream, doings: doings.clone() });
    let of_requests = doings.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        answer(request, peer, router.clone(), limits.body_time, of_requests.clone())
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().max_buf_size(HEAD_BYTES_MAX);
    builder.http2().max_concurrent_streams(REQUESTS_AT_ONCE_MAX);
    let mut connection = pin!(builder.serve_connection(stream, service));
    let mut coming_to_nothing = pin!(doings.come_to_nothing(limits));
    let ended = tokio::select! {
        biased;
        ended = &mut connection => Some(ended),
        () = &mut coming_to_nothing => None,
        () = come(&mut is_ending) => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = &mut connection => Some(ended),
                () = &mut coming_to_nothing => None,
            }
        }
    };
    match ended {
        Some(Ok(())) => {}
        Some(Err(error)) => tracing::trace!(error, "a connection has broken"),
        None if doings.is_midway() => tracing::debug!("a half-sent request is given up"),
        None => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                // Either way it is over.
                _ = connection => {}
                () = sleep(FAREWELL_TIME) => {}
            }
        }
    }
}

async fn come(is_ending: &mut watch::Receiver<bool>) {
    // Without a sender there is no server any more.
    _ = is_ending.wait_for(|it| *it).await;
}

fn answer(
    request: hyper::Request<Incoming>,
    peer: IpAddr,
    mut router: Router,
    body_time: Duration,
    doings: Arc<Doings>,
) -> impl Future<Output = Result<Response, Infallible>> {
    let busy = Busy::begin(doings, request.version());
    let mut request = request.map(|it| match it.is_end_stream() {
        true => Body::empty(),
        false => Body::new(SlowBody::new(it, body_time)),
    });
    request.extensions_mut().insert(Peer(peer));
    let answering = router.call(request);
    async move {
        let response = answering.await?;
        Ok(match response.body().size_hint().exact() {
            // All of it is there; what is left is to write it.
            Some(_) => response,
            None => response.map(|it| Body::new(Attended { body: it, _busy: busy })),
        })
    }
}

/// What goes on at a connection.
#[derive(Default)]
struct Doings {
    under_way: AtomicUsize,
    /// Beginnings and ends of requests.
    turns: AtomicUsize,
    /// Bytes have come that belong to no request yet.
    has_come: AtomicBool,
    is_http_2: AtomicBool,
}

impl Doings {
    fn turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
        self.has_come.store(false, Ordering::Relaxed);
    }

    /// Nothing has been asked yet, or the next request has begun to come. HTTP/2 sends frames of
    /// its own between requests, so there it can't be told.
    fn is_midway(&self) -> bool {
        let is_between = self.is_http_2.load(Ordering::Relaxed);
        self.turns.load(Ordering::Relaxed) == 0
            || self.has_come.load(Ordering::Relaxed) && !is_between
    }

    /// Comes when a limit of time is reached.
    async fn come_to_nothing(&self, limits: Limits) {
        let look_every = limits.head_time.min(limits.idle_time) / LOOKS;
        let mut looks = interval(look_every.max(Duration::from_millis(1)));
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut seen, mut unchanged) = ((0, true), 0);
        loop {
            looks.tick().await;
            let now = (self.turns.load(Ordering::Relaxed), self.is_midway());
            if self.under_way.load(Ordering::Relaxed) > 0 || now != seen {
                (seen, unchanged) = (now, 0);
                continue;
            }
            unchanged += 1;
            let limit = if self.is_midway() { limits.head_time } else { limits.idle_time };
            // The first look is at the beginning.
            if look_every * (unchanged - 1) >= limit {
                return;
            }
        }
    }
}

/// As long as this is there, a request is under way.
struct Busy(Arc<Doings>);

impl Busy {
    fn begin(doings: Arc<Doings>, version: Version) -> Busy {
        doings.is_http_2.store(version == Version::HTTP_2, Ordering::Relaxed);
        doings.under_way.fetch_add(1, Ordering::Relaxed);
        doings.turn();
        Busy(doings)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.turn();
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An answer whose end is not known yet.
struct Attended {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Attended {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream of which it is noted when something comes.
struct Noted<S> {
    stream: S,
    doings: Arc<Doings>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Noted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.doings.has_come.store(true, Ordering::Relaxed);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Noted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
