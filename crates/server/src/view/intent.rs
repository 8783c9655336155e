//! A payment intent, as its provider sees it.

use domain::Moment;
use engine::payment::IntentRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Amount, Text, Time};
use crate::openapi::words;

#[derive(Serialize, ToSchema)]
#[schema(as = Intent)]
pub(crate) struct IntentView<'a> {
    intent_id: &'a str,
    #[schema(value_type = Option<String>)]
    order_id: Option<Text<domain::OrderNo>>,
    payment_id: Option<&'a str>,
    #[schema(schema_with = words::intent_state)]
    state: &'static str,
    amount: Amount,
    currency: &'static str,
    /// What went back of it.
    refunded: Amount,
    /// Why it was declined, for people.
    message: Option<&'a str>,
    created_at: Time,
}

impl<'a> IntentView<'a> {
    pub(crate) fn new(record: &'a IntentRecord) -> IntentView<'a> {
        let news = &record.news;
        IntentView {
            intent_id: news.intent.as_str(),
            order_id: news.order.map(Text),
            payment_id: news.payment.as_ref().map(domain::PaymentId::as_str),
            state: news.state.name(),
            amount: Amount(news.amount, news.currency),
            currency: news.currency.code(),
            refunded: Amount(record.refunded, news.currency),
            message: news.message.as_deref(),
            created_at: Time(Moment(record.created_at)),
        }
    }
}
