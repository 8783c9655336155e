//! Works on the effects that this process holds a lease of, in two lanes.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    Moment,
    effect::{Action, Effect, EffectId, LEASE_MS},
};
use store::StoreError;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use tracing::Instrument;

use super::{BACKGROUND_MAX, WAITED_MAX, context::Context, record, waiters::Waiters, work::work};
use crate::{crash_points, submission::Rejected, traces};

/// How many effects may wait in a lane, for each one that is worked on. What finds no place is
/// claimed when there is one.
const PLACES: usize = 4;

/// A lease of our own whose effect nobody here works on: its commit seemed to fail, or recording
/// its outcome did. It is taken up after a moment, in which the news of a commit arrives surely.
const STRAY_MS: i64 = 3_000;

/// How often somebody who waits for an effect looks at the store: another process may end it.
const LOOK_EVERY_SHARED: Duration = Duration::from_millis(150);
const LOOK_EVERY_SOLE: Duration = Duration::from_secs(1);

pub(crate) struct Runner {
    pub(crate) context: Context,
    /// Waiting in a lane or worked on. No effect is in there twice.
    held: Mutex<HashSet<EffectId>>,
    waited: mpsc::Sender<Effect>,
    background: mpsc::Sender<Effect>,
    waiters: Waiters,
}

/// The other ends of a runner's lanes.
pub(crate) struct Lanes {
    pub(super) waited: mpsc::Receiver<Effect>,
    pub(super) background: mpsc::Receiver<Effect>,
}

/// The tasks that are under way, to be ended together.
#[derive(Clone, Default)]
pub(crate) struct Working(Arc<Mutex<JoinSet<()>>>);

impl Working {
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    pub(crate) async fn end(self) {
        let mut tasks = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
    }
}

/// Takes what comes, so many at once.
pub(super) async fn lane(
    runner: Arc<Runner>,
    mut effects: mpsc::Receiver<Effect>,
    width: usize,
    working: Working,
) {
    let places = Arc::new(Semaphore::new(width));
    while let Some(effect) = effects.recv().await {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let runner = runner.clone();
        working.spawn(async move {
            let held = Held { runner: &runner, id: &effect.id };
            runner.see_to(&effect).await;
            drop((held, place));
        });
    }
}

/// An effect is let go of even if working on it panics.
struct Held<'a> {
    runner: &'a Runner,
    id: &'a EffectId,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.runner.held().remove(self.id);
    }
}

impl Runner {
    pub(crate) fn new(context: Context) -> (Arc<Runner>, Lanes) {
        let (waited, from_waited) = mpsc::channel(PLACES * WAITED_MAX);
        let (background, from_background) = mpsc::channel(PLACES * BACKGROUND_MAX);
        let (held, waiters) = (Mutex::default(), Waiters::default());
        let runner = Runner { context, held, waited, background, waiters };
        let lanes = Lanes { waited: from_waited, background: from_background };
        (Arc::new(runner), lanes)
    }

    /// What a batch has done to effects is on disk. It is told here on the write path's thread, so
    /// nothing may wait.
    pub(crate) fn committed(&self, changed: Vec<Effect>) {
        for effect in changed {
            if !effect.is_open() {
                self.waiters.tell(&effect);
            } else if effect.lease.is_some_and(|it| it.process == self.context.process) {
                self.take(effect);
            }
        }
    }

    /// Puts an effect into its lane. If there is no place it is claimed later.
    fn take(&self, effect: Effect) {
        let id = effect.id.clone();
        if self.held().insert(id.clone()) && self.lane_of(&effect.action).try_send(effect).is_err()
        {
            self.held().remove(&id);
        }
    }

    fn lane_of(&self, action: &Action) -> &mpsc::Sender<Effect> {
        match action {
            Action::InitializePayment(_) => &self.waited,
            Action::CancelPayment { .. }
            | Action::CapturePayment { .. }
            | Action::RefundPayment { .. } => &self.background,
        }
    }

    fn held(&self) -> MutexGuard<'_, HashSet<EffectId>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of effects that are due, those that nobody works on and for which there is a place.
    pub(super) fn claimable(&self, due: &[Effect], is_first: bool) -> Vec<EffectId> {
        let now = self.context.now();
        let mut places = (self.waited.capacity(), self.background.capacity());
        let held = self.held();
        let free =
            due.iter().filter(|it| !held.contains(&it.id) && self.is_free(it, now, is_first));
        let with_place = free.filter(|it| {
            let of_lane = match it.action {
                Action::InitializePayment(_) => &mut places.0,
                Action::CancelPayment { .. }
                | Action::CapturePayment { .. }
                | Action::RefundPayment { .. } => &mut places.1,
            };
            let has_place = *of_lane > 0;
            *of_lane = of_lane.saturating_sub(1);
            has_place
        });
        with_place.map(|it| it.id.clone()).collect()
    }

    /// Whether no live process works on it. At the start whatever is ours is of an earlier life.
    fn is_free(&self, effect: &Effect, now: Moment, is_first: bool) -> bool {
        let Some(lease) = effect.lease else { return true };
        let is_out = lease.until <= now;
        let is_ours = lease.process == self.context.process;
        let is_stray = lease.until <= now.plus_ms(LEASE_MS - STRAY_MS);
        is_out || (is_ours && (is_first || is_stray)) || (!is_ours && self.context.is_sole)
    }

    /// From the question to the provider to the commit of its outcome.
    async fn see_to(&self, effect: &Effect) {
        if !self.is_still_ours(effect).await {
            return;
        }
        crash_points::before_ask(effect);
        let deadline = self.context.pace.provider_deadline;
        let span = traces::effect(effect);
        let worked = work(&*self.context.provider, effect, deadline).instrument(span.clone()).await;
        traces::worked(&span, &worked);
        drop(span);
        crash_points::after_ask(effect);
        let (now, jitter) = (self.context.now(), self.context.jitter());
        let command = record::command(effect, worked, now, jitter);
        let recorded = self.context.record("payments", command).await;
        let why = match recorded {
            Ok(()) => return,
            // Recorded all the same, or not at all.
            Err(Rejected::Refused(refusals)) => format!("{:?}", refusals.first()),
            Err(Rejected::Failed) => "a fault of ours".into(),
            Err(error @ (Rejected::KeyReused | Rejected::Overloaded | Rejected::Unavailable)) => {
                tracing::warn!(effect = %effect.id, ?error, "an outcome could not be recorded");
                return;
            }
        };
        if let Ok(None) = self.ended(&effect.id).await {
            tracing::error!(effect = %effect.id, why, "an outcome can't be recorded");
            let later = record::retry(effect, why, now, jitter);
            if let Err(error) = self.context.record("payments", later).await {
                tracing::warn!(effect = %effect.id, ?error, "an effect could not be put off");
            }
        }
    }

    /// What has waited here for longer than its lease may have ended elsewhere.
    async fn is_still_ours(&self, effect: &Effect) -> bool {
        let now = self.context.now();
        if effect.lease.is_some_and(|it| it.until > now) {
            return true;
        }
        let stored = self.context.reads.effect(effect.id.clone()).await;
        let Ok(Some(stored)) = stored else { return false };
        let lease = stored.lease.filter(|it| it.until > now);
        stored.is_open() && lease.is_none_or(|it| it.process == self.context.process)
    }

    /// Waits for the end of an effect; `None` when patience ends first.
    pub(crate) async fn outcome(
        &self,
        id: &EffectId,
        patience: Duration,
    ) -> Result<Option<Effect>, StoreError> {
        let mut waiter = self.waiters.wait_for(id);
        let look_every = if self.context.is_sole { LOOK_EVERY_SOLE } else { LOOK_EVERY_SHARED };
        let mut patience = std::pin::pin!(tokio::time::sleep(patience));
        loop {
            if let Some(effect) = self.ended(id).await? {
                return Ok(Some(effect));
            }
            tokio::select! {
                effect = waiter.ended() => return Ok(Some(effect)),
                () = &mut patience => return Ok(None),
                () = tokio::time::sleep(look_every) => {}
            }
        }
    }

    async fn ended(&self, id: &EffectId) -> Result<Option<Effect>, StoreError> {
        Ok(self.context.reads.effect(id.clone()).await?.filter(|it| !it.is_open()))
    }
}
