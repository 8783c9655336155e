//! A cart that is not here is asked for outside, if somebody keeps carts there. What it has is read
//! by the rules for carts here; what it comes to is for the domain to say.

use domain::{
    CartId, CustomerId, Keys,
    cart::{
        CartKey, CartStatus,
        outside::{Outside, OutsideCart},
    },
};
use engine::cart::CartError;

use super::reading;
use crate::{
    api::orders::placing::{ITEMS_MAX, store_id},
    app::App,
    json::{
        Faults, FieldError, Fields, Nullable, Style, USER_ID, card_walk::refuse_card_data, parse,
    },
    problem::Problem,
    refused,
};

const STATUSES: [(&str, CartStatus); 2] =
    [("open", CartStatus::Open), ("ordered", CartStatus::Ordered)];

/// One that is here is not asked for: it counts, also once it was ordered.
pub(crate) async fn ask(app: &App, key: &CartKey) -> Result<Outside, Problem> {
    if !app.engine.has_cart_service() {
        return Ok(Outside::Nothing);
    }
    let mut keys = Keys::default();
    keys.carts.insert(key.clone());
    let found = app.reads().cart_facts(keys).await.map_err(refused::store)?;
    let now = app.engine.clock().now();
    if found.carts.get(key).is_some_and(|it| it.is_there(now)) {
        return Ok(Outside::Nothing);
    }
    Ok(match app.engine.ask_for_cart(&key.id, app.settings.cart_patience).await {
        Ok(document) => read(&document, &key.id).unwrap_or_else(|faults| {
            // What stands there may be personal, so only where it stands is told.
            let faults: Vec<_> = faults.iter().map(|it| (&it.pointer, it.code)).collect();
            tracing::warn!(cart = %key.id, ?faults, "the cart service has told what is no cart");
            Outside::Unreadable
        }),
        Err(CartError::Unknown) => Outside::Nothing,
        Err(CartError::Unavailable(why)) => {
            tracing::warn!(why, "the cart service does not answer");
            Outside::Silent
        }
        Err(CartError::Unreadable(why)) => {
            tracing::warn!(why, "the cart service has told what is no cart");
            Outside::Unreadable
        }
    })
}

fn read(document: &[u8], id: &CartId) -> Result<Outside, Vec<FieldError>> {
    let tree = parse(document)?;
    let faults = Faults::default();
    refuse_card_data(&tree, &faults);
    let cart = cart(&Fields::of_document(&tree, Style::spoken_in(&tree), &faults), id);
    match cart {
        Some(cart) if faults.is_empty() => Ok(Outside::Cart(Box::new(cart))),
        Some(_) | None => Err(faults.into_list()),
    }
}

fn cart(body: &Option<Fields<'_, '_>>, id: &CartId) -> Option<OutsideCart> {
    let body = body.as_ref()?;
    refused::own_id(body, "cart_id", Some(id.clone()));
    let owner = body.optional(USER_ID).nullable(|it| it.id()?.parse::<CustomerId>().ok());
    let owner = match owner {
        Nullable::Value(owner) => Some(owner),
        Nullable::Null | Nullable::Absent => None,
    };
    let status = body.optional("status").one_of(&STATUSES).unwrap_or(CartStatus::Open);
    body.required("items").array(0..=ITEMS_MAX);
    let store = store_id(body.optional("store_id"));
    Some(OutsideCart { owner, store, status, contents: reading::contents(body) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> CartId {
        "c".parse().expect("it is an id")
    }

    fn read_whole(document: &str) -> OutsideCart {
        match read(document.as_bytes(), &id()) {
            Ok(Outside::Cart(cart)) => *cart,
            other => panic!("{document}: {other:?}"),
        }
    }

    #[test]
    fn either_spelling_is_read() {
        let own = read_whole(
            r#"{"cart_id": "c", "user_id": "jane", "store_id": 2, "status": "ordered",
                "items": [{"product_id": "p", "variant_id": null, "quantity": 2, "price": 1.00}],
                "delivery_method_id": "slow", "shipping_address": null, "version": 7}"#,
        );
        let other = read_whole(
            r#"{"cartId": "c", "customerId": "jane", "storeId": 2, "status": "ordered",
                "items": [{"productId": "p", "quantity": 2}], "deliveryMethodId": "slow"}"#,
        );
        assert_eq!(own, other);
        assert_eq!(own.owner, "jane".parse().ok());
        let bare = read_whole(r#"{"items": []}"#);
        assert_eq!((bare.owner, bare.store, bare.status), (None, None, CartStatus::Open));
    }

    #[test]
    fn what_is_no_cart_is_told_by_place() {
        let check = |document: &str, expected: &[(&str, &str)]| {
            let faults = read(document.as_bytes(), &id()).expect_err(document);
            let faults: Vec<_> = faults.iter().map(|it| (it.pointer.as_str(), it.code)).collect();
            assert_eq!(faults, expected, "{document}");
        };
        check("", &[("", "invalid_json")]);
        check("<html>", &[("", "invalid_json")]);
        check("[]", &[("", "invalid_type")]);
        check("{}", &[("/items", "required")]);
        check(r#"{"items": null}"#, &[("/items", "required")]);
        check(r#"{"cart_id": "d", "items": []}"#, &[("/cart_id", "id_mismatch")]);
        check(
            r#"{"items": [{"product_id": "p", "quantity": 0}]}"#,
            &[("/items/0/quantity", "out_of_range")],
        );
        check(
            r#"{"user_id": 7, "items": [], "status": "gone"}"#,
            &[("/user_id", "invalid_type"), ("/status", "unknown_value")],
        );
        check(
            r#"{"items": [], "contact": {"email": "j@x"},
                "billing_address": {"address": "4111 1111 1111 1111", "city": "Oslo",
                                    "zip": "1", "country": "NO"}}"#,
            &[("/billing_address/address", "card_data_refused")],
        );
    }
}
