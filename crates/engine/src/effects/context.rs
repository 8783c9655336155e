//! What every job needs: a way to the pipeline, the provider, the clock.

use std::{
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use adapters::payment::{PaymentProvider, ProviderError};
use domain::{Actor, Command, Moment, Role, effect::ProcessId};
use store::Reads;
use tokio::sync::{Notify, mpsc, oneshot};

use super::Pace;
use crate::{
    Pending, Submission,
    clock::Clock,
    ids::Ids,
    pipeline::{Request, Told, Waiting},
    submission::{Answer, Rejected},
};

#[derive(Clone)]
pub(crate) struct Context {
    /// A job never keeps the write path from ending.
    pub(crate) queue: mpsc::WeakSender<Waiting>,
    /// Of what waits in it.
    pub(crate) rows: Arc<AtomicUsize>,
    pub(crate) bulk: mpsc::WeakSender<Waiting>,
    /// That somebody waits for the end of an erasure.
    pub(crate) erasures: Arc<Notify>,
    pub(crate) reads: Arc<dyn Reads>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) provider: Arc<dyn PaymentProvider>,
    pub(crate) pace: Pace,
    pub(crate) process: ProcessId,
    pub(crate) is_sole: bool,
}

/// A command that could not be recorded now is handed in again after this.
const SUBMIT_PAUSE: Duration = Duration::from_millis(250);

/// And so often, until its lease is as good as out: then the effect comes again by itself.
const SUBMIT_TRIES_MAX: u32 = 40;

impl Context {
    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Submits a command of the server itself. `subject` is the part of it that acts.
    pub(super) async fn submit(&self, subject: &str, command: Command) -> Result<(), Rejected> {
        let queue = self.queue.upgrade().ok_or(Rejected::Unavailable)?;
        let told = crate::hand_in(&queue, &self.rows, self.request(subject, command));
        drop(queue);
        match told?.await.unwrap_or(Err(Rejected::Failed))? {
            Told::Reply(_) | Told::Rehearsal(_) => Ok(()),
        }
    }

    /// The same in the lane of bulk work: it waits for a place, and its outcome comes later.
    pub(crate) async fn submit_bulk(
        &self,
        subject: &str,
        command: Command,
    ) -> Result<Pending, Rejected> {
        let request = self.request(subject, command);
        let bulk = self.bulk.upgrade().ok_or(Rejected::Unavailable)?;
        let (reply, outcome) = oneshot::channel();
        let waiting = Waiting::now(request, reply);
        bulk.send(waiting).await.map_err(|_| Rejected::Unavailable)?;
        Ok(Pending(outcome))
    }

    fn request(&self, subject: &str, command: Command) -> Request {
        let submission = Submission {
            command,
            actor: Actor { role: Role::System, subject: subject.into(), stores: None },
            request_id: self.ids.uuid(self.now()).to_string(),
            idempotency: None,
            render: Box::new(|_, _| Answer::default()),
        };
        Request { submission, is_rehearsal: false }
    }

    /// The same, patiently: a queue that is full or a store that is away is tried again.
    pub(super) async fn record(&self, subject: &str, command: Command) -> Result<(), Rejected> {
        let mut tries = 1;
        loop {
            match self.submit(subject, command.clone()).await {
                Err(Rejected::Overloaded | Rejected::Unavailable) if tries < SUBMIT_TRIES_MAX => {
                    tries += 1;
                    tokio::time::sleep(SUBMIT_PAUSE).await;
                }
                ended => return ended,
            }
        }
    }

    /// A number that nobody foresees, so that not everybody comes again at the same moment.
    pub(super) fn jitter(&self) -> u64 {
        let mut bytes = [0; 8];
        self.ids.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// The provider's answer, if it comes in time.
pub(crate) async fn in_time<T>(
    deadline: Duration,
    answer: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    match tokio::time::timeout(deadline, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(ProviderError::Unavailable("no answer in time".into())),
    }
}
