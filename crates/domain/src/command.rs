//! The list of what the system can do. Each command has a file with its struct, its `keys()` (the
//! facts it must see) and its `decide()`.

use crate::{
    address::Person,
    catalog::{delete::DeleteProduct, put::PutProduct},
    delivery::{delete::DeleteDeliveryMethod, put::PutDeliveryMethod},
    event::{AdminEvent, Event},
    id::{DeliveryMethodId, OrderNo, ProductId, StoreId},
    order::{
        cancel::CancelOrder, collect::CollectPayment, confirm::ConfirmOrder, deliver::DeliverOrder,
        place::PlaceOrder, reopen::ReopenOrder, ship::ShipOrder,
    },
    stock::{StockKey, adjust::AdjustStock, set::SetStock},
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    PlaceOrder(Box<PlaceOrder>),
    ConfirmOrder(ConfirmOrder),
    CancelOrder(CancelOrder),
    ShipOrder(ShipOrder),
    DeliverOrder(DeliverOrder),
    CollectPayment(CollectPayment),
    ReopenOrder(ReopenOrder),
    PutProduct(Box<PutProduct>),
    DeleteProduct(DeleteProduct),
    SetStock(SetStock),
    AdjustStock(AdjustStock),
    PutDeliveryMethod(Box<PutDeliveryMethod>),
    DeleteDeliveryMethod(DeleteDeliveryMethod),
}

impl Command {
    /// Adds what must be loaded before the command can be decided.
    pub fn keys(&self, keys: &mut Keys) {
        match self {
            Command::PlaceOrder(it) => it.keys(keys),
            Command::ConfirmOrder(it) => keys.order(it.order),
            Command::CancelOrder(it) => keys.order(it.order),
            Command::ShipOrder(it) => keys.order(it.order),
            Command::DeliverOrder(it) => keys.order(it.order),
            Command::CollectPayment(it) => keys.order(it.order),
            Command::ReopenOrder(it) => keys.order(it.order),
            Command::PutProduct(it) => it.keys(keys),
            Command::DeleteProduct(it) => it.keys(keys),
            Command::SetStock(it) => it.keys(keys),
            Command::AdjustStock(it) => it.keys(keys),
            Command::PutDeliveryMethod(it) => it.keys(keys),
            Command::DeleteDeliveryMethod(it) => it.keys(keys),
        }
    }

    /// Adds what the first round of loading has shown to be needed too: the store of an order and
    /// the stock that its lines hold.
    pub fn more_keys(&self, world: &World, keys: &mut Keys) {
        let Some(order) = self.order().and_then(|no| world.orders.get(&no)) else { return };
        keys.stores.insert(order.store);
        keys.stock.extend(order.stock_keys());
    }

    /// How many rows it writes, about: batches are bounded by rows.
    pub fn weight(&self) -> usize {
        match self {
            Command::PlaceOrder(it) => 4 + 2 * it.items.len(),
            Command::ConfirmOrder(_)
            | Command::CancelOrder(_)
            | Command::ShipOrder(_)
            | Command::DeliverOrder(_)
            | Command::CollectPayment(_)
            | Command::ReopenOrder(_)
            | Command::PutProduct(_)
            | Command::DeleteProduct(_)
            | Command::SetStock(_)
            | Command::AdjustStock(_)
            | Command::PutDeliveryMethod(_)
            | Command::DeleteDeliveryMethod(_) => 4,
        }
    }

    /// The existing order that the command is about.
    fn order(&self) -> Option<OrderNo> {
        match self {
            Command::ConfirmOrder(it) => Some(it.order),
            Command::CancelOrder(it) => Some(it.order),
            Command::ShipOrder(it) => Some(it.order),
            Command::DeliverOrder(it) => Some(it.order),
            Command::CollectPayment(it) => Some(it.order),
            Command::ReopenOrder(it) => Some(it.order),
            Command::PlaceOrder(_)
            | Command::PutProduct(_)
            | Command::DeleteProduct(_)
            | Command::SetStock(_)
            | Command::AdjustStock(_)
            | Command::PutDeliveryMethod(_)
            | Command::DeleteDeliveryMethod(_) => None,
        }
    }
}

/// What a command brings about. [`World::apply`] makes it so.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub store: StoreId,
    /// The order that the events are about, a new one too.
    pub order: Option<OrderNo>,
    pub events: Vec<Event>,
    pub admin_events: Vec<AdminEvent>,
    /// Personal data of a new order; events never hold any.
    pub person: Option<Box<Person>>,
    pub outcome: Outcome,
}

impl Decision {
    pub(crate) fn on_order(store: StoreId, order: OrderNo, events: Vec<Event>) -> Decision {
        Decision {
            store,
            order: Some(order),
            events,
            admin_events: Vec::new(),
            person: None,
            outcome: Outcome::Order(order),
        }
    }

    pub(crate) fn on_catalogue(event: AdminEvent, outcome: Outcome) -> Decision {
        Decision {
            store: StoreId::FIRST,
            order: None,
            events: Vec::new(),
            admin_events: vec![event],
            person: None,
            outcome,
        }
    }
}

/// What the caller gets to see. The thing itself stands in the world, as the command left it.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Order(OrderNo),
    Product { id: ProductId, created: bool },
    ProductDeleted(ProductId),
    Stock(StockKey),
    DeliveryMethod { id: DeliveryMethodId, created: bool },
    DeliveryMethodDeleted(DeliveryMethodId),
}
