//! What many calls share and name: parameters, and headers of answers.

use serde_json::{Value, json};

pub(super) fn path_parameters(path: &str) -> Vec<&'static str> {
    let kinds = [
        ("/api/orders/{id}", "OrderId"),
        ("/shipments/{", "ShipmentId"),
        ("/sandbox/payments/{", "Intent"),
        ("/api/carts/{", "CartId"),
        ("/api/clients/{", "ClientId"),
        ("/api/products/{", "ProductId"),
        ("/api/stock/{", "StockProductId"),
        ("/api/delivery-methods/{", "DeliveryMethodId"),
        ("/api/stores/{", "StoreNumber"),
        ("/api/customers/{", "CustomerId"),
    ];
    kinds.into_iter().filter(|(part, _)| path.contains(part)).map(|(_, name)| name).collect()
}

pub(super) fn parameters() -> Value {
    let of_path = |name: &str, description: &str, example: &str| {
        json!({
            "name": name, "in": "path", "required": true, "description": description,
            "schema": {"type": "string"}, "example": example,
        })
    };
    let of_header = |name: &str, description: &str| {
        json!({
            "name": name, "in": "header", "required": false, "description": description,
            "schema": {"type": "string"},
        })
    };
    json!({
        "OrderId": of_path("id", "The order's id or its retrieval id", "ORD12345"),
        "ShipmentId": of_path("shipment_id", "The shipment's id", "shp_12345_1"),
        "Intent": of_path(
            "intent",
            "The part of the client secret before `_secret_`",
            "pi_1234567890",
        ),
        "CartId": of_path("id", "The cart's id", "abc123"),
        "ClientId": of_path("id", "The client's id", "client_0197b1a0c2007d1ea5a5a5a5a5a5a5a5"),
        "ProductId": of_path("id", "The shop's own id of the product", "p001"),
        "StockProductId": of_path("product_id", "The shop's own id of the product", "p001"),
        "DeliveryMethodId": of_path("id", "The shop's own id of the method", "standard"),
        "CustomerId": of_path("id", "The shop's own id of the customer", "user789"),
        "StoreNumber": of_path("number", "The store's number; 1 is there from the start", "1"),
        "RequestId": of_header(
            "X-Request-Id",
            "1 to 128 visible characters without quotes; made where there is none",
        ),
        "IdempotencyKey": of_header(
            "Idempotency-Key",
            "1 to 255 visible characters, quoted or bare, the caller's own. The same request with \
             the same key is done once and answered again for 24 hours at least; refusals are \
             judged afresh.",
        ),
        "DryRun": {
            "name": "dry_run", "in": "query", "required": false,
            "description": "`true`: the change is decided and forgotten. The answer is 200 and \
                tells what would be; ids that would be given are null, no provider is asked, and \
                no key is looked at. What is wrong with the request itself is refused as always.",
            "schema": {"type": "boolean", "default": false},
        },
        "IfMatch": of_header("If-Match", "Change it only if it has one of these versions still"),
        "IfNoneMatch": of_header("If-None-Match", "Answer 304 if it has one of these versions"),
    })
}

pub(super) fn headers() -> Value {
    let header =
        |description: &str| json!({"description": description, "schema": {"type": "string"}});
    json!({
        "X-Request-Id": header("The id of the request, as it was given or made"),
        "ETag": header("The version, in quotes"),
        "Location": header("Where the new thing is"),
        "Idempotent-Replayed": header("`true` where this answer was given before"),
        "Link": header("The next page, with `rel=\"next\"`, where there is one"),
        "RateLimit": header(
            "What is left to the caller: `\"customers\";r=599;t=1`, `r` requests now, and all of \
             them again after `t` seconds. Not there where the server has no limits.",
        ),
        "RateLimit-Policy": header(
            "How much a caller may ask: `\"customers\";q=600;w=60`, `q` requests in `w` seconds. \
             Both are of draft-ietf-httpapi-ratelimit-headers-10.",
        ),
        "X-As-Of-Seq": header("The event up to which a stream is complete"),
        "Retry-After": header("Seconds after which to come again"),
        "WWW-Authenticate": header("What kind of token is wanted"),
    })
}

/// What every answer says, and these beside it.
pub(super) fn of_every_answer(further: &[&str]) -> Value {
    let names = ["X-Request-Id", "RateLimit", "RateLimit-Policy"].iter().chain(further);
    names.map(|it| ((*it).to_owned(), reference("headers", it))).collect()
}

pub(super) fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}
