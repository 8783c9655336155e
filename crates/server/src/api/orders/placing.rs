//! What the body of a placing call says, in either spelling.

use std::collections::BTreeMap;

use domain::{
    CustomerId, Decimal, DeliveryMethodId, ProductId, Quantity, StoreId, VariantId,
    address::{Address, Contact, Person},
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

pub(super) const ITEMS_MAX: usize = 500;

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
    items: Vec<Item>,
    delivery_method: Option<DeliveryMethodId>,
    payment_method: PaymentMethod,
    person: Person,
    metadata: BTreeMap<String, String>,
}

/// Who may order for anyone must say for whom.
pub(super) fn read(tree: &Json<'_>, faults: &Faults, must_name_customer: bool) -> Option<Placing> {
    let style = Style::spoken_in(tree);
    let body = Fields::of_document(tree, style, faults)?;
    let customer = body.optional(USER_ID);
    if must_name_customer && customer.is_absent() {
        customer.fault("required", "is required: a customer's id, or null for a guest");
    }
    let customer = customer.nullable(|it| id(it));
    let store = body.optional("store_id").integer(1..=u32::MAX.into());
    let items = body.required("items").array(1..=ITEMS_MAX);
    let items: Option<Vec<_>> = items.map(|items| items.iter().filter_map(item).collect());
    let delivery_method = id(body.optional("delivery_method_id"));
    let payment_method = body.optional("payment_method").one_of(&PAYMENT_METHODS);
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
        store: store.and_then(|it| u32::try_from(it).ok()).map(StoreId),
        items: items?,
        delivery_method,
        payment_method: payment_method.unwrap_or(PaymentMethod::CashOnDelivery),
        person,
        metadata: metadata.into_iter().map(|(key, it)| (key.into(), it.into())).collect(),
    })
}

impl Placing {
    /// The command, once it is known that the caller may place for this customer in this store.
    pub(super) fn into_command(self, call: &Call) -> Result<PlaceOrder, Problem> {
        let for_anyone = call.caller.may(Right::WriteAnyOrder);
        let customer = match self.customer {
            Nullable::Value(id) if for_anyone => Some(id),
            Nullable::Value(id) if id == call.customer()? => Some(id),
            Nullable::Value(_) => return Err(refused::another_customer()),
            Nullable::Null if for_anyone => None,
            Nullable::Null => return Err(refused::another_customer()),
            Nullable::Absent => Some(call.customer()?),
        };
        let of_token = call.caller.store().and_then(|it| u32::try_from(it).ok()).map(StoreId);
        let store = match (self.store, of_token) {
            (Some(store), of_token) if !for_anyone && Some(store) != of_token => {
                return Err(refused::another_store());
            }
            (Some(store), _) | (None, Some(store)) => store,
            (None, None) => StoreId::FIRST,
        };
        if !call.caller.may_use_store(store.0.into()) {
            return Err(refused::another_store());
        }
        let mut person = self.person;
        if !for_anyone {
            person.contact.email = person.contact.email.or_else(|| owned(call.caller.email()));
        }
        Ok(PlaceOrder {
            store,
            customer,
            items: self.items,
            delivery_method: self.delivery_method,
            payment_method: self.payment_method,
            person: Box::new(person),
            metadata: self.metadata,
        })
    }
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

fn address(field: Field<'_, '_>) -> Option<Address> {
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

fn contact(field: Field<'_, '_>) -> Contact {
    let Some(fields) = field.is_present().then(|| field.object()).flatten() else {
        return Contact::default();
    };
    let email = fields.optional("email");
    let email = email.parse(email.string(3..=254), "invalid_email", |text| {
        let is_email = text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@')
        });
        if is_email { Ok(text.to_owned()) } else { Err("must be an e-mail address") }
    });
    Contact { email, phone: owned(fields.optional("phone").string(1..=50)) }
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
