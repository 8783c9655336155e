//! `POST /v1/orderDetail` and `/v2/orderDetail`.

use testkit::server::{TestServer, order_of};

use super::Shop;

/// An order of everything: two lines, notes, a billing address, paid by card.
fn paid_order(server: &TestServer) -> String {
    let items = r#"{"product_id": "p001", "quantity": 2},
        {"product_id": "p002", "variant_id": "gold", "quantity": 1}"#;
    let members = r#""notes": "Ring twice", "contact": {"email": "j@x.example", "phone": "+1 555"},
        "billing_address": {"name": "J. Doe", "company": "Doe Ltd", "address": "1 Side St",
            "address2": "Floor 2", "city": "Boston", "state": "MA", "zip": "02101",
            "country": "US", "phone": "+1 777"}, "#;
    let body = order_of(items).replacen('{', &format!("{{{members}"), 1);
    let call = server.post("/api/orders/with-payment").by(&server.token("jane", ""));
    let payable = testkit::server::Payable::of(&call.json(body).send());
    server.at_provider(&payable.intent, "confirm");
    server.eventually(&payable.order, "/payment_status", "paid");
    payable.order
}

on_every_store! {
    fn an_order_is_told_whole(server: &TestServer) {
        let shop = Shop::open(server);
        let order = paid_order(server);
        let reply = shop.ask("v2/orderDetail", r#""orderId": "1-1""#);
        assert_eq!(reply.status, 200, "{reply}");
        let told = |name: &str| reply.at(&format!("/order/{name}")).to_owned();
        let check = |names: &[&str], expected: &[&str]| {
            let found: Vec<String> = names.iter().map(|it| told(it)).collect();
            assert_eq!(found, expected, "{names:?}");
        };
        check(
            &["orderId", "referenceId", "merchantOrderId", "orderStatus", "testOrder", "poNumber"],
            &["\"1-1\"", "null", "null", "\"IGLOBAL_ORDER_IN_PROCESS\"", "false", "null"],
        );
        let noon = "\"2025-06-27T12:00:00Z\"";
        check(&["orderDate", "orderStatusDate"], &[noon, noon]);
        check(
            &["name", "company", "email", "phone", "altPhone", "address1", "address2", "city"],
            &[
                "\"Jane Doe\"", "null", "\"j@x.example\"", "\"+1 555\"", "null", "\"123 Main St\"",
                "null", "\"New York\"",
            ],
        );
        check(&["state", "zip", "countryCode"], &["\"NY\"", "\"10001\"", "\"US\""]);
        check(
            &["billingName", "billingCompany", "billingEmail", "billingPhone", "billingAltPhone"],
            &["\"J. Doe\"", "\"Doe Ltd\"", "\"j@x.example\"", "\"+1 777\"", "\"+1 555\""],
        );
        check(
            &["billingAddress1", "billingAddress2", "billingCity", "billingState", "billingZip"],
            &["\"1 Side St\"", "\"Floor 2\"", "\"Boston\"", "\"MA\"", "\"02101\""],
        );
        check(
            &["itemsTotal", "shippingTotal", "dutyTaxesTotal", "discountTotal", "grandTotal"],
            &["80.00", "10.00", "0.00", "0.00", "90.00"],
        );
        check(&["currencyCode", "billingCountryCode", "boxCount"], &["\"USD\"", "\"US\"", "null"]);
        check(
            &["shippingCarrierServiceLevel", "customerSelectedShippingName", "shippingStatus"],
            &["\"standard\"", "\"Standard\"", "\"processing\""],
        );
        check(&["trackingList", "trackingNumber", "promoCode"], &["[]", "null", "null"]);
        check(
            &["items/0/productId", "items/0/sku", "items/0/description", "items/0/quantity"],
            &["\"p001\"", "\"USB-C-1M\"", "\"USB Cable\"", "2"],
        );
        check(
            &["items/1/unitPrice", "items/1/itemCustomization", "items/1/imageURL"],
            &["60.00", "\"gold\"", "null"],
        );
        check(&["notes/0/note", "notes/0/customerNote"], &["\"Ring twice\"", "true"]);
        let shown = server.get(&format!("/api/orders/{order}")).by(&server.staff()).send();
        let intent = shown.at("/payments/0/provider_reference");
        check(
            &["paymentProcessing/transactionId", "paymentProcessing/transactionType"],
            &[intent, "\"SALE\""],
        );
        check(&["birthDate", "nationalIdentifier", "misc1", "misc6"], &["null"; 4]);
    }
}

/// Programs make members of the keys, and look for each of them.
#[test]
fn every_key_is_there_and_a_plain_identifier() {
    let server = TestServer::start();
    let shop = Shop::oslo(&server);
    shop.sell_mug();
    let reply = shop.ask("v1/orderDetail", r#""orderId": 1"#);
    let document: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    let order = document["order"].as_object().unwrap();
    let groups = "orderId referenceId merchantOrderId orderStatus orderStatusDate orderDate \
        testOrder poNumber name company email phone altPhone address1 address2 city state zip \
        countryCode billingName billingCompany billingEmail billingPhone billingAltPhone \
        billingAddress1 billingAddress2 billingCity billingState billingZip billingCountryCode \
        itemsTotal shippingTotal dutyTaxesTotal discountTotal grandTotal currencyCode \
        foreignCurrencyCode shippingCarrierServiceLevel customerSelectedShippingName boxCount \
        shippingStatus trackingList trackingNumber items promoCode notes paymentProcessing \
        birthDate nationalIdentifier misc1 misc2 misc3 misc4 misc5 misc6";
    let mut expected: Vec<&str> = groups.split_whitespace().collect();
    expected.sort_unstable();
    let mut keys: Vec<&str> = order.keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, expected);
    let is_plain = |key: &String| key.chars().all(|it| it.is_ascii_alphanumeric());
    let item = order["items"][0].as_object().unwrap();
    assert!(order.keys().chain(item.keys()).all(is_plain), "{reply}");
    for name in ["name", "billingName", "customerSelectedShippingName", "paymentProcessing"] {
        assert!(order[name].is_null(), "{name} of who has fetched a mug: {reply}");
    }
    assert_eq!((reply.at("/order/testOrder"), reply.at("/order/grandTotal")), ("true", "120.00"));
}

#[test]
fn who_receives_pays_where_nobody_else_is_named() {
    let server = TestServer::start();
    let shop = Shop::open(&server);
    server.order("jane", "p001", 1);
    let reply = shop.ask("v1/orderDetail", r#""orderId": "1""#);
    for (one, other) in [("name", "billingName"), ("zip", "billingZip"), ("city", "billingCity")] {
        assert_eq!(reply.at(&format!("/order/{one}")), reply.at(&format!("/order/{other}")));
    }
}

#[test]
fn the_status_is_the_first_that_holds() {
    let server = TestServer::start();
    let shop = Shop::open(&server);
    let check = |id: &str, expected: &str| {
        let reply = shop.ask("v1/orderDetail", &format!(r#""orderId": "{id}""#));
        assert_eq!(reply.text("/order/orderStatus"), expected, "{reply}");
    };
    let orders: Vec<String> = (0..3).map(|_| server.order("jane", "p001", 1)).collect();
    let hold = |order: &str| {
        let call = server.post(&format!("/api/orders/{order}/hold")).by(&server.staff());
        assert_eq!(call.send().status, 200);
    };
    check("1-1", "IGLOBAL_ORDER_IN_PROCESS");
    shop.ask(
        "v1/updateVendorOrderStatus",
        r#""orderId": 1, "orderStatus": "VENDOR_SHIPMENT_READY""#,
    );
    check("1-1", "VENDOR_SHIPMENT_READY");
    hold(&orders[0]);
    check("1-1", "IGLOBAL_ORDER_ON_HOLD");
    server.advance(&orders[0], "cancelled");
    check("1-1", "IGLOBAL_ORDER_CANCELLED");
    server.advance(&orders[1], "shipped");
    check("1-2", "VENDOR_END_OF_DAY_COMPLETE");
    server.advance(&orders[1], "delivered");
    check("1-2", "VENDOR_END_OF_DAY_COMPLETE");
}

#[test]
fn what_is_not_asked_for_rightly_is_refused() {
    let server = TestServer::start();
    let shop = Shop::open(&server);
    let oslo = Shop::oslo(&server);
    oslo.sell_mug();
    server.payable("jane", "p001", 1);
    let check = |members: &str, sentence: &str| {
        for call in ["v1/orderDetail", "v2/orderDetail"] {
            assert_eq!(shop.refusal(call, members), format!("400 {sentence}"), "{members}");
        }
    };
    check("", "Parameter orderId or referenceId is required");
    check(r#""orderId": null, "referenceId": "x""#, "Could not find an order with referenceId: x");
    check(
        r#""orderId": 1, "referenceId": "x""#,
        "Cannot specify both Parameters orderId and referenceId",
    );
    check(r#""orderId": "1-99999""#, "Could not find an order with orderId: 1-99999");
    check(r#""orderId": 99999"#, "Could not find an order with orderId: 99999");
    // One that is not complete has no number yet, and another store's is nobody's here.
    check(r#""orderId": 1"#, "Could not find an order with orderId: 1");
    check(r#""orderId": "2-1""#, "Could not find an order with orderId: 2-1");
    for id in ["999-x", "1-", "-1", "0", "1-0", "01", "1-01", " 1 - 1", "ORD1", "ord2", "2-1-1"] {
        let sentence = format!("orderId: {id} is not a valid orderId");
        check(&format!(r#""orderId": "{id}""#), &sentence.replace(":  ", ": "));
    }
    let long = "9".repeat(300);
    let told = shop.refusal("v1/orderDetail", &format!(r#""orderId": "{long}""#));
    assert_eq!(told, format!("400 orderId: {}… is not a valid orderId", "9".repeat(100)));
}
