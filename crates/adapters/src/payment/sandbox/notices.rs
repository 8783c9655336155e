//! What the sandbox tells unasked: which intents have changed.
//!
//! A notice stands in the books until it is acknowledged, and each process tells it. So one that
//! was told to a process that died is told again, and of several processes one may hear what
//! another has dealt with: that is harmless, for only the intent counts, and it is asked.

use std::{collections::HashMap, sync::PoisonError, time::Duration};

use domain::IntentId;
use rusqlite::params;
use tokio::time::timeout;

use super::{
    Sandbox, SandboxError,
    behaviour::{self, Callback, LATE_MS},
    books::Books,
};
use crate::payment::Notice;

/// After which a notice that is not acknowledged is told again.
const AGAIN_MS: i64 = 30_000;

/// How often we look for what has become due, and for what other processes have written.
const LOOK: Duration = Duration::from_millis(200);

/// When this process has told which notice.
pub(super) type Told = HashMap<u64, i64>;

impl Books<'_> {
    /// An intent has changed.
    pub(super) fn tell(&self, intent: &IntentId) -> Result<(), SandboxError> {
        let (times, due_at) = match behaviour::current(self)?.callback {
            Callback::On => (1, self.now),
            Callback::Off => (0, self.now),
            Callback::Double => (2, self.now),
            Callback::Late => (1, self.now.saturating_add(LATE_MS)),
        };
        for _ in 0..times {
            self.connection
                .prepare_cached("INSERT INTO notices (intent, due_at) VALUES (?1, ?2)")?
                .execute(params![intent.as_str(), due_at])?;
        }
        Ok(())
    }

    /// The first notice that is due and was not told lately.
    fn due_notice(&self, told: &Told) -> Result<Option<Notice>, SandboxError> {
        let mut due = self.connection.prepare_cached(
            "SELECT id, intent FROM notices WHERE due_at <= ?1 ORDER BY due_at, id",
        )?;
        let mut rows = due.query([self.now])?;
        while let Some(row) = rows.next()? {
            let id = row.get::<_, i64>(0)?.unsigned_abs();
            if !told.contains_key(&id) {
                let intent = IntentId::new(&row.get::<_, String>(1)?);
                return Ok(Some(Notice { id, intent }));
            }
        }
        Ok(None)
    }
}

impl Sandbox {
    pub(super) async fn next_notice(&self) -> Notice {
        loop {
            let written = self.written.notified();
            // Books that cannot be read now are read at the next look.
            if let Ok(Some(notice)) = self.take_notice() {
                // Nothing is awaited once it counts as told: who drops us has not missed it.
                return notice;
            }
            // It makes no difference whether something was written or the time has passed.
            let _ = timeout(LOOK, written).await;
        }
    }

    pub(super) fn strike(&self, notice: u64) -> Result<(), SandboxError> {
        self.write(|books| {
            books
                .connection
                .prepare_cached("DELETE FROM notices WHERE id = ?1")?
                .execute([notice.cast_signed()])?;
            Ok(())
        })
    }

    fn take_notice(&self) -> Result<Option<Notice>, SandboxError> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.surroundings.now)();
        told.retain(|_, at| now.saturating_sub(*at) < AGAIN_MS);
        let notice = self.read(|books| books.due_notice(&told))?;
        if let Some(notice) = &notice {
            told.insert(notice.id, now);
        }
        Ok(notice)
    }
}
