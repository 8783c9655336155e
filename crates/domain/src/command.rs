//! The list of what the system can do. Each command has a file with its struct, its `keys()` (the
//! facts it must see) and its `decide()`.

use crate::{
    address::Person,
    cart::{
        CartChange, CartKey,
        create::CreateCart,
        delete::DeleteCart,
        order::OrderCart,
        put::PutCart,
        put_items::PutCartItems,
        temp::{create::CreateTempCart, put_buyer::PutBuyer},
    },
    catalog::{delete::DeleteProduct, import::ImportProduct, put::PutProduct},
    client::{SecretHash, create::CreateClient, remove::RemoveClient},
    customer::{
        PersonalChange,
        erase::EraseCustomer,
        erasure::{EndErasure, EraseCarts, ErasePerson, ForgetAnswers},
        put::PutCustomer,
    },
    delivery::{delete::DeleteDeliveryMethod, put::PutDeliveryMethod},
    effect::{EffectChange, EffectId, EffectState, Wish, claim::ClaimEffects, retry::RetryEffect},
    event::{AdminEvent, Event},
    id::{ClientId, CustomerId, DeliveryMethodId, OrderNo, ProductId, StoreId},
    order::{
        Order, cancel::CancelOrder, collect::CollectPayment, confirm::ConfirmOrder,
        deliver::DeliverOrder, expire::ExpireOrder, hold::HoldOrder, place::PlaceOrder,
        release::ReleaseOrder, reopen::ReopenOrder, review::ReviewOrder,
        set_merchant_order_id::SetMerchantOrderId, set_vendor_status::SetVendorStatus,
        ship::ShipOrder,
    },
    payment::{
        self, fail_intent::FailIntent, record::RecordPayment, record_intent::RecordIntent,
        start::StartPayment,
    },
    refund::{record::RecordRefund, request::RequestRefund},
    refusal::Refusal,
    review::{
        put::PutReviewRules,
        velocity::{Velocity, VelocityKey},
    },
    shipment::{create::CreateShipment, set_tracking::SetTracking, update::UpdateShipment},
    shop::{put::PutStore, rotate_secret::RotateSecret},
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
    CreateShipment(CreateShipment),
    UpdateShipment(UpdateShipment),
    SetTracking(SetTracking),
    SetMerchantOrderId(SetMerchantOrderId),
    SetVendorStatus(SetVendorStatus),
    CollectPayment(CollectPayment),
    ReopenOrder(ReopenOrder),
    HoldOrder(HoldOrder),
    ReleaseOrder(ReleaseOrder),
    ReviewOrder(ReviewOrder),
    ExpireOrder(ExpireOrder),
    StartPayment(StartPayment),
    RecordIntent(RecordIntent),
    FailIntent(FailIntent),
    RecordPayment(Box<RecordPayment>),
    RequestRefund(Box<RequestRefund>),
    RecordRefund(RecordRefund),
    ClaimEffects(ClaimEffects),
    RetryEffect(RetryEffect),
    CreateCart(Box<CreateCart>),
    PutCart(Box<PutCart>),
    PutCartItems(PutCartItems),
    DeleteCart(DeleteCart),
    OrderCart(Box<OrderCart>),
    CreateTempCart(Box<CreateTempCart>),
    PutBuyer(Box<PutBuyer>),
    PutProduct(Box<PutProduct>),
    ImportProduct(Box<ImportProduct>),
    DeleteProduct(DeleteProduct),
    SetStock(SetStock),
    AdjustStock(AdjustStock),
    PutDeliveryMethod(Box<PutDeliveryMethod>),
    DeleteDeliveryMethod(DeleteDeliveryMethod),
    CreateClient(CreateClient),
    RemoveClient(RemoveClient),
    PutStore(Box<PutStore>),
    PutReviewRules(Box<PutReviewRules>),
    RotateSecret(RotateSecret),
    PutCustomer(Box<PutCustomer>),
    EraseCustomer(Box<EraseCustomer>),
    ErasePerson(ErasePerson),
    EraseCarts(EraseCarts),
    ForgetAnswers(ForgetAnswers),
    EndErasure(EndErasure),
}

/// A cart of ten items.
const ORDERED_CART_WEIGHT: usize = 25;

impl Command {
    /// Adds what must be loaded before the command can be decided.
    pub fn keys(&self, keys: &mut Keys) {
        match self {
            Command::PlaceOrder(it) => it.keys(keys),
            Command::ConfirmOrder(it) => keys.order(it.order),
            Command::CancelOrder(it) => keys.order(it.order),
            Command::ShipOrder(it) => keys.order(it.order),
            Command::DeliverOrder(it) => keys.order(it.order),
            Command::CreateShipment(it) => keys.order(it.order),
            Command::UpdateShipment(it) => keys.order(it.order),
            Command::SetTracking(it) => keys.order(it.order),
            Command::SetMerchantOrderId(it) => keys.order(it.order),
            Command::SetVendorStatus(it) => keys.order(it.order),
            Command::CollectPayment(it) => keys.order(it.order),
            Command::ReopenOrder(it) => keys.order(it.order),
            Command::HoldOrder(it) => keys.order(it.order),
            Command::ReleaseOrder(it) => keys.order(it.order),
            Command::ReviewOrder(it) => keys.order(it.order),
            Command::ExpireOrder(it) => keys.order(it.order),
            Command::StartPayment(it) => keys.order(it.order),
            Command::RecordIntent(it) => it.keys(keys),
            Command::FailIntent(it) => it.keys(keys),
            Command::RecordPayment(it) => it.keys(keys),
            Command::RequestRefund(it) => keys.order(it.order),
            Command::RecordRefund(it) => keys.order_and_effect(it.order, Some(&it.effect)),
            Command::ClaimEffects(it) => keys.effects.extend(it.effects.iter().cloned()),
            Command::RetryEffect(it) => _ = keys.effects.insert(it.effect.clone()),
            Command::CreateCart(it) => it.keys(keys),
            Command::PutCart(it) => it.keys(keys),
            Command::PutCartItems(it) => it.keys(keys),
            Command::DeleteCart(it) => it.keys(keys),
            Command::OrderCart(it) => it.keys(keys),
            Command::CreateTempCart(it) => it.keys(keys),
            Command::PutBuyer(it) => it.keys(keys),
            Command::PutProduct(it) => it.keys(keys),
            Command::ImportProduct(it) => it.keys(keys),
            Command::DeleteProduct(it) => it.keys(keys),
            Command::SetStock(it) => it.keys(keys),
            Command::AdjustStock(it) => it.keys(keys),
            Command::PutDeliveryMethod(it) => it.keys(keys),
            Command::DeleteDeliveryMethod(it) => it.keys(keys),
            Command::CreateClient(it) => it.keys(keys),
            Command::RemoveClient(it) => it.keys(keys),
            Command::PutStore(it) => it.keys(keys),
            Command::PutReviewRules(it) => it.keys(keys),
            Command::RotateSecret(it) => it.keys(keys),
            Command::PutCustomer(it) => it.keys(keys),
            Command::EraseCustomer(it) => it.keys(keys),
            Command::ErasePerson(it) => keys.order(it.order),
            Command::EraseCarts(it) => it.keys(keys),
            Command::ForgetAnswers(it) => it.keys(keys),
            Command::EndErasure(it) => it.keys(keys),
        }
    }

    /// Adds what the first round of loading has shown to be needed too: the store of an order, the
    /// stock that its lines hold, and the effects that may be begun already.
    pub fn more_keys(&self, world: &World, keys: &mut Keys) {
        self.cart_keys(world, keys);
        self.velocity_keys(world, keys);
        let Some(order) = self.order().and_then(|no| world.orders.get(&no)) else { return };
        keys.stores.insert(order.store);
        keys.stock.extend(order.stock_keys());
        keys.effects.extend(payment::voids(order));
        if let Command::StartPayment(it) = self {
            it.more_keys(order, keys);
        }
        if let Command::RecordPayment(it) = self {
            it.more_keys(order, keys);
        }
        if let Some(effect) = self.ends_intent().and_then(|id| world.effects.get(id)) {
            keys.idempotency.extend(&effect.keys);
        }
    }

    fn cart_keys(&self, world: &World, keys: &mut Keys) {
        if let Command::PutCart(it) = self {
            it.more_keys(world, keys);
        } else if let Command::PutCartItems(it) = self {
            it.more_keys(world, keys);
        } else if let Command::OrderCart(it) = self {
            it.more_keys(world, keys);
        }
    }

    /// The rows in which an order is counted that is placed, or whose person is erased.
    fn velocity_keys(&self, world: &World, keys: &mut Keys) {
        if let Command::PlaceOrder(it) = self {
            it.velocity_keys(world, keys);
        } else if let Command::OrderCart(it) = self {
            it.velocity_keys(world, keys);
        } else if let Command::ErasePerson(it) = self {
            it.velocity_keys(world, keys);
        }
    }

    /// Whether all that it has to look at was loaded. Commands before it in the batch may have made
    /// or changed the cart, order, rules or people that tell what that is; then it has to be
    /// decided in a batch of its own.
    pub fn has_its_facts(&self, world: &World) -> bool {
        let mut keys = Keys::default();
        self.more_keys(world, &mut keys);
        !keys.retain_unloaded(world)
    }

    /// The effect for whose intent requests may wait.
    fn ends_intent(&self) -> Option<&EffectId> {
        if let Command::RecordIntent(it) = self {
            return Some(&it.effect);
        }
        if let Command::FailIntent(it) = self {
            return Some(&it.effect);
        }
        None
    }

    /// How many rows it writes, about: batches are bounded by rows.
    pub fn weight(&self) -> usize {
        match self {
            Command::PlaceOrder(it) => 4 + 2 * it.items.len() + usize::from(it.prepay),
            Command::CreateCart(it) => 1 + it.contents.items.len(),
            Command::PutCart(it) => 1 + it.contents.items.len(),
            Command::PutCartItems(it) => 1 + it.items.len(),
            // How many items it has is known once it is loaded.
            Command::OrderCart(_) => ORDERED_CART_WEIGHT,
            Command::CreateTempCart(it) => 1 + it.lines.len(),
            Command::ClaimEffects(it) => it.effects.len(),
            Command::ImportProduct(it) => 2 + 2 * it.counted.len(),
            Command::EraseCustomer(it) => 4 + it.carts.len(),
            Command::EraseCarts(it) => 1 + it.carts.len(),
            Command::ForgetAnswers(it) => it.keys.len(),
            Command::ConfirmOrder(_)
            | Command::CancelOrder(_)
            | Command::ShipOrder(_)
            | Command::DeliverOrder(_)
            | Command::CreateShipment(_)
            | Command::UpdateShipment(_)
            | Command::SetTracking(_)
            | Command::SetMerchantOrderId(_)
            | Command::SetVendorStatus(_)
            | Command::CollectPayment(_)
            | Command::ReopenOrder(_)
            | Command::HoldOrder(_)
            | Command::ReleaseOrder(_)
            | Command::ReviewOrder(_)
            | Command::ExpireOrder(_)
            | Command::StartPayment(_)
            | Command::RecordIntent(_)
            | Command::FailIntent(_)
            | Command::RecordPayment(_)
            | Command::RequestRefund(_)
            | Command::RecordRefund(_)
            | Command::RetryEffect(_)
            | Command::DeleteCart(_)
            | Command::PutBuyer(_)
            | Command::PutProduct(_)
            | Command::DeleteProduct(_)
            | Command::SetStock(_)
            | Command::AdjustStock(_)
            | Command::PutDeliveryMethod(_)
            | Command::DeleteDeliveryMethod(_)
            | Command::CreateClient(_)
            | Command::RemoveClient(_)
            | Command::PutStore(_)
            | Command::PutReviewRules(_)
            | Command::RotateSecret(_)
            | Command::PutCustomer(_)
            | Command::ErasePerson(_)
            | Command::EndErasure(_) => 4,
        }
    }

    /// The existing order that the command is about.
    fn order(&self) -> Option<OrderNo> {
        match self {
            Command::ConfirmOrder(it) => Some(it.order),
            Command::CancelOrder(it) => Some(it.order),
            Command::ShipOrder(it) => Some(it.order),
            Command::DeliverOrder(it) => Some(it.order),
            Command::CreateShipment(it) => Some(it.order),
            Command::UpdateShipment(it) => Some(it.order),
            Command::SetTracking(it) => Some(it.order),
            Command::SetMerchantOrderId(it) => Some(it.order),
            Command::SetVendorStatus(it) => Some(it.order),
            Command::CollectPayment(it) => Some(it.order),
            Command::ReopenOrder(it) => Some(it.order),
            Command::HoldOrder(it) => Some(it.order),
            Command::ReleaseOrder(it) => Some(it.order),
            Command::ReviewOrder(it) => Some(it.order),
            Command::ExpireOrder(it) => Some(it.order),
            Command::StartPayment(it) => Some(it.order),
            Command::RecordIntent(it) => Some(it.order),
            Command::FailIntent(it) => Some(it.order),
            Command::RecordPayment(it) => Some(it.order),
            Command::RequestRefund(it) => Some(it.order),
            Command::RecordRefund(it) => Some(it.order),
            Command::PlaceOrder(_)
            | Command::ClaimEffects(_)
            | Command::RetryEffect(_)
            | Command::CreateCart(_)
            | Command::PutCart(_)
            | Command::PutCartItems(_)
            | Command::DeleteCart(_)
            | Command::OrderCart(_)
            | Command::CreateTempCart(_)
            | Command::PutBuyer(_)
            | Command::PutProduct(_)
            | Command::ImportProduct(_)
            | Command::DeleteProduct(_)
            | Command::SetStock(_)
            | Command::AdjustStock(_)
            | Command::PutDeliveryMethod(_)
            | Command::DeleteDeliveryMethod(_)
            | Command::CreateClient(_)
            | Command::RemoveClient(_)
            | Command::PutStore(_)
            | Command::PutReviewRules(_)
            | Command::RotateSecret(_)
            | Command::PutCustomer(_)
            | Command::EraseCustomer(_)
            | Command::ErasePerson(_)
            | Command::EraseCarts(_)
            | Command::ForgetAnswers(_)
            | Command::EndErasure(_) => None,
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
    /// The hash of a store's new secret; no log has it.
    pub secret: Option<(StoreId, SecretHash)>,
    /// What becomes of what is known of a person; no log has it.
    pub personal: Option<PersonalChange>,
    /// What becomes of a cart; carts have no events.
    pub cart: Option<CartChange>,
    /// What becomes of the rows by which orders are counted; no log has them.
    pub velocities: Vec<VelocityChange>,
    /// What shall happen outside from now on.
    pub wishes: Vec<Wish>,
    /// Effects that are claimed or put off.
    pub effects: Vec<(EffectId, EffectChange)>,
    /// The effect that has come to its end by this.
    pub closes: Option<(EffectId, EffectState)>,
    /// What the caller is told though something was recorded: the answer is a refusal, and no key
    /// remembers it.
    pub refusal: Option<Refusal>,
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
            secret: None,
            personal: None,
            cart: None,
            velocities: Vec::new(),
            wishes: Vec::new(),
            effects: Vec::new(),
            closes: None,
            refusal: None,
            outcome: Outcome::Order(order),
        }
    }

    /// Nothing that anybody is told of.
    pub(crate) fn unchanged(order: &Order) -> Decision {
        let outcome = Outcome::Recorded;
        Decision { outcome, ..Decision::on_order(order.store, order.no, Vec::new()) }
    }

    pub(crate) fn on_effects(effects: Vec<(EffectId, EffectChange)>, outcome: Outcome) -> Decision {
        Decision {
            store: StoreId::FIRST,
            order: None,
            events: Vec::new(),
            admin_events: Vec::new(),
            person: None,
            secret: None,
            personal: None,
            cart: None,
            velocities: Vec::new(),
            wishes: Vec::new(),
            effects,
            closes: None,
            refusal: None,
            outcome,
        }
    }

    pub(crate) fn on_cart(store: StoreId, change: CartChange, outcome: Outcome) -> Decision {
        Decision { store, cart: Some(change), ..Decision::on_effects(Vec::new(), outcome) }
    }

    pub(crate) fn on_catalogue(event: AdminEvent, outcome: Outcome) -> Decision {
        Decision { admin_events: vec![event], ..Decision::on_effects(Vec::new(), outcome) }
    }
}

/// A row by which orders are counted, as it is from now on; absent: it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VelocityChange {
    pub key: VelocityKey,
    pub row: Option<Velocity>,
}

/// What the caller gets to see. The thing itself stands in the world, as the command left it.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Order(OrderNo),
    /// The answer comes with the end of this effect.
    Awaits(EffectId),
    /// The refund of this id, in its order.
    Refund {
        order: OrderNo,
        id: String,
    },
    /// The shipment of this id, in its order.
    Shipment {
        order: OrderNo,
        id: String,
    },
    Claimed(Vec<EffectId>),
    Cart {
        key: CartKey,
        created: bool,
    },
    CartDeleted(CartKey),
    /// Something inside that nobody is told of.
    Recorded,
    Product {
        id: ProductId,
        created: bool,
    },
    ProductDeleted(ProductId),
    Stock(StockKey),
    DeliveryMethod {
        id: DeliveryMethodId,
        created: bool,
    },
    DeliveryMethodDeleted(DeliveryMethodId),
    /// Made, or removed.
    Client(ClientId),
    Store {
        id: StoreId,
        created: bool,
    },
    /// The rules of this store.
    ReviewRules(StoreId),
    Customer {
        id: CustomerId,
        created: bool,
    },
    CustomerErased(CustomerId),
}
