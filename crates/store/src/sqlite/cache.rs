//! What the writer knows without asking the file. The lock beside the file makes this process the
//! only one that writes, so what was read or written once stays true.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    CustomerId, DeliveryMethodId, ProductId, StoreId, World,
    catalog::Product,
    counter::Counters,
    customer::Customer,
    delivery::DeliveryMethod,
    shop::Shop,
    stock::{Stock, StockKey},
};
use quick_cache::unsync;

use super::pace::Pace;

pub(super) struct Cache {
    pub(super) counters: Option<Counters>,
    pub(super) stores: BTreeMap<StoreId, Arc<Shop>>,
    pub(super) delivery_methods: Option<BTreeMap<DeliveryMethodId, Arc<DeliveryMethod>>>,
    pub(super) products: unsync::Cache<ProductId, Arc<Product>>,
    /// With the number of the shelf.
    pub(super) stock: unsync::Cache<StockKey, (i64, Stock)>,
    pub(super) customers: unsync::Cache<CustomerId, Arc<Customer>>,
}

impl Cache {
    pub(super) fn new(pace: Pace) -> Cache {
        Cache {
            counters: None,
            stores: BTreeMap::new(),
            delivery_methods: None,
            products: unsync::Cache::new(pace.cached_rows),
            stock: unsync::Cache::new(pace.cached_rows),
            customers: unsync::Cache::new(pace.cached_rows),
        }
    }

    /// Takes over what a committed batch has changed.
    pub(super) fn learn(&mut self, world: &World) {
        let mut counters = world.counters.clone();
        counters.settle();
        self.counters = Some(counters);
        for (id, _) in world.stores.changes() {
            self.stores.remove(id);
        }
        if world.delivery_methods.changes().next().is_some() {
            self.delivery_methods = None;
        }
        for (id, _) in world.products.changes() {
            match world.products.share(id) {
                Some(product) => self.products.insert(id.clone(), product),
                None => _ = self.products.remove(id),
            }
        }
        for (key, _) in world.stock.changes() {
            match (self.stock.get(key).copied(), world.stock.get(key)) {
                (Some((shelf, _)), Some(stock)) => self.stock.insert(key.clone(), (shelf, *stock)),
                (None, _) | (_, None) => _ = self.stock.remove(key),
            }
        }
        for (id, _) in world.customers.changes() {
            match world.customers.share(id) {
                Some(customer) => self.customers.insert(id.clone(), customer),
                None => _ = self.customers.remove(id),
            }
        }
    }
}

#[cfg(test)]
mod tests;
