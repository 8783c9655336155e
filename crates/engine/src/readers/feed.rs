//! Follows the log as it grows.
//!
//! A commit of this process wakes who waits, at once. Others' commits are seen by asking the store
//! for its last number, as long as somebody waits. Both only say that it is worth to look: what a
//! follower gets it has read from the store, after its own position, so it misses nothing and sees
//! nothing twice.

use std::{sync::Arc, time::Duration};

use domain::Recorded;
use store::{EventQuery, Events, Reads, StoreError};
use tokio::sync::{Notify, Semaphore, watch};

/// How often the store is asked for its last number while somebody waits.
const LOOK_EVERY_SHARED: Duration = Duration::from_millis(50);
/// Where nobody else writes: only the news of a commit whose outcome was in doubt comes so.
const LOOK_EVERY_SOLE: Duration = Duration::from_secs(1);

/// Followers that read at the same time. However many there are, other reads find a place.
const READING_MAX: usize = 2;

/// A store that is away is asked again after this.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

pub(crate) struct Feed {
    log: Arc<Log>,
    look_every: Duration,
    /// The highest number that this process knows to be committed. It goes with the engine, and who
    /// follows learns of that.
    last_seq: watch::Sender<u64>,
    /// Told when there is somebody to look for.
    somebody: Notify,
}

/// What followers read, and how many of them at once.
struct Log {
    reads: Arc<dyn Reads>,
    reading: Semaphore,
}

impl Feed {
    pub(crate) fn new(reads: Arc<dyn Reads>, is_shared: bool) -> Arc<Feed> {
        Arc::new(Feed {
            log: Arc::new(Log { reads, reading: Semaphore::new(READING_MAX) }),
            look_every: if is_shared { LOOK_EVERY_SHARED } else { LOOK_EVERY_SOLE },
            last_seq: watch::Sender::new(0),
            somebody: Notify::new(),
        })
    }

    /// Events up to this number are on disk. It costs nothing while nobody follows: whoever begins
    /// to, looks at the store first.
    pub(crate) fn committed(&self, seq: u64) {
        if self.last_seq.receiver_count() > 0 {
            self.last_seq.send_if_modified(|last| {
                let is_news = seq > *last;
                *last = seq.max(*last);
                is_news
            });
        }
    }

    pub(crate) fn follow(&self, query: EventQuery) -> Follower {
        let news = self.last_seq.subscribe();
        self.somebody.notify_one();
        Follower { log: self.log.clone(), query, news }
    }
}

/// Looks for what other processes have committed.
pub(crate) async fn look(feed: Arc<Feed>) {
    loop {
        if feed.last_seq.receiver_count() == 0 {
            feed.somebody.notified().await;
        }
        match feed.log.reads.last_seq().await {
            Ok(seq) => feed.committed(seq),
            // Who follows finds out too, and says so to nobody: it tries again.
            Err(error) => tracing::debug!(%error, "the last number can't be read"),
        }
        tokio::time::sleep(feed.look_every).await;
    }
}

/// A position in the log that moves on as the log grows.
pub struct Follower {
    log: Arc<Log>,
    /// What comes next is after `after`; `limit` is how many events are read at once.
    query: EventQuery,
    news: watch::Receiver<u64>,
}

impl Follower {
    /// The next events that the query lets through, at least one. To give up waiting loses none.
    pub async fn next(&mut self) -> Result<Vec<Recorded>, StoreError> {
        loop {
            // Whatever is told from here on makes it look once more.
            self.news.mark_unchanged();
            let page = self.read().await?;
            let has_moved = page.last_seq > self.query.after;
            self.query.after = page.last_seq;
            if !page.events.is_empty() {
                return Ok(page.events);
            }
            if !has_moved && self.news.changed().await.is_err() {
                return Err(StoreError::Unavailable("the engine has stopped".into()));
            }
        }
    }

    /// A store that is away for a while ends nothing: there is no news meanwhile.
    async fn read(&self) -> Result<Events, StoreError> {
        loop {
            let place = self.log.reading.acquire().await;
            match self.log.reads.events(self.query.clone()).await {
                Err(StoreError::Unavailable(why)) => {
                    tracing::debug!(why, "the log can't be read now");
                }
                read => return read,
            }
            drop(place);
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }
}
