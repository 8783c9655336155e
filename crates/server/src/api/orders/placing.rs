//! What the body of a placing call says, in either spelling.

use std::collections::BTreeMap;

use domain::{
    CartId, Command, CustomerId, Decimal, DeliveryMethodId, ProductId, Quantity, StoreId,
    VariantId,
    address::{Address, Contact, Person},
    cart::{CartKey, order::OrderCart, outside::Outside},
    country::Country,
    order::{
        PaymentMethod,
        place::{Item, PlaceOrder},
    },
};

use crate::{
    auth::Right,
    call::Call,
    json::{
        ADDRESS, Faults, Field, Fields, Json, Names, Nullable, SHIPPING_ADDRESS, Style, USER_ID,
        ZIP,
    },
    problem::Problem,
    refused,
};

pub(crate) const ITEMS_MAX: usize = 500;

const NOTES_LENGTH_MAX: usize = 2000;
const TEXT_LENGTH_MAX: usize = 200;

const PAYMENT_METHODS: [(&str, PaymentMethod); 4] = [
    ("credit_card", PaymentMethod::CreditCard),
    ("cash_on_delivery", PaymentMethod::CashOnDelivery),
    ("invoice", PaymentMethod::Invoice),
    ("bank_transfer", PaymentMethod::BankTransfer),
];

/// A placing body without faults of its own.
pub(super) struct Placing {
    pub(super) style: Style,
    customer: Nullable<CustomerId>,
    store: Option<StoreId>,
    source: Source,
    delivery_method: Option<DeliveryMethodId>,
    payment_method: PaymentMethod,
    prepay: bool,
    person: Person,
    metadata: BTreeMap<String, String>,
}

/// Where an order's items come from.
enum Source {
    Items(Vec<Item>),
    Cart(CartId),
}

/// What is to be ordered, by whom it may be.
pub(super) enum Ordered {
    Items(Box<PlaceOrder>),
    Cart(Box<OrderCart>),
}

impl Ordered {
    pub(super) fn into_command(self) -> Command {
        match self {
            Ordered::Items(place) => Command::PlaceOrder(place),
            Ordered::Cart(order) => Command::OrderCart(order),
        }
    }
}

/// When an order is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Terms {
    Prepaid,
    /// Whether its method can be paid later is for the domain to say.
    Later,
}

impl Terms {
    fn usual_method(self) -> PaymentMethod {
        match self {
            Terms::Prepaid => PaymentMethod::CreditCard,
            Terms::Later => PaymentMethod::CashOnDelivery,
        }
    }
}

/// Who may order for anyone must say for whom.
pub(super) fn read(
    tree: &Json<'_>,
    faults: &Faults,
    must_name_customer: bool,
    terms: Terms,
) -> Option<Placing> {
    let style = Style::spoken_in(tree);
    let body = Fields::of_document(tree, style, faults)?;
    let customer = body.optional(USER_ID);
    if must_name_customer && customer.is_absent() {
        customer.fault("required", "is required: a customer's id, or null for a guest");
    }
    let customer = customer.nullable(|it| id(it));
    let store = store_id(body.optional("store_id"));
    let source = source(&body, terms);
    let delivery_method = id(body.optional("delivery_method_id"));
    let named_method = body.optional("payment_method");
    let payment_method = named_method.one_of(&PAYMENT_METHODS).unwrap_or(terms.usual_method());
    if terms == Terms::Prepaid && !payment_method.is_prepaid() {
        named_method.fault("not_prepaid", "must be a method that is prepaid, such as credit_card");
    }
    let person = Person {
        shipping_address: address(body.optional(SHIPPING_ADDRESS)),
        billing_address: address(body.optional("billing_address")),
        contact: contact(body.optional("contact")),
        notes: owned(body.optional("notes").string(0..=NOTES_LENGTH_MAX)),
    };
    let metadata = body.optional("metadata").string_map().unwrap_or_default();
    Some(Placing {
        style,
        customer,
        store,
        source: source?,
        delivery_method,
        payment_method,
        prepay: terms == Terms::Prepaid,
        person,
        metadata: metadata.into_iter().map(|(key, it)| (key.into(), it.into())).collect(),
    })
}

impl Placing {
    /// What to order, once it is known that the caller may place for this customer in this store.
    pub(super) fn into_order(self, call: &Call) -> Result<Ordered, Problem> {
        let for_anyone = call.caller.may(Right::WriteAnyOrder);
        let customer = buyer(call, self.customer)?;
        let store = store(call, self.store)?;
        let mut person = self.person;
        let email = if for_anyone { None } else { owned(call.caller.email()) };
        let items = match self.source {
            Source::Items(items) => items,
            Source::Cart(id) => {
                return Ok(Ordered::Cart(Box::new(OrderCart {
                    cart: CartKey { owner: customer, id },
                    outside: Outside::Nothing,
                    store,
                    delivery_method: self.delivery_method,
                    payment_method: self.payment_method,
                    person: Box::new(person),
                    email,
                    metadata: self.metadata,
                    total: None,
                })));
            }
        };
        let store = store.unwrap_or(StoreId::FIRST);
        require_store(call, store)?;
        person.contact.email = person.contact.email.or(email);
        Ok(Ordered::Items(Box::new(PlaceOrder {
            store,
            customer,
            items,
            delivery_method: self.delivery_method,
            payment_method: self.payment_method,
            prepay: self.prepay,
            person: Box::new(person),
            metadata: self.metadata,
        })))
    }
}

/// For whom the caller may do something in whose name: without one, customers do it for
/// themselves and others for a guest.
pub(crate) fn buyer(
    call: &Call,
    named: Nullable<CustomerId>,
) -> Result<Option<CustomerId>, Problem> {
    let for_anyone = call.caller.may(Right::WriteAnyOrder);
    match named {
        Nullable::Value(id) if for_anyone => Ok(Some(id)),
        Nullable::Value(id) if id == call.customer()? => Ok(Some(id)),
        Nullable::Value(_) => Err(refused::another_customer()),
        Nullable::Null | Nullable::Absent if for_anyone => Ok(None),
        Nullable::Null => Err(refused::another_customer()),
        Nullable::Absent => Ok(Some(call.customer()?)),
    }
}

/// The store that is named, else the token's.
pub(crate) fn store(call: &Call, named: Option<StoreId>) -> Result<Option<StoreId>, Problem> {
    let for_anyone = call.caller.may(Right::WriteAnyOrder);
    let of_token = call.caller.store().and_then(|it| u32::try_from(it).ok()).map(StoreId);
    let store = match (named, of_token) {
        (Some(store), of_token) if !for_anyone && Some(store) != of_token => {
            return Err(refused::another_store());
        }
        (Some(store), _) | (None, Some(store)) => Some(store),
        (None, None) => None,
    };
    if let Some(store) = store {
        require_store(call, store)?;
    }
    Ok(store)
}

pub(crate) fn require_store(call: &Call, store: StoreId) -> Result<(), Problem> {
    if call.caller.may_use_store(store.0.into()) {
        return Ok(());
    }
    Err(refused::another_store())
}

/// What is paid with its placing has items; a cart's order is paid later, or asks for its intent.
fn source(body: &Fields<'_, '_>, terms: Terms) -> Option<Source> {
    let cart = body.optional("cart_id");
    let is_from_cart = terms == Terms::Later && cart.is_present();
    if !is_from_cart {
        let items = body.required("items").array(1..=ITEMS_MAX)?;
        return Some(Source::Items(items.iter().filter_map(item).collect()));
    }
    if body.optional("items").is_present() {
        cart.fault("cart_or_items", "must not stand beside items");
    }
    id(cart).map(Source::Cart)
}

fn item(field: Field<'_, '_>) -> Option<Item> {
    let item = field.object()?;
    let product = id::<ProductId>(item.required("product_id"));
    let variant = id::<VariantId>(item.optional("variant_id"));
    let quantity = item.required("quantity").integer(1..=Quantity::MAX.into());
    let price = decimal(item.optional("price"));
    let quantity = Quantity::new(u32::try_from(quantity?).ok()?)?;
    Some(Item { product: product?, variant, quantity, price })
}

pub(crate) fn store_id(field: Field<'_, '_>) -> Option<StoreId> {
    let number = field.integer(1..=u32::MAX.into())?;
    u32::try_from(number).ok().map(StoreId)
}

pub(crate) fn address(field: Field<'_, '_>) -> Option<Address> {
    let fields = field.is_present().then(|| field.object()).flatten()?;
    let text = |names: Names| owned(fields.optional(names).string(1..=TEXT_LENGTH_MAX));
    let address = owned(fields.required(ADDRESS).string(1..=TEXT_LENGTH_MAX));
    let city = owned(fields.required("city").string(1..=TEXT_LENGTH_MAX));
    let country = fields.required("country");
    let country = country.parse(country.string(1..=TEXT_LENGTH_MAX), "unknown_country", |text| {
        Country::parse(text).ok_or("must be an ISO 3166 code or the English name of a country")
    });
    let needed = |names: Names, needed: bool| {
        let field = if needed { fields.required(names) } else { fields.optional(names) };
        owned(field.string(1..=TEXT_LENGTH_MAX))
    };
    let state = needed("state".into(), country.is_some_and(Country::needs_state));
    let zip = needed(ZIP, country.is_some_and(Country::has_zip));
    let address = Address {
        name: text("name".into()),
        company: text("company".into()),
        address2: text("address2".into()),
        phone: text("phone".into()),
        address: address?,
        city: city?,
        state,
        zip,
        country: country?,
    };
    Some(address)
}

pub(crate) fn contact(field: Field<'_, '_>) -> Contact {
    let Some(fields) = field.is_present().then(|| field.object()).flatten() else {
        return Contact::default();
    };
    let email = email(fields.optional("email"));
    Contact { email, phone: owned(fields.optional("phone").string(1..=50)) }
}

pub(crate) fn email(field: Field<'_, '_>) -> Option<String> {
    field.parse(field.string(3..=254), "invalid_email", |text| {
        let is_email = text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@')
        });
        if is_email { Ok(text.to_owned()) } else { Err("must be an e-mail address") }
    })
}

/// One of the caller's own ids, as the domain's kind of it.
pub(crate) fn id<T: std::str::FromStr>(field: Field<'_, '_>) -> Option<T> {
    field.id()?.parse().ok()
}

pub(crate) fn decimal(field: Field<'_, '_>) -> Option<Decimal> {
    field.parse(field.decimal(), "invalid_amount", |text| {
        text.parse().map_err(|_| "must be an amount that can be counted")
    })
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(Into::into)
}
