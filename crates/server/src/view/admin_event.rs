//! An entry of the admin log.

use domain::{AdminEvent, Logged, VariantId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Time, delivery_method::DeliveryMethodView, product::ProductView, review_rules::ReviewRulesView,
    store::StoreView,
};
use crate::openapi::words;

#[derive(Serialize, ToSchema)]
#[schema(as = AdminLogEntry)]
pub(crate) struct AdminEventView<'a> {
    seq: u64,
    #[schema(schema_with = words::admin_event_type)]
    r#type: &'static str,
    at: Time,
    actor: &'a str,
    request_id: &'a str,
    data: AdminData<'a>,
}

impl<'a> AdminEventView<'a> {
    pub(crate) fn new(logged: &'a Logged) -> AdminEventView<'a> {
        AdminEventView {
            seq: logged.seq,
            r#type: logged.event.kind(),
            at: Time(logged.at),
            actor: &logged.actor,
            request_id: &logged.request_id,
            data: AdminData::new(&logged.event),
        }
    }
}

/// What was put is shown as it was left, as its own call showed it then.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminLogData)]
#[serde(untagged)]
enum AdminData<'a> {
    Product(ProductView<'a>),
    #[schema(title = "ProductDeletedData")]
    ProductDeleted {
        product_id: &'a str,
    },
    #[schema(title = "StockChangedData")]
    StockChanged {
        product_id: &'a str,
        variant_id: Option<&'a str>,
        location_id: &'a str,
        delta: i64,
        on_hand: i64,
        reason: Option<&'a str>,
    },
    DeliveryMethod(DeliveryMethodView<'a>),
    #[schema(title = "DeliveryMethodDeletedData")]
    DeliveryMethodDeleted {
        delivery_method_id: &'a str,
    },
    #[schema(title = "CustomerData")]
    Customer {
        customer_id: &'a str,
    },
    #[schema(title = "ClientData")]
    Client {
        client_id: &'a str,
        name: &'a str,
        scope: &'a str,
    },
    #[schema(title = "ClientRemovedData")]
    ClientRemoved {
        client_id: &'a str,
    },
    #[schema(title = "CustomerPutData")]
    CustomerPut {
        customer_id: &'a str,
        /// The names of the fields that are another than before; no log has what they say.
        changed: &'a [String],
    },
    Store(StoreView<'a>),
    ReviewRules(ReviewRulesView<'a>),
    #[schema(title = "StoreSecretRotatedData")]
    StoreSecretRotated {
        store_id: u32,
    },
}

impl<'a> AdminData<'a> {
    fn new(event: &'a AdminEvent) -> AdminData<'a> {
        match event {
            AdminEvent::ProductPut(it) => AdminData::Product(ProductView::new(it)),
            AdminEvent::ProductDeleted(it) => {
                AdminData::ProductDeleted { product_id: it.id.as_str() }
            }
            AdminEvent::StockChanged(it) => AdminData::StockChanged {
                product_id: it.stock.product.as_str(),
                variant_id: it.stock.variant.as_ref().map(VariantId::as_str),
                location_id: it.stock.location.as_str(),
                delta: it.delta,
                on_hand: it.on_hand,
                reason: it.reason.as_deref(),
            },
            AdminEvent::DeliveryMethodPut(it) => {
                AdminData::DeliveryMethod(DeliveryMethodView::new(it))
            }
            AdminEvent::DeliveryMethodDeleted(it) => {
                AdminData::DeliveryMethodDeleted { delivery_method_id: it.id.as_str() }
            }
            AdminEvent::CustomerRegistered(it) => {
                AdminData::Customer { customer_id: it.id.as_str() }
            }
            // Not even the hash of a secret is told.
            AdminEvent::ClientCreated(it) => {
                AdminData::Client { client_id: it.id.as_str(), name: &it.name, scope: &it.scope }
            }
            AdminEvent::ClientRemoved(it) => AdminData::ClientRemoved { client_id: it.id.as_str() },
            AdminEvent::CustomerPut(it) => {
                AdminData::CustomerPut { customer_id: it.id.as_str(), changed: &it.changed }
            }
            AdminEvent::CustomerErased(it) => AdminData::Customer { customer_id: it.id.as_str() },
            AdminEvent::StorePut(it) => AdminData::Store(StoreView::new(it)),
            AdminEvent::ReviewRulesPut(it) => {
                AdminData::ReviewRules(ReviewRulesView::new(it.store, &it.rules))
            }
            AdminEvent::StoreSecretRotated(it) => {
                AdminData::StoreSecretRotated { store_id: it.id.0 }
            }
        }
    }
}
