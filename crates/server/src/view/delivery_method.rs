//! A way to the customer.

use domain::delivery::DeliveryMethod;
use serde::Serialize;
use utoipa::ToSchema;

use super::Amount;

#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryMethod)]
pub(crate) struct DeliveryMethodView<'a> {
    delivery_method_id: &'a str,
    name: &'a str,
    price: Amount,
    currency: &'static str,
    free_from: Option<Amount>,
    countries: Vec<&'static str>,
    max_weight_grams: Option<u64>,
    active: bool,
    estimated_days: Option<[u16; 2]>,
    version: u64,
}

impl<'a> DeliveryMethodView<'a> {
    pub(crate) fn new(method: &'a DeliveryMethod) -> DeliveryMethodView<'a> {
        DeliveryMethodView {
            delivery_method_id: method.id.as_str(),
            name: &method.name,
            price: Amount(method.price, method.currency),
            currency: method.currency.code(),
            free_from: method.free_from.map(|it| Amount(it, method.currency)),
            countries: method.countries.iter().map(|it| it.alpha2()).collect(),
            max_weight_grams: method.max_weight_grams,
            active: method.active,
            estimated_days: method.estimated_days.map(|(fewest, most)| [fewest, most]),
            version: method.version,
        }
    }
}
