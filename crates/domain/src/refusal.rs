//! Why a command is refused. A refusal is an answer, not an error: nothing is stored, no number is
//! taken, and the caller can tell from its code what to do.

use crate::{
    country::Country,
    delivery::Unsuitable,
    id::{CustomerId, DeliveryMethodId, OrderNo, ProductId, StoreId, VariantId},
    money::{Currency, Money, MoneyFault, Overflow},
    order::Status,
};

/// The order of the variants is the order of refusals in the contract: of several, the first
/// decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    // The thing itself.
    OrderNotFound(OrderNo),
    StoreNotFound(StoreId),
    VersionMismatch { current: Option<u64> },
    // The table of placing.
    CustomerNotFound(CustomerId),
    DeliveryMethodNotFound(DeliveryMethodId),
    ProductNotFound(ProductId),
    ProductUnavailable { id: ProductId, name: String },
    VariantNotFound { product: ProductId, variant: VariantId },
    VariantRequired { product: ProductId },
    CurrencyMismatch { product: ProductId, found: Currency, expected: Currency },
    PriceChanged { product: ProductId, shown: String, price: Money, currency: Currency },
    InsufficientStock { name: String, available: i64, requested: i64 },
    DeliveryMethodIncompatible { id: DeliveryMethodId, why: Unsuitable },
    NoDeliveryMethod(Option<Country>),
    AddressRequired,
    AmountTooLarge,
    InvalidAmount(MoneyFault),
    PaymentRequired,
    // The state.
    AlreadyProcessed { order: OrderNo, from: Status, to: Status },
    CancelForbidden(OrderNo),
    PartiallyShipped(OrderNo),
    UnderReview(OrderNo),
    OnHold(OrderNo),
    AlreadyPaid(OrderNo),
    NotPrepaid(OrderNo),
    NotCollectable { order: OrderNo, status: Status },
    StockBelowReserved { on_hand: i64, reserved: i64 },
    StockOutOfRange,
    StockNotTracked(ProductId),
}

impl Refusal {
    /// The place in the order of refusals.
    fn rank(&self) -> u8 {
        match self {
            Refusal::OrderNotFound(_) | Refusal::StoreNotFound(_) => 0,
            Refusal::VersionMismatch { .. } => 1,
            Refusal::CustomerNotFound(_) => 2,
            Refusal::DeliveryMethodNotFound(_) => 3,
            Refusal::ProductNotFound(_) => 4,
            Refusal::ProductUnavailable { .. } => 5,
            Refusal::VariantNotFound { .. } => 6,
            Refusal::VariantRequired { .. } => 7,
            Refusal::CurrencyMismatch { .. } => 8,
            Refusal::PriceChanged { .. } => 9,
            Refusal::InsufficientStock { .. } => 10,
            Refusal::DeliveryMethodIncompatible { .. }
            | Refusal::NoDeliveryMethod(_)
            | Refusal::AddressRequired => 11,
            Refusal::AmountTooLarge | Refusal::InvalidAmount(_) | Refusal::PaymentRequired => 12,
            Refusal::AlreadyProcessed { .. }
            | Refusal::CancelForbidden(_)
            | Refusal::PartiallyShipped(_)
            | Refusal::UnderReview(_)
            | Refusal::OnHold(_)
            | Refusal::AlreadyPaid(_)
            | Refusal::NotPrepaid(_)
            | Refusal::NotCollectable { .. }
            | Refusal::StockBelowReserved { .. }
            | Refusal::StockOutOfRange
            | Refusal::StockNotTracked(_) => 13,
        }
    }
}

/// What part of the request a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Request,
    Customer,
    DeliveryMethod,
    Address,
    PaymentMethod,
    Item(usize),
    ItemVariant(usize),
    ItemQuantity(usize),
    ItemPrice(usize),
    Price,
    VariantPrice(usize),
    FreeFrom,
    OnHand,
}

/// All refusals of one command, the deciding one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals(Vec<(Subject, Refusal)>);

impl Refusals {
    pub fn first(&self) -> &Refusal {
        &self.0[0].1
    }

    pub fn iter(&self) -> impl Iterator<Item = &(Subject, Refusal)> {
        self.0.iter()
    }
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Refusals {
        Refusals(vec![(Subject::Request, refusal)])
    }
}

impl From<(Subject, Refusal)> for Refusals {
    fn from(refusal: (Subject, Refusal)) -> Refusals {
        Refusals(vec![refusal])
    }
}

impl From<Overflow> for Refusals {
    fn from(Overflow: Overflow) -> Refusals {
        Refusal::AmountTooLarge.into()
    }
}

/// Gathers refusals while a decision goes on looking.
#[derive(Debug, Default)]
pub(crate) struct Found(Vec<(Subject, Refusal)>);

impl Found {
    pub(crate) fn add(&mut self, subject: Subject, refusal: Refusal) {
        self.0.push((subject, refusal));
    }

    /// `Ok` if nothing was found.
    pub(crate) fn settle(mut self) -> Result<(), Refusals> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|(_, refusal)| refusal.rank());
        Err(Refusals(self.0))
    }
}
