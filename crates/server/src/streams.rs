//! Answers that do not end: how many there are, whose, and when they have to end after all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::StoreId;
use engine::Engine;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use crate::{auth::Caller, problem::Problem, refused};

/// Streams of one caller at a time.
const OF_CALLER_MAX: usize = 2;

/// Long lists of order numbers of one store at a time: its programs may be many, and each is short.
const OF_SHOP_MAX: usize = 32;

/// Streams of all callers at a time.
const STREAMS_MAX: usize = 1024;

/// So that a stream goes on, however long a read has taken.
const REST_MAX: Duration = Duration::from_millis(250);

/// Issuer and subject; of a store's own system no issuer.
type Who = (Box<str>, Box<str>);

#[derive(Default)]
pub(crate) struct Streams {
    open: Arc<Mutex<HashMap<Who, usize>>>,
    is_ending: watch::Sender<bool>,
}

/// A stream's place, free again when this goes.
pub(crate) struct Place {
    who: Who,
    open: Arc<Mutex<HashMap<Who, usize>>>,
    is_ending: watch::Receiver<bool>,
}

/// Reads a part of a long answer, which is in no hurry: while others wait for what they change, it
/// rests for as long as it has read, since they share the processors.
pub(crate) async fn read_in_turn<T>(engine: &Engine, reading: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let read = reading.await;
    if engine.is_busy() {
        sleep(begun.elapsed().min(REST_MAX)).await;
    }
    read
}

impl Streams {
    /// A place for one more stream of this caller, or 429, or 503 if there are too many of all.
    pub(crate) fn enter(&self, caller: &Caller) -> Result<Place, Problem> {
        self.enter_as((caller.issuer().into(), caller.subject().into()), OF_CALLER_MAX)
    }

    /// The same for a store's own system.
    pub(crate) fn enter_shop(&self, store: StoreId) -> Result<Place, Problem> {
        self.enter_as((Box::default(), format!("store-{store}").into()), OF_SHOP_MAX)
    }

    fn enter_as(&self, who: Who, most: usize) -> Result<Place, Problem> {
        let mut open = lock(&self.open);
        if open.get(&who).is_some_and(|it| *it >= most) {
            return Err(refused::too_many_streams(most));
        }
        if open.values().sum::<usize>() >= STREAMS_MAX {
            return Err(refused::streams_full());
        }
        *open.entry(who.clone()).or_default() += 1;
        Ok(Place { who, open: self.open.clone(), is_ending: self.is_ending.subscribe() })
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        lock(&self.open).values().sum()
    }

    /// Ends them all, and those that come yet.
    pub(crate) fn end(&self) {
        self.is_ending.send_replace(true);
    }
}

impl Place {
    /// Comes when the stream has to end.
    pub(crate) async fn ending(&mut self) {
        // Without a sender there is no server any more.
        _ = self.is_ending.wait_for(|it| *it).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        if let Some(count) = open.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.who);
            }
        }
    }
}

fn lock(open: &Mutex<HashMap<Who, usize>>) -> MutexGuard<'_, HashMap<Who, usize>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_two_places_and_all_have_so_many() {
        let streams = Streams::default();
        let enter = |subject: &str| streams.enter(&Caller::new("orderd", subject, "staff"));
        let status = |subject: &str| enter(subject).err().map(|it| it.status().as_u16());
        let (first, second) = (enter("erp").unwrap(), enter("erp").unwrap());
        assert_eq!(status("erp"), Some(429));
        drop(first);
        let third = enter("erp").unwrap();
        assert_eq!(status("erp"), Some(429));
        drop((second, third));
        assert!(lock(&streams.open).is_empty(), "nobody is remembered who has gone");
        let all: Vec<Place> =
            (0..STREAMS_MAX).map(|it| enter(&format!("erp{it}")).unwrap()).collect();
        assert_eq!(status("one more"), Some(503));
        drop(all);
        assert_eq!(status("one more"), None);
    }
}
