//! Drives: takes commands, groups what waits into batches, and answers when they are on disk.
//!
//! Whatever changes something comes in by [`Engine::submit`]; whatever only looks uses
//! [`Engine::reads`]. The heart is `pipeline`.

pub mod clock;
pub mod ids;
mod pipeline;
mod submission;
pub mod verify;

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use domain::world::Policy;
use store::{Reads, Store, StoreError};
use tokio::sync::{mpsc, oneshot};

pub use pipeline::Limits;
pub use submission::{Answer, Idempotency, Rejected, Render, Reply, Submission};

use self::{clock::Clock, ids::Ids, pipeline::Waiting};

/// Commands that may wait for their batch. Past it, a caller is told at once to come again.
pub const QUEUE_MAX: usize = 2048;

pub struct Options {
    pub policy: Policy,
    pub queue_max: usize,
    pub batch: Limits,
}

impl Default for Options {
    fn default() -> Options {
        Options { policy: Policy::default(), queue_max: QUEUE_MAX, batch: Limits::default() }
    }
}

pub struct Engine {
    queue: mpsc::Sender<Waiting>,
    reads: Arc<dyn Reads>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    pipeline: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Starts the write path on a thread of its own.
    pub fn start(
        store: &dyn Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        options: Options,
    ) -> Result<Engine, StoreError> {
        let (queue, waiting) = mpsc::channel(options.queue_max);
        let pipeline = pipeline::Pipeline {
            writer: store.writer()?,
            queue: waiting,
            clock: clock.clone(),
            policy: options.policy,
            limits: options.batch,
        };
        let thread = std::thread::Builder::new()
            .name("pipeline".into())
            .spawn(move || pipeline.run())
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Engine { queue, reads: store.reads(), clock, ids, pipeline: Mutex::new(Some(thread)) })
    }

    /// Hands a command to the next batch and waits for its commit.
    pub async fn submit(&self, submission: Submission) -> Result<Reply, Rejected> {
        let (reply, answer) = oneshot::channel();
        match self.queue.try_send(Waiting { submission, reply }) {
            Ok(()) => answer.await.unwrap_or(Err(Rejected::Failed)),
            Err(mpsc::error::TrySendError::Full(_)) => Err(Rejected::Overloaded),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(Rejected::Unavailable),
        }
    }

    pub fn reads(&self) -> &dyn Reads {
        &*self.reads
    }

    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub fn ids(&self) -> &dyn Ids {
        &*self.ids
    }

    /// Finishes what waits, then ends the write path; whether it ended in good order.
    pub fn stop(self) -> bool {
        drop(self.queue);
        let thread = self.pipeline.lock().unwrap_or_else(PoisonError::into_inner).take();
        let ended = thread.is_none_or(|it| it.join().is_ok());
        if !ended {
            tracing::error!("the write path ended in a panic");
        }
        ended
    }
}
