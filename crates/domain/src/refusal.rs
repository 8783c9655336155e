//! Why a command is refused. A refusal is an answer, not an error: nothing is stored, no number is
//! taken, and the caller can tell from its code what to do.

use crate::{
    country::Country,
    delivery::Unsuitable,
    id::{CartId, ClientId, CustomerId, DeliveryMethodId, OrderNo, ProductId, StoreId, VariantId},
    money::{Currency, Money, MoneyFault, Overflow},
    order::{MerchantStatus, ReviewStatus, Status},
    payment::IntentState,
};

/// The order of the variants is the order of refusals in the contract: of several, the first
/// decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    // The thing itself.
    OrderNotFound(OrderNo),
    ShipmentNotFound(String),
    StoreNotFound(StoreId),
    CartNotFound(CartId),
    ClientNotFound(ClientId),
    VersionMismatch {
        current: Option<u64>,
    },
    // The table of placing.
    CustomerNotFound(CustomerId),
    DeliveryMethodNotFound(DeliveryMethodId),
    ProductNotFound(ProductId),
    ProductUnavailable {
        id: ProductId,
        name: String,
    },
    VariantNotFound {
        product: ProductId,
        variant: VariantId,
    },
    VariantRequired {
        product: ProductId,
    },
    CurrencyMismatch {
        product: ProductId,
        found: Currency,
        expected: Currency,
    },
    PriceChanged {
        product: ProductId,
        shown: String,
        price: Money,
        currency: Currency,
    },
    InsufficientStock {
        name: String,
        available: i64,
        requested: i64,
    },
    DeliveryMethodIncompatible {
        id: DeliveryMethodId,
        why: Unsuitable,
    },
    NoDeliveryMethod(Option<Country>),
    AddressRequired,
    AmountTooLarge,
    InvalidAmount(MoneyFault),
    PaymentRequired,
    /// Below what the payment provider takes.
    AmountTooSmall {
        total: Money,
        minimum: Money,
        currency: Currency,
    },
    /// What is taken off is more than all the rest.
    TotalBelowZero {
        total: Money,
        currency: Currency,
    },
    /// The buyer was shown another.
    TotalChanged {
        shown: Money,
        total: Money,
        currency: Currency,
    },
    /// Only the shop itself may ask for it.
    SecretRequired,
    LineNotFound {
        line: u32,
    },
    CartEmpty(CartId),
    /// Nothing, or less, is asked to be given back.
    AmountNotPositive,
    // The state.
    CartExists(CartId),
    /// With the order that it has become, for those who may know.
    CartOrdered {
        cart: CartId,
        order: Option<OrderNo>,
    },
    AlreadyProcessed {
        order: OrderNo,
        from: Status,
        to: Status,
    },
    CancelForbidden(OrderNo),
    PartiallyShipped(OrderNo),
    UnderReview(OrderNo),
    OnHold(OrderNo),
    AlreadyPaid(OrderNo),
    NotPrepaid(OrderNo),
    NotCollectable {
        order: OrderNo,
        status: Status,
    },
    /// With the provider's state of its intent; absent: there is none.
    PaymentNotCompleted {
        order: OrderNo,
        state: Option<IntentState>,
    },
    /// The provider took something else than the order asks for.
    PaymentMismatch(OrderNo),
    /// Nothing is to be paid through the provider.
    NotPayable {
        order: OrderNo,
        status: Status,
    },
    RefundExceedsPayment {
        refundable: Money,
        requested: Money,
        currency: Currency,
    },
    /// More of a line than is left to be refunded.
    RefundExceedsLine {
        line: u32,
        refundable: u32,
        requested: u32,
    },
    /// Its goods have left the house, or never will.
    NotHoldable {
        order: OrderNo,
        status: Status,
    },
    NotOnHold(OrderNo),
    /// Nobody has to decide, or somebody has.
    NotUnderReview {
        order: OrderNo,
        review: ReviewStatus,
    },
    /// The shop can't say how far it has come while the order stands so.
    VendorStatusFixed {
        order: OrderNo,
        status: MerchantStatus,
    },
    /// Everything that was to be shipped has been cancelled.
    NothingToShip(OrderNo),
    /// More of a line than was neither shipped nor cancelled.
    ShipmentExceedsLine {
        line: u32,
        open: u32,
        requested: u32,
    },
    StockBelowReserved {
        on_hand: i64,
        reserved: i64,
    },
    StockOutOfRange,
    StockNotTracked(ProductId),
    /// It lies in as many places as one product may.
    TooManyLocations(ProductId),
    // Others have to answer first.
    CartServiceSilent,
    /// What the cart service has answered is no cart.
    CartUnreadable,
    /// What was ordered there is counted in the currency that it has.
    StoreCurrencyFixed(StoreId),
    /// Another store's documents are called so, or were.
    InvoicePrefixTaken(String),
    /// These are still to be brought to the person who would be forgotten.
    CustomerHasOpenOrders {
        customer: CustomerId,
        open: Vec<OrderNo>,
    },
}

impl Refusal {
    /// The place in the order of refusals.
    fn rank(&self) -> u8 {
        match self {
            Refusal::OrderNotFound(_)
            | Refusal::ShipmentNotFound(_)
            | Refusal::StoreNotFound(_)
            | Refusal::CartNotFound(_)
            | Refusal::ClientNotFound(_) => 0,
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
            Refusal::AmountTooSmall { .. }
            | Refusal::AmountTooLarge
            | Refusal::InvalidAmount(_)
            | Refusal::PaymentRequired
            | Refusal::TotalBelowZero { .. }
            | Refusal::TotalChanged { .. }
            | Refusal::SecretRequired
            | Refusal::LineNotFound { .. }
            | Refusal::CartEmpty(_)
            | Refusal::AmountNotPositive => 12,
            Refusal::CartExists(_)
            | Refusal::CartOrdered { .. }
            | Refusal::AlreadyProcessed { .. }
            | Refusal::CancelForbidden(_)
            | Refusal::PartiallyShipped(_)
            | Refusal::UnderReview(_)
            | Refusal::OnHold(_)
            | Refusal::AlreadyPaid(_)
            | Refusal::NotPrepaid(_)
            | Refusal::NotCollectable { .. }
            | Refusal::PaymentNotCompleted { .. }
            | Refusal::PaymentMismatch(_)
            | Refusal::NotPayable { .. }
            | Refusal::RefundExceedsPayment { .. }
            | Refusal::RefundExceedsLine { .. }
            | Refusal::NotHoldable { .. }
            | Refusal::NotOnHold(_)
            | Refusal::NotUnderReview { .. }
            | Refusal::VendorStatusFixed { .. }
            | Refusal::NothingToShip(_)
            | Refusal::ShipmentExceedsLine { .. }
            | Refusal::StockBelowReserved { .. }
            | Refusal::StockOutOfRange
            | Refusal::StockNotTracked(_)
            | Refusal::TooManyLocations(_)
            | Refusal::StoreCurrencyFixed(_)
            | Refusal::InvoicePrefixTaken(_)
            | Refusal::CustomerHasOpenOrders { .. } => 13,
            Refusal::CartServiceSilent | Refusal::CartUnreadable => 14,
        }
    }
}

/// What part of the request a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Request,
    Cart,
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
    VariantOnHand(usize),
    Amount,
    RefundItem(usize),
    RefundShipping,
    ShipmentItem(usize),
    Store,
    Currency,
    InvoicePrefix,
    RuleAmount(usize),
    DomesticShipping,
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

    pub(crate) fn count(&self) -> usize {
        self.0.len()
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
