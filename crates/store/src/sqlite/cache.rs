//! What the writer knows without asking the file. The lock beside the file makes this process the
//! only one that writes, so what was read or written once stays true.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    CustomerId, DeliveryMethodId, LocationId, ProductId, StoreId, World,
    catalog::Product,
    counter::Counters,
    customer::Customer,
    delivery::DeliveryMethod,
    shop::Shop,
    stock::{Stock, StockKey},
    world::Change,
};
use quick_cache::unsync;

use super::pace::Pace;

pub(super) struct Cache {
    pub(super) counters: Option<Counters>,
    pub(super) stores: BTreeMap<StoreId, Arc<Shop>>,
    pub(super) delivery_methods: Option<BTreeMap<DeliveryMethodId, Arc<DeliveryMethod>>>,
    pub(super) products: unsync::Cache<ProductId, Arc<Product>>,
    pub(super) stock: unsync::Cache<StockKey, Shelf>,
    pub(super) customers: unsync::Cache<CustomerId, Arc<Customer>>,
}

/// What the writer knows of a shelf.
#[derive(Clone)]
pub(super) struct Shelf {
    pub(super) number: i64,
    pub(super) stock: Stock,
    /// Of a main shelf: where else the same goods lie, if anywhere.
    pub(super) elsewhere: Option<Arc<[LocationId]>>,
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
        // A main shelf has to hear of a new one elsewhere.
        let mut unsure = Vec::new();
        for (key, change) in world.stock.changes() {
            if let (Change::Insert(_), false) = (change, key.is_main()) {
                unsure.push(key.at_main());
            }
            match (self.stock.get(key).cloned(), change) {
                (Some(known), Change::Insert(stock) | Change::Update(stock)) => {
                    self.stock.insert(key.clone(), Shelf { stock: *stock, ..known });
                }
                (None, _) | (_, Change::Delete) => _ = self.stock.remove(key),
            }
        }
        for main in unsure {
            self.stock.remove(&main);
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
