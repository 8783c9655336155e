//! Who writes next. The file has room for one writer, and the mutexes of the system let whoever
//! has just written take the next turn too: whoever waits here is next.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

#[derive(Default)]
pub(super) struct Turns {
    next: Mutex<()>,
    current: Mutex<()>,
    asked: AtomicU64,
}

impl Turns {
    pub(super) fn take(&self) -> MutexGuard<'_, ()> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let _next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often somebody has asked for one.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc::channel, thread, time::Duration};

    use super::*;

    #[test]
    fn who_waits_is_next() {
        let turns = Turns::default();
        let (told, order) = channel();
        thread::scope(|scope| {
            let first = turns.take();
            let (turns, waiter) = (&turns, told.clone());
            scope.spawn(move || {
                let _turn = turns.take();
                waiter.send("who waited").unwrap();
            });
            while turns.asked() < 2 {
                thread::yield_now();
            }
            // Asked is not yet waiting.
            thread::sleep(Duration::from_millis(20));
            drop(first);
            let _turn = turns.take();
            told.send("who came back").unwrap();
        });
        assert_eq!(order.try_iter().collect::<Vec<_>>(), ["who waited", "who came back"]);
    }
}
