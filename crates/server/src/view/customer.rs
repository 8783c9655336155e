//! A customer, as the shop and the customer see it.

use domain::{
    CustomerId,
    customer::{Channel, Customer, usual_channels},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::words;

#[derive(Serialize, ToSchema)]
#[schema(as = Customer)]
pub(crate) struct CustomerView<'a> {
    customer_id: &'a str,
    name: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    locale: Option<&'a str>,
    #[schema(schema_with = words::channels)]
    notify: Vec<&'static str>,
    /// Null: nothing is known of the customer but what the token tells.
    version: Option<u64>,
}

impl<'a> CustomerView<'a> {
    pub(crate) fn new(customer: &'a Customer) -> CustomerView<'a> {
        CustomerView {
            customer_id: customer.id.as_str(),
            name: customer.name.as_deref(),
            email: customer.email.as_deref(),
            phone: customer.phone.as_deref(),
            locale: customer.locale.as_deref(),
            notify: customer.notify.iter().copied().map(Channel::name).collect(),
            version: Some(customer.version),
        }
    }

    /// Whoever has never ordered anything.
    pub(crate) fn unknown(id: &'a CustomerId, email: Option<&'a str>) -> CustomerView<'a> {
        CustomerView {
            customer_id: id.as_str(),
            name: None,
            email,
            phone: None,
            locale: None,
            notify: usual_channels().into_iter().map(Channel::name).collect(),
            version: None,
        }
    }
}
