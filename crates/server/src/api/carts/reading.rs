//! What the body of a cart says, in either spelling. Fields that are not known are ignored, so
//! what GET shows may be put back.

use domain::{
    ProductId, Quantity, VariantId,
    address::Person,
    cart::{CartItem, Contents},
};

use crate::{
    api::orders::{
        id,
        placing::{ITEMS_MAX, address, contact},
    },
    json::{Field, Fields, SHIPPING_ADDRESS},
};

pub(super) fn contents(body: &Fields<'_, '_>) -> Contents {
    let items = items(body.optional("items"));
    let delivery_method = id(body.optional("delivery_method_id"));
    let person = Person {
        shipping_address: address(body.optional(SHIPPING_ADDRESS)),
        billing_address: address(body.optional("billing_address")),
        contact: contact(body.optional("contact")),
        notes: None,
    };
    Contents { items: items.unwrap_or_default(), delivery_method, person }
}

pub(super) fn items(field: Field<'_, '_>) -> Option<Vec<CartItem>> {
    let items = field.array(0..=ITEMS_MAX)?;
    Some(items.iter().filter_map(item).collect())
}

fn item(field: Field<'_, '_>) -> Option<CartItem> {
    let item = field.object()?;
    let product = id::<ProductId>(item.required("product_id"));
    let variant = id::<VariantId>(item.optional("variant_id"));
    let quantity = item.required("quantity").integer(1..=Quantity::MAX.into());
    let quantity = Quantity::new(u32::try_from(quantity?).ok()?)?;
    Some(CartItem { product: product?, variant, quantity })
}
