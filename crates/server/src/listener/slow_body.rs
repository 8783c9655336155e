//! A body that has to come in time.
//!
//! Only waiting counts: what the server itself takes its time to read costs a sender nothing. What
//! has come gives time for more, up to what there was at first.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    BoxError,
    body::{Bytes, HttpBody},
};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::BODY_BYTES_A_SECOND;

/// The rest of the body did not come in time.
#[derive(Debug)]
pub(crate) struct TooSlow;

impl std::fmt::Display for TooSlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body came too slowly")
    }
}

impl std::error::Error for TooSlow {}

pub(super) struct SlowBody<B> {
    body: B,
    time: Duration,
    left: Duration,
    /// Made when it is first needed: most bodies come with their head.
    timer: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
}

impl<B> SlowBody<B> {
    pub(super) fn new(body: B, time: Duration) -> SlowBody<B> {
        SlowBody { body, time, left: time, timer: None, is_waiting: false }
    }

    fn wait(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let until = Instant::now() + self.left;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if !self.is_waiting {
            timer.as_mut().reset(until);
            self.is_waiting = true;
        }
        timer.as_mut().poll(context)
    }

    fn come(&mut self, bytes: usize) {
        if let (true, Some(timer)) = (self.is_waiting, &self.timer) {
            self.left = timer.deadline().saturating_duration_since(Instant::now());
            self.is_waiting = false;
        }
        let earned = Duration::from_secs_f64(bytes as f64 / f64::from(BODY_BYTES_A_SECOND));
        self.left = (self.left + earned).min(self.time);
    }
}

impl<B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Unpin> HttpBody for SlowBody<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                self.come(frame.data_ref().map_or(0, Bytes::len));
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                ready!(self.wait(context));
                Poll::Ready(Some(Err(TooSlow.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::{sync::mpsc, time::sleep};

    use super::*;

    const TIME: Duration = Duration::from_secs(30);

    struct Pieces(mpsc::Receiver<usize>);

    impl HttpBody for Pieces {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            let piece = ready!(self.0.poll_recv(context));
            Poll::Ready(piece.map(|length| Ok(Frame::data(vec![b' '; length].into()))))
        }
    }

    /// Bytes that came before the body ended, or was given up. Time is the test's.
    async fn read(pieces: &'static [(u64, usize)], read_every: Duration) -> (usize, bool) {
        let (sender, receiver) = mpsc::channel(1000);
        tokio::spawn(async move {
            for (after_s, length) in pieces {
                sleep(Duration::from_secs(*after_s)).await;
                // One that is given up is not there any more.
                _ = sender.send(*length).await;
            }
        });
        let mut body = SlowBody::new(Pieces(receiver), TIME);
        let mut come = 0;
        while let Some(frame) = poll_fn(|it| Pin::new(&mut body).poll_frame(it)).await {
            match frame {
                Ok(frame) => come += frame.data_ref().map_or(0, Bytes::len),
                Err(error) => {
                    assert!(error.is::<TooSlow>());
                    return (come, false);
                }
            }
            sleep(read_every).await;
        }
        (come, true)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_its_time() {
        let at_once = Duration::ZERO;
        assert_eq!(read(&[], at_once).await, (0, true));
        assert_eq!(read(&[(29, 10), (0, 5)], at_once).await, (15, true));
        assert_eq!(read(&[(31, 10)], at_once).await, (0, false));
        assert_eq!(read(&[(10, 1), (10, 1), (11, 1)], at_once).await, (2, false), "by drops");
        let steady = &[(8, 8 * 4096); 60];
        assert_eq!(read(steady, at_once).await, (60 * 8 * 4096, true));
        let stalls = &[(0, 100 * 4096), (29, 1), (2, 1)];
        assert_eq!(read(stalls, at_once).await, (100 * 4096 + 1, false), "much gives no credit");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_costs_the_sender_nothing() {
        let pieces = &[(0, 1); 100];
        assert_eq!(read(pieces, Duration::from_secs(20)).await, (100, true));
    }
}
