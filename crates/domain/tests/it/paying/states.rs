//! The states of a paid order, each reached by the commands that lead there, and the hands of all
//! who move it on: the customer, the provider, the jobs, staff.

use domain::{
    Actor, Command, Currency, EffectId, IntentId, Money, OrderNo, Outcome, PaymentId, Refusals,
    Role,
    effect::{claim::ClaimEffects, retry::RetryEffect},
    idempotency::KeyHash,
    order::{PaymentMethod, expire::ExpireOrder, place::PlaceOrder},
    payment::{
        IntentNews, IntentState, fail_intent::FailIntent, record::RecordPayment,
        record_intent::RecordIntent, start::StartPayment,
    },
    version::Expected,
};

use crate::house::{House, actor, command, confirm, customer, place};

/// The order that every state is about, and what it costs.
pub(super) const NO: OrderNo = OrderNo(1);
pub(super) const TOTAL: i64 = 5500;

pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// The keys of the requests that place the order and that ask for a payment of it.
pub(super) const PLACING: KeyHash = KeyHash([1; 16]);
pub(super) const ASKING: KeyHash = KeyHash([2; 16]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Placed without a payment; nobody has asked for an intent.
    Unasked,
    Starting,
    /// The same, by a request of its own.
    StartingByItself,
    Open,
    Processing,
    Declined,
    /// After a decline, a second intent.
    OpenAgain,
    Mismatched,
    Authorized,
    Paid,
    OnAccount,
    /// Confirmed by staff while the intent was being made.
    OnAccountStarting,
    Expired,
    ExpiredStarting,
    /// An intent was asked for, and none was made.
    Cancelled,
    /// The intent was made, and cancelled by the provider.
    CancelledByProvider,
}

impl State {
    pub(super) fn house(self) -> House {
        let mut house = House::new();
        match self {
            State::Unasked => _ = house.order_paid_by(PaymentMethod::CreditCard),
            State::Starting => {
                house.key = Some(PLACING);
                house.by(&customer("ann"), &command(prepaid()));
                house.key = None;
            }
            State::StartingByItself => {
                house = State::Unasked.house();
                house.key = Some(ASKING);
                house.by(&customer("ann"), &start());
                house.key = None;
            }
            State::Open => house = State::Starting.then(&made(1)),
            State::Processing => house = State::Open.then(&told(1, IntentState::Processing)),
            State::Declined => house = State::Open.then(&told(1, IntentState::Declined)),
            State::OpenAgain => {
                house = State::Declined.then(&start());
                house.by(&system(), &made(2));
            }
            State::Mismatched => house = State::Open.then(&record(another_amount())),
            State::Authorized => house = State::Open.then(&told(1, IntentState::Authorized)),
            State::Paid => house = State::Open.then(&told(1, IntentState::Succeeded)),
            State::OnAccount => house = State::Open.then(&confirm(NO)),
            State::OnAccountStarting => house = State::Starting.then(&confirm(NO)),
            State::Expired => house = State::Open.in_half_an_hour(),
            State::ExpiredStarting => house = State::Starting.in_half_an_hour(),
            State::Cancelled => house = State::Starting.then(&not_made(1, false)),
            State::CancelledByProvider => {
                house = State::Open.then(&told(1, IntentState::Cancelled));
            }
        }
        house
    }

    fn then(self, command: &Command) -> House {
        let mut house = self.house();
        house.by(&system(), command);
        house
    }

    fn in_half_an_hour(self) -> House {
        let mut house = self.house();
        house.clock.0 += 30 * MINUTE_MS;
        house.by(&system(), &expire());
        house
    }
}

impl House {
    /// Somebody does it, and it must succeed.
    pub(super) fn by(&mut self, who: &Actor, command: &Command) -> Outcome {
        self.run(who, command).unwrap_or_else(|it: Refusals| panic!("{command:?}: {it:?}"))
    }
}

pub(super) fn system() -> Actor {
    actor(Role::System)
}

/// Three desks and two books, paid by card now.
pub(super) fn prepaid() -> PlaceOrder {
    let order = place(&[("desk", 3), ("book", 2)]);
    PlaceOrder { payment_method: PaymentMethod::CreditCard, prepay: true, ..order }
}

pub(super) fn start() -> Command {
    Command::StartPayment(StartPayment { order: NO, expected: Expected::Any })
}

pub(super) fn expire() -> Command {
    Command::ExpireOrder(ExpireOrder { order: NO })
}

/// The provider has made the intent of the order's `k`th payment.
pub(super) fn made(k: u32) -> Command {
    let effect = EffectId::new(&format!("pay_1_{k}"));
    let client_secret = format!("pi_{k}_secret_x").into();
    Command::RecordIntent(RecordIntent { order: NO, effect, intent: intent(k), client_secret })
}

pub(super) fn not_made(k: u32, may_exist: bool) -> Command {
    let effect = EffectId::new(&format!("pay_1_{k}"));
    let message = "No cards today.".into();
    Command::FailIntent(FailIntent { order: NO, effect, message, may_exist })
}

pub(super) fn intent(k: u32) -> IntentId {
    IntentId::new(&format!("pi_{k}"))
}

pub(super) fn news(k: u32, state: IntentState) -> IntentNews {
    IntentNews {
        intent: intent(k),
        order: Some(NO),
        payment: Some(PaymentId::new(&format!("pay_1_{k}"))),
        amount: Money(TOTAL),
        currency: Currency::USD,
        state,
        message: (state == IntentState::Declined).then(|| "No funds.".into()),
    }
}

pub(super) fn another_amount() -> IntentNews {
    IntentNews { amount: Money(TOTAL - 1), ..news(1, IntentState::Succeeded) }
}

pub(super) fn another_currency() -> IntentNews {
    IntentNews { currency: Currency::parse("EUR").unwrap(), ..news(1, IntentState::Succeeded) }
}

pub(super) fn another_order() -> IntentNews {
    IntentNews { order: Some(OrderNo(77)), ..news(1, IntentState::Authorized) }
}

pub(super) fn told(k: u32, state: IntentState) -> Command {
    record(news(k, state))
}

pub(super) fn record(news: IntentNews) -> Command {
    recording(Some(news), None)
}

/// How an effect on an intent has ended; without news it was given up.
pub(super) fn recording(news: Option<IntentNews>, closes: Option<&str>) -> Command {
    let closes = closes.map(EffectId::new);
    let expected = Expected::Any;
    Command::RecordPayment(Box::new(RecordPayment { order: NO, news, closes, expected }))
}

pub(super) fn claim(effects: &[&str]) -> Command {
    let effects = effects.iter().map(|it| EffectId::new(it)).collect();
    Command::ClaimEffects(ClaimEffects { effects })
}

pub(super) fn retry(effect: &str, due_at: domain::Moment) -> Command {
    let effect = EffectId::new(effect);
    Command::RetryEffect(RetryEffect { effect, due_at, error: "no answer".into() })
}
