//! Our books held against the payment provider's.

use domain::OrderNo;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Amount, Text, Time};
use crate::openapi::words;

#[derive(Serialize, ToSchema)]
#[schema(as = Reconciliation)]
pub(crate) struct ReconciliationView {
    pub(crate) from: Time,
    pub(crate) to: Time,
    /// False where a bound was hit: there may be more. A narrower time shows it.
    pub(crate) complete: bool,
    /// Our order has the money, the provider does not.
    pub(crate) orders_paid_without_record: Vec<DifferenceView>,
    /// The provider has the money, none of our orders does.
    pub(crate) payments_without_order: Vec<DifferenceView>,
    /// Both have it, and not the same.
    pub(crate) differing_amounts: Vec<DifferenceView>,
    /// The provider has not confirmed them yet.
    pub(crate) refunds_in_flight: Vec<OpenView>,
    /// Authorized money that could not be taken, or should have been by now.
    pub(crate) captures_outstanding: Vec<OpenView>,
    /// Orders that nobody has paid in time, and that hold their stock still.
    pub(crate) overdue_reservations: Vec<ReservationView>,
}

/// A payment in both books; null is what one of them does not have.
#[derive(Serialize, ToSchema)]
#[schema(as = PaymentDifference)]
pub(crate) struct DifferenceView {
    #[schema(value_type = Option<String>)]
    pub(crate) order_id: Option<Text<OrderNo>>,
    pub(crate) payment_id: Option<String>,
    pub(crate) provider_reference: String,
    /// The payment as the provider sees it.
    #[schema(schema_with = words::optional_intent_state)]
    pub(crate) provider_status: Option<&'static str>,
    pub(crate) currency: &'static str,
    pub(crate) amount: Option<Amount>,
    /// What the order asks for.
    pub(crate) order_total: Option<Amount>,
    pub(crate) provider_amount: Option<Amount>,
    pub(crate) refunded: Option<Amount>,
    pub(crate) provider_refunded: Option<Amount>,
    pub(crate) age_seconds: i64,
}

/// Something that the provider was asked to do and has not done.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenEffect)]
pub(crate) struct OpenView {
    #[schema(value_type = String)]
    pub(crate) order_id: Text<OrderNo>,
    pub(crate) payment_id: String,
    pub(crate) refund_id: Option<String>,
    pub(crate) amount: Amount,
    pub(crate) currency: &'static str,
    /// How often it was tried; null where it is given up.
    pub(crate) attempts: Option<u32>,
    /// Why the last try came to nothing.
    pub(crate) last_error: Option<String>,
    pub(crate) age_seconds: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OverdueReservation)]
pub(crate) struct ReservationView {
    #[schema(value_type = String)]
    pub(crate) order_id: Text<OrderNo>,
    pub(crate) total: Amount,
    pub(crate) currency: &'static str,
    pub(crate) expires_at: Time,
    /// Since it expired.
    pub(crate) age_seconds: i64,
}
