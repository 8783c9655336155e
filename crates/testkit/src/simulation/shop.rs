//! The shop of a seed, and one step of its life: somebody does something, a batch is committed, or
//! time passes.

use std::sync::Arc;

use adapters::payment::{PaymentProvider, ProviderError};
use domain::{
    Command, Expected, IntentId, Money, Order, OrderNo, PaymentId,
    effect::ProcessId,
    order::collect::CollectPayment,
    payment::{
        Capture, IntentNews, IntentRequest, IntentState, PaymentState, record::RecordPayment,
    },
    world::Policy,
};
use engine::clock::ManualClock;
use store::{
    Reads, Store,
    memory::{Faults, Memory},
};
use tokio::runtime::{Builder, Runtime};

use super::{
    Tally,
    act::{ACTS, Act},
    batch::BATCH_MAX,
    books::{Books, Broken},
    diary::Diary,
    people,
    plan::Plan,
    process::{Letter, Process, Sender},
    provider::{Deed, Line, poll_once},
    random::Random,
    requests::{Heard, Requests, Waiter},
};

pub(super) struct Shop<'a> {
    pub(super) random: Random,
    pub(super) plan: Plan,
    pub(super) clock: Arc<ManualClock>,
    memory: Memory,
    pub(super) faults: Faults,
    pub(super) reads: Arc<dyn Reads>,
    policy: Policy,
    pub(super) processes: Vec<Process>,
    /// How many there have ever been.
    started: u64,
    pub(super) line: Line,
    pub(super) books: Books,
    pub(super) requests: Requests,
    /// The intents whose secrets customers have been told.
    pub(super) wallet: Vec<IntentId>,
    pub(super) tally: Tally,
    pub(super) diary: &'a Diary,
    /// Its time stands still but for the provider's deadline, which comes at once.
    pub(super) runtime: Runtime,
    /// From now on nothing goes wrong any more.
    pub(super) is_healed: bool,
}

impl Shop<'_> {
    pub(super) fn open(seed: u64, diary: &Diary) -> Result<Shop<'_>, Broken> {
        let mut random = Random::new(seed);
        let plan = Plan::draw(&mut random);
        let clock = Arc::new(ManualClock::at(plan.begin));
        let memory = Memory::of(plan.shop.clone());
        let line = Line::new(Random::new(random.next()), plan.troubles, clock.clone());
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        let mut shop = Shop {
            faults: memory.faults(),
            reads: memory.reads(),
            policy: plan.policy(&line),
            random,
            plan,
            clock,
            memory,
            processes: Vec::new(),
            started: 0,
            line,
            books: Books::default(),
            requests: Requests::default(),
            wallet: Vec::new(),
            tally: Tally::default(),
            diary,
            runtime: runtime.map_err(|error| error.to_string())?,
            is_healed: false,
        };
        for _ in 0..shop.plan.processes {
            let process = shop.new_process();
            shop.processes.push(process);
        }
        let rules = shop.random.one_in(2).then(|| shop.plan.put_rules(&mut shop.random));
        for command in shop.plan.catalogue().into_iter().chain(rules) {
            let (actor, sender) = (people::staff(), Sender::Nobody);
            shop.processes[0].queue.push_back(Letter { command, actor, sender });
            shop.commit(0, None)?;
        }
        Ok(shop)
    }

    fn new_process(&mut self) -> Process {
        self.started += 1;
        Process::start(&self.memory, &self.clock, &self.policy, ProcessId(self.started))
    }

    pub(super) fn step(&mut self) -> Result<(), Broken> {
        self.clock.advance_ms(self.random.between(0, 200));
        let (act, _) = ACTS[self.random.weighted(&self.plan.weights)];
        self.perform(act)?;
        let at = self.random.below(self.processes.len());
        if self.processes[at].queue.len() >= BATCH_MAX {
            self.commit_somehow(at)?;
        }
        Ok(())
    }

    fn perform(&mut self, act: Act) -> Result<(), Broken> {
        let at = self.random.below(self.processes.len());
        match act {
            Act::PlaceWithPayment | Act::PlaceUnpaid => {
                let customer = people::some_customer(&mut self.random);
                let prepay = act == Act::PlaceWithPayment;
                let command = people::place(&mut self.random, &self.plan, &customer, prepay);
                self.ask(at, people::customer(&customer), command);
            }
            Act::Repeat => self.repeat(at),
            Act::SayPaid => self.say_paid(at),
            Act::CancelOwn
            | Act::AskForPayment
            | Act::Confirm
            | Act::Cancel
            | Act::Ship
            | Act::ShipSome
            | Act::Arrive
            | Act::Deliver
            | Act::Adopt
            | Act::Report
            | Act::Track
            | Act::Collect
            | Act::Hold
            | Act::Release
            | Act::PassReview
            | Act::FailReview
            | Act::RefundAmount
            | Act::RefundLines => {
                let Some(order) = self.some_order_for(act) else { return Ok(()) };
                let drawn = people::about_order(&mut self.random, &self.plan, act, &order);
                if let Some((actor, command)) = drawn {
                    self.ask(at, actor, command);
                }
            }
            Act::ChangeRules => {
                let command = self.plan.put_rules(&mut self.random);
                self.ask(at, people::staff(), command);
            }
            Act::CountStock | Act::MoveStock => {
                if let Some(command) = people::about_stock(&mut self.random, &self.plan, act) {
                    self.ask(at, people::staff(), command);
                }
            }
            Act::Listen => self.listen(at)?,
            Act::Pay => self.deed(Deed::Confirm),
            Act::PayOther => {
                let amount = Money(self.random.between(1, 30_000));
                self.deed(Deed::ConfirmOther(amount));
            }
            Act::BeDeclined => self.deed(Deed::Decline),
            Act::PayByTransfer => self.deed(Deed::Process),
            Act::GiveUp => self.deed(Deed::Cancel),
            Act::PayByHand => self.pay_by_hand(),
            Act::Work => self.work(at),
            Act::HearNotice => self.hear_notice(at),
            Act::ClaimDue => self.claim_due(at)?,
            Act::ExpireDue if self.random.one_in(4) => self.expire_too_early(at),
            Act::ExpireDue => self.expire_due(at)?,
            Act::Hurry => self.hurry(at),
            Act::Commit => self.commit_somehow(at)?,
            Act::Wait => self.clock.advance_ms(self.random.between(1_000, 30_000)),
            Act::Jump if self.random.one_in(4) => {
                // The machine's clock is set right.
                self.clock.advance_ms(-self.random.between(1, 60_000));
                self.diary.note(|| "the clock is put back".into());
            }
            Act::Jump => {
                let longest = [600_000, 7_200_000, 100_000_000][self.random.below(3)];
                let by = self.random.between(30_000, longest);
                self.clock.advance_ms(by);
                self.diary.note(|| format!("{by} ms pass"));
            }
            Act::Crash => self.crash(at),
            Act::ArriveLate => {
                if self.line.deliver_late() {
                    self.tally.count("late request");
                    self.diary.note(|| "a late request arrives at the provider".into());
                }
            }
        }
        Ok(())
    }

    /// Somebody's request, mostly with a key.
    fn ask(&mut self, at: usize, actor: domain::Actor, command: Command) {
        let has_key = !self.random.one_in(4);
        let place = self.requests.add(actor.clone(), command.clone(), has_key);
        self.hand_in(at, actor, command, Sender::Asker(place));
    }

    fn repeat(&mut self, at: usize) {
        if let Some(place) = self.random.recent(self.requests.len()) {
            self.make_again(at, place);
        }
    }

    pub(super) fn make_again(&mut self, at: usize, place: usize) {
        let Some(request) = self.requests.get(place).filter(|it| it.has_key) else { return };
        let (actor, command) = (request.actor.clone(), request.command.clone());
        self.hand_in(at, actor, command, Sender::Asker(place));
    }

    pub(super) fn hand_in(
        &mut self,
        at: usize,
        actor: domain::Actor,
        command: Command,
        sender: Sender,
    ) {
        let letter = Letter { command, actor, sender };
        let is_slow = !self.is_healed && self.random.one_in(16);
        let process = &mut self.processes[at];
        if is_slow {
            process.slow.push(letter);
        } else {
            process.queue.push_back(letter);
        }
    }

    pub(super) fn hurry(&mut self, at: usize) {
        let process = &mut self.processes[at];
        if !process.slow.is_empty() {
            let letter = process.slow.swap_remove(self.random.below(process.slow.len()));
            process.queue.push_back(letter);
        }
    }

    fn some_order(&mut self) -> Option<&Order> {
        let place = self.random.recent(self.books.orders.len())?;
        let no = OrderNo(u64::try_from(place + 1).ok()?);
        self.books.orders.get(&no)
    }

    /// Mostly one of which it makes sense.
    pub(super) fn some_order_for(&mut self, act: Act) -> Option<Order> {
        for _ in 0..8 {
            let order = self.some_order()?;
            if people::makes_sense(act, order) {
                return Some(order.clone());
            }
        }
        self.some_order().cloned()
    }

    /// Somebody says that an order is paid: the provider is asked, as the server does.
    fn say_paid(&mut self, at: usize) {
        let Some(order) = self.some_order_for(Act::SayPaid) else { return };
        let owner = order.customer.as_ref().filter(|_| !self.random.one_in(6));
        let actor = owner.map_or_else(people::staff, people::customer);
        let expected = Expected::Any;
        if !order.payment_method.is_prepaid() || order.on_account {
            let collect = CollectPayment { order: order.no, expected };
            self.ask(at, actor, Command::CollectPayment(collect));
            return;
        }
        let mut intents = order.payments.iter().rev().filter_map(|it| it.intent.clone());
        let news = match intents.next() {
            None => None,
            Some(intent) => match self.question(&intent) {
                Ok(news) => Some(news),
                Err(_) => return,
            },
        };
        let record = RecordPayment { order: order.no, news, closes: None, expected };
        self.ask(at, actor, Command::RecordPayment(Box::new(record)));
    }

    /// How an intent stands, as far as anybody learns in time.
    pub(super) fn question(&self, intent: &IntentId) -> Result<IntentNews, ProviderError> {
        let answer = poll_once(self.line.intent(intent));
        answer.unwrap_or_else(|| Err(ProviderError::Unavailable("no answer in time".into())))
    }

    fn deed(&mut self, deed: Deed) {
        let Some(intent) = self.some_intent() else { return };
        let is_done = self.line.perform(&intent, deed);
        self.diary.note(|| format!("at the provider: {deed:?} of {intent}: {is_done}"));
    }

    /// One that a customer knows of, and mostly one that has not ended.
    fn some_intent(&mut self) -> Option<IntentId> {
        let mut intent = None;
        for _ in 0..6 {
            let place = self.random.recent(self.wallet.len())?;
            let found = &self.wallet[place];
            let is_open = self.line.with_ledger(|ledger| {
                ledger.get(found).is_some_and(|it| match it.news.state {
                    IntentState::Open | IntentState::Declined | IntentState::Processing => true,
                    IntentState::Authorized | IntentState::Succeeded | IntentState::Cancelled => {
                        false
                    }
                })
            });
            intent = Some(found.clone());
            if is_open {
                break;
            }
        }
        intent
    }

    /// Somebody takes money at the provider's own page, and names an order of ours beside it.
    fn pay_by_hand(&mut self) {
        let count = self.random.between(90, 99);
        let Some(order) = self.some_order() else { return };
        let request = IntentRequest {
            order: order.no,
            payment: PaymentId::new(&format!("pay_{}_{count}", order.no.0)),
            amount: Money(order.total.0.max(1_000)),
            currency: order.currency,
            capture: Capture::AtOnce,
        };
        let key = format!("by hand {}", self.random.next());
        if let Some(intent) = self.line.make_by_hand(&key, &request) {
            self.tally.count("payment by hand");
            self.line.perform(&intent, Deed::Confirm);
        }
    }

    fn listen(&mut self, at: usize) -> Result<(), Broken> {
        let waiters = &mut self.processes[at].waiters;
        if waiters.is_empty() {
            return Ok(());
        }
        let waiter = waiters.swap_remove(self.random.below(waiters.len()));
        self.look_for(at, waiter)
    }

    pub(super) fn look_for(&mut self, at: usize, waiter: Waiter) -> Result<(), Broken> {
        let effect = super::read(self.reads.effect(waiter.effect.clone()))?;
        match self.requests.hear(&waiter, effect)? {
            Some(Heard::MayPay(intent)) => {
                self.diary.note(|| format!("request {} may pay {intent}", waiter.request));
                self.wallet.push(intent);
            }
            Some(Heard::NothingToPay(no)) => {
                self.tally.count("nothing to pay any more");
                let order = self.books.orders.get(&no);
                if !order.is_some_and(|it| it.retrieval_no.is_some() || has_money(it)) {
                    return Err(format!("{no} is said to need no payment: {order:?}"));
                }
            }
            Some(Heard::Failed) => {
                self.tally.count("payment not initialized");
                self.diary.note(|| format!("request {} has failed", waiter.request));
            }
            // Patience ends some time.
            None if !self.is_healed && self.random.one_in(8) => {}
            None => self.processes[at].waiters.push(waiter),
        }
        Ok(())
    }

    pub(super) fn crash(&mut self, at: usize) {
        let process = self.new_process();
        self.tally.count("crash");
        let dead = self.processes[at].id;
        self.diary.note(|| format!("process {dead:?} dies, {:?} begins", process.id));
        self.processes[at] = process;
    }

    pub(super) fn close(mut self) -> Tally {
        for (kind, times) in &self.books.kinds {
            *self.tally.happened.entry(kind).or_default() += times;
        }
        self.tally
    }
}

/// Somebody has paid, if only in part.
pub(super) fn has_money(order: &Order) -> bool {
    order.payments.iter().any(|it| match it.status {
        PaymentState::Authorized | PaymentState::Captured => true,
        PaymentState::Open
        | PaymentState::Processing
        | PaymentState::Failed
        | PaymentState::Cancelled => false,
    })
}
