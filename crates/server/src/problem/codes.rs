//! Every code that a problem may have: its status, what it means, and what to do about it.
//!
//! Programs look at codes, so one is never renamed, and it has one status for ever. The description
//! and the pages behind `type` are made of this table. A problem whose code is not in it fails in
//! the first test that meets it, and a test looks for codes that no test has met.

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    pub name: &'static str,
    pub status: u16,
    /// A sentence without its full stop. Names of fields stand in back-quotes.
    pub meaning: &'static str,
    /// Sentences for whoever writes or operates the client.
    pub remedy: &'static str,
}

/// In the order of their names.
pub const CODES: &[Code] = &[
    code(
        "already_paid",
        400,
        "The order has been paid before",
        "Nothing is left to be paid. Read the order, and go on as after a payment.",
    ),
    code(
        "amount_too_large",
        400,
        "A sum is larger than can be counted",
        "Look for a wrong unit: money is in major units, `75.00` and not `7500`. Else split the \
         order.",
    ),
    code(
        "amount_too_small",
        400,
        "The total is below what the payment provider takes",
        "Let the customer add something, or choose a method that is not prepaid.",
    ),
    code(
        "body_incomplete",
        400,
        "The body ended too early",
        "Nothing was done. Send the request again, with the same Idempotency-Key.",
    ),
    code(
        "body_required",
        400,
        "The call needs a body",
        "Send a JSON document, with its `Content-Type`.",
    ),
    code(
        "body_too_large",
        413,
        "The body has more than 256 KiB",
        "Send less at once. A catalogue goes by `POST /api/products/import`, which has no bound.",
    ),
    code(
        "card_data_refused",
        400,
        "Card data stands where it must not; nothing of it is stored",
        "Take the card's number out of the field that `errors` names. Cards are given to the \
         payment provider alone, by the customer's browser.",
    ),
    code(
        "cart_already_ordered",
        409,
        "The cart has become an order; `order_id` says which",
        "Read that order. For another one, make a new cart.",
    ),
    code(
        "cart_empty",
        400,
        "There is nothing in the cart",
        "Put items into it before it is ordered.",
    ),
    code(
        "cart_exists",
        409,
        "The caller has a cart of that id already",
        "Change it by PUT, or leave `cart_id` out to be given a new id.",
    ),
    code(
        "cart_not_found",
        404,
        "There is no such cart for this caller, or it has run out",
        "Make a new one. Staff and integrations name the customer by `user_id`; without it the \
         cart is a guest's.",
    ),
    code(
        "cart_service_unavailable",
        503,
        "The outside cart service does not answer",
        "Nothing was done. Send the request again after the time in `Retry-After`, with the same \
         Idempotency-Key. If it stays so, look at the cart service.",
    ),
    code(
        "cart_unreadable",
        502,
        "The outside cart service has answered what is no cart",
        "Operators look at the service that `cart.url` names; the log says what is wrong.",
    ),
    code(
        "client_not_found",
        404,
        "There is no such client, or it was removed",
        "Look into `GET /api/clients`.",
    ),
    code(
        "currency_mismatch",
        400,
        "The product is priced in another currency than the store's",
        "Price the product in the store's currency, or leave it out of the order.",
    ),
    code(
        "customer_has_open_orders",
        409,
        "Orders that are open still need their address",
        "End these orders first: deliver or cancel them. Then erase the customer again.",
    ),
    code(
        "customer_not_found",
        404,
        "The customer must be registered and is not",
        "This shop knows its customers beforehand (`customers.auto_register` is off): register the \
         customer first.",
    ),
    code(
        "delivery_method_incompatible",
        400,
        "The method does not serve the address or the goods",
        "Choose another one: `GET /api/delivery-methods?country=` lists those that serve it.",
    ),
    code(
        "delivery_method_not_found",
        404,
        "There is no such delivery method",
        "Look at `GET /api/delivery-methods`, or leave the method out: then it is the cheapest \
         that suits.",
    ),
    code(
        "duplicate_key",
        400,
        "A key stands twice in an object",
        "Mend what writes the body: which of the two is meant can't be known.",
    ),
    code(
        "forbidden",
        403,
        "The token does not give the right, or another customer or store is named",
        "Ask for a token with the scope that the call needs, or name nobody else.",
    ),
    code(
        "idempotency_key_in_use",
        409,
        "The first request with the key still waits for its outcome",
        "Send the same request again after `Retry-After`: it gets the outcome of the first one.",
    ),
    code(
        "idempotency_key_invalid",
        400,
        "The key is not 1 to 255 visible characters, given once",
        "Use something like a UUID, one for each thing that shall happen once.",
    ),
    code(
        "idempotency_key_required",
        400,
        "This server wants a key with every change",
        "Send an `Idempotency-Key`, and the same one with each repeat of the request.",
    ),
    code(
        "idempotency_key_reused",
        422,
        "The key was used for another request",
        "A key belongs to one request: to its method, path, query and body. Take a new one for \
         another request.",
    ),
    code(
        "insufficient_stock",
        400,
        "There is less than is asked for",
        "The sentence says how much there is. Order less, or come again when there is more.",
    ),
    code(
        "intent_already_processed",
        409,
        "The payment can't become that any more; the sentence says why",
        "Read the intent: it has ended otherwise.",
    ),
    code(
        "intent_not_found",
        404,
        "The payment sandbox has no such intent",
        "The intent's id is the part of the client secret before `_secret_`.",
    ),
    code(
        "internal_error",
        500,
        "A fault of the server",
        "Nothing is known to be done. Try again with the same Idempotency-Key; if it stays, look \
         for the request's id (`instance`) in the server's log.",
    ),
    code(
        "invalid_cursor",
        400,
        "The cursor is not of this list with this filter and sort",
        "Hand back `next_cursor` as it came, with the same filter and sort, or begin at the first \
         page.",
    ),
    code(
        "invalid_header",
        400,
        "A precondition or `Last-Event-ID` is malformed",
        "A version is an ETag as it came, in quotes: `\"3\"`. `Last-Event-ID` is a number.",
    ),
    code("invalid_json", 400, "The body is no JSON", "The sentence says where it goes wrong."),
    code(
        "invalid_token",
        401,
        "The token is not valid or has expired",
        "Get a new one. Look at the clocks if it is new.",
    ),
    code("invalid_utf8", 400, "The body is not UTF-8", "Write the body in UTF-8."),
    code(
        "invoice_prefix_taken",
        409,
        "Another store's documents are called so, or were",
        "Choose another prefix: numbers of documents must tell the stores apart.",
    ),
    code(
        "method_not_allowed",
        405,
        "The address does not know the method",
        "`Allow` lists those that it knows. An order is never changed as a whole: cancel it and \
         place a new one.",
    ),
    code(
        "nesting_too_deep",
        400,
        "The body is nested deeper than 32",
        "No call takes such a document: look at what writes it.",
    ),
    code(
        "not_prepaid",
        400,
        "The shop collects the money of this order, not its customer",
        "There is nothing to do for the customer. Staff tell the shop that it has been collected.",
    ),
    code(
        "nothing_to_ship",
        409,
        "All of the order was shipped or cancelled",
        "Read the order: its items say how many of each were shipped and cancelled.",
    ),
    code(
        "order_already_processed",
        409,
        "The order's status does not allow it; `current_status` says which",
        "Read the order. Orders move from pending to confirmed to shipped to delivered; pending \
         ones, and confirmed ones of which nothing was shipped, may be cancelled.",
    ),
    code(
        "order_not_found",
        404,
        "There is no such order for this caller",
        "Customers see their own orders alone. Check the id, and whose token it is.",
    ),
    code("order_not_on_hold", 409, "The order is not on hold", "Nothing has to be released."),
    code(
        "order_not_under_review",
        409,
        "Nobody has to decide over the order, or somebody has",
        "Read the order: its `review_status` says what was decided.",
    ),
    code(
        "order_on_hold",
        409,
        "The order is on hold",
        "Staff look at why (the order's events tell), and release it.",
    ),
    code(
        "order_partially_shipped",
        409,
        "A part of the order has been shipped",
        "It can't be cancelled any more. Refund what shall not be paid for.",
    ),
    code("order_under_review", 409, "The order is under review", "Wait until staff have decided."),
    code(
        "overloaded",
        503,
        "Too many changes are waiting, or too many streams are open",
        "Nothing was done. Come again after `Retry-After`, with the same Idempotency-Key, and with \
         growing pauses.",
    ),
    code(
        "payment_initialization_failed",
        500,
        "The payment provider has made no intent; the sentence ends with its message",
        "The order that was to be paid is cancelled and its stock is free. The same request may be \
         sent again, with the same key.",
    ),
    code(
        "payment_mismatch",
        409,
        "What was paid is not what the order asks for; it is on hold",
        "Staff compare the order with the provider's books, refund or confirm, and release it.",
    ),
    code(
        "payment_not_completed",
        400,
        "The provider does not have the money yet; `provider_status` says how it stands",
        "Let the customer finish the payment, and ask again. After a decline \
         `POST /api/orders/{id}/payments` gives a new client secret.",
    ),
    code(
        "payment_provider_unavailable",
        503,
        "The payment provider does not answer",
        "Come again after `Retry-After`, with the same Idempotency-Key.",
    ),
    code(
        "payment_required",
        400,
        "The payment method is prepaid: place the order with its payment",
        "Use `POST /api/orders/with-payment`, or a method that is not prepaid.",
    ),
    code(
        "price_changed",
        400,
        "The price that was shown is not the catalogue's",
        "Show the customer the price that the sentence names, and place the order with it.",
    ),
    code(
        "product_not_found",
        404,
        "There is no such product",
        "Take it out of the cart. `GET /api/products` lists what there is.",
    ),
    code(
        "product_unavailable",
        400,
        "The product is not for sale",
        "Take it out of the cart, or make it `active` again.",
    ),
    code(
        "rate_limited",
        429,
        "Too much at once; come again after `Retry-After`",
        "Send less at a time, and close streams that nobody reads.",
    ),
    code(
        "refund_exceeds_payment",
        409,
        "More than is left to be given back, of the payment or of a line",
        "Read the order: refunds that are on their way count as given.",
    ),
    code(
        "request_timeout",
        408,
        "The body came too slowly; its connection is closed",
        "Nothing was done. Send the request again on a new connection, with the same \
         Idempotency-Key.",
    ),
    code(
        "route_not_found",
        404,
        "There is nothing at this address",
        "Compare it with the addresses in the description.",
    ),
    code(
        "secret_required",
        400,
        "Something of the store's own, or a discount, was asked for without its secret",
        "Send the request from the shop's server, with `secret`; a browser names products of \
         the catalogue at their prices.",
    ),
    code(
        "shipment_exceeds_order",
        409,
        "More of a line than was neither shipped nor cancelled",
        "Read the order: its items say how many of each are still open.",
    ),
    code(
        "shipment_not_found",
        404,
        "The order has no such shipment",
        "`GET /api/orders/{id}/shipments` lists those that it has.",
    ),
    code(
        "stock_below_reserved",
        409,
        "Open orders hold more than that",
        "Ship or cancel some of them first, or set a higher number.",
    ),
    code(
        "stock_not_tracked",
        409,
        "The stock of this product is not counted",
        "Set its `track_stock` to true before its stock is set.",
    ),
    code(
        "stock_out_of_range",
        400,
        "No shelf holds that many",
        "Look for a wrong number: it is above what can be counted, or below zero.",
    ),
    code(
        "store_currency_fixed",
        409,
        "The store has orders, so its currency stays",
        "Make another store for the other currency.",
    ),
    code(
        "store_not_found",
        404,
        "There is no such store",
        "Leave `store_id` out, or name a store that there is.",
    ),
    code(
        "store_unavailable",
        503,
        "The database can't be reached",
        "Nothing is known to be done. Come again after `Retry-After`, with the same \
         Idempotency-Key. Operators find the reason in the log.",
    ),
    code(
        "token_required",
        401,
        "There is no bearer token",
        "Send `Authorization: Bearer` and a token.",
    ),
    code(
        "too_many_locations",
        409,
        "The product lies in as many locations as one may",
        "Empty one of them first.",
    ),
    code(
        "total_below_zero",
        400,
        "What is taken off is more than all the rest",
        "Take less off, or let the customer add something.",
    ),
    code(
        "total_changed",
        400,
        "The total is another than the customer was shown",
        "Show the new total, and order again if the customer agrees.",
    ),
    code(
        "unknown_parameter",
        400,
        "The query has a parameter that the call does not know",
        "`errors` names it. Look at the call's description for those that it knows.",
    ),
    code(
        "unknown_store",
        400,
        "The store that is named is not there",
        "Look into `GET /api/stores`, or put the store first.",
    ),
    code(
        "unsupported_media_type",
        415,
        "The body is not JSON by its type",
        "Send `Content-Type: application/json`; an import takes `application/x-ndjson` and \
         `text/csv`.",
    ),
    code(
        "validation_failed",
        400,
        "Fields or parameters are faulty; `errors` names each",
        "Mend all that `errors` lists: `pointer` says where, `code` what kind of fault, `detail` \
         what it must be.",
    ),
    code(
        "variant_not_found",
        404,
        "The product has no such variant",
        "Read the product: `variants` lists those that it has.",
    ),
    code(
        "variant_required",
        400,
        "The product has variants, and none is chosen",
        "Name one of its `variants` in `variant_id`.",
    ),
    code(
        "version_mismatch",
        412,
        "It has changed since, or is not there",
        "Read it again, look whether your change still makes sense, and send it with the new ETag.",
    ),
];

const fn code(
    name: &'static str,
    status: u16,
    meaning: &'static str,
    remedy: &'static str,
) -> Code {
    Code { name, status, meaning, remedy }
}

impl Code {
    pub fn named(name: &str) -> Option<&'static Code> {
        let found = CODES.binary_search_by(|it| it.name.cmp(name));
        found.ok().and_then(|at| CODES.get(at))
    }

    /// RFC 9457 wants the title to be the same for every problem of a type: the code, in words.
    pub fn title(&self) -> String {
        let mut title = self.name.replace('_', " ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        title
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_in_order_each_once_and_say_something() {
        for pair in CODES.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} {}", pair[0].name, pair[1].name);
        }
        for it in CODES {
            assert!(!it.meaning.ends_with('.') && it.remedy.ends_with('.'), "{}", it.name);
            assert!((400..600).contains(&it.status), "{}", it.name);
            assert_eq!(Code::named(it.name), Some(it));
        }
        assert_eq!(Code::named("no_such_code"), None);
    }
}
