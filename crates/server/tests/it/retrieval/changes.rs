//! `POST /v1/updateMerchantOrderId`, `/v1/updateVendorOrderStatus` and `/v2/setShipmentTracking`.

use testkit::server::TestServer;

use super::Shop;

const CALLS: [&str; 3] =
    ["updateMerchantOrderId", "updateVendorOrderStatus", "setShipmentTracking"];

/// Status and sentence of a success.
#[track_caller]
fn done(shop: &Shop<'_>, call: &str, members: &str) -> String {
    let reply = shop.ask(call, members);
    assert_eq!(reply.status, 200, "{reply}");
    assert!(!reply.has("/error"), "{reply}");
    reply.text("/success")
}

on_every_store! {
    fn a_shop_tells_its_own_id(server: &TestServer) {
        let shop = Shop::open(server);
        let order = server.order("jane", "p001", 1);
        let id = r#""orderId": "1-1", "merchantOrderId": "12-34567""#;
        let sentence = "Updated Order: 1 with new merchantOrderId: 12-34567";
        assert_eq!(done(&shop, "v1/updateMerchantOrderId", id), sentence);
        let logged = server.last_seq();
        assert_eq!(done(&shop, "v2/updateMerchantOrderId", id), sentence, "the same success");
        assert_eq!(server.last_seq(), logged);
        let told = shop.ask("v1/orderDetail", r#""orderId": 1"#);
        assert_eq!(told.text("/order/merchantOrderId"), "12-34567");
        let shown = server.get(&format!("/api/orders/{order}")).by(&server.staff()).send();
        assert_eq!(shown.text("/merchant/merchant_order_id"), "12-34567");
        let own = server.get(&format!("/api/orders/{order}")).by(&server.token("jane", "")).send();
        assert_eq!(own.at("/merchant"), "null", "it is the shop's matter");
        let log = server.get(&format!("/api/orders/{order}/events")).by(&server.staff()).send();
        assert_eq!(log.text("/events/2/type"), "order.merchant_updated");
        assert_eq!(log.text("/events/2/actor"), "integration:store-1");
        assert_eq!(log.at("/events/2/data"), r#"{"merchant_order_id":"12-34567"}"#);
        let number = r#""orderId": 1, "merchantOrderId": 77"#;
        let sentence = "Updated Order: 1 with new merchantOrderId: 77";
        assert_eq!(done(&shop, "v1/updateMerchantOrderId", number), sentence);
    }

    fn a_shop_says_how_far_it_has_come(server: &TestServer) {
        let shop = Shop::open(server);
        let order = server.order("jane", "p001", 1);
        let set = |status: &str| {
            let members = format!(r#""orderId": "1", "orderStatus": "{status}""#);
            shop.ask("v1/updateVendorOrderStatus", &members)
        };
        for status in ["VENDOR_PREPARING_ORDER", "VENDOR_LABELS_PRINTED_DATE"] {
            let sentence = format!("Updated Order: 1 with new status: {status}");
            assert_eq!(set(status).text("/success"), sentence);
            assert_eq!(set(status).text("/success"), sentence, "the same success");
        }
        let complete = "VENDOR_END_OF_DAY_COMPLETE";
        let sentence = format!("Updated Order: 1 with new status: {complete}");
        assert_eq!(set(complete).text("/success"), sentence);
        assert_eq!(set(complete).text("/success"), sentence, "the same success");
        let shown = server.get(&format!("/api/orders/{order}")).by(&server.staff()).send();
        assert_eq!(shown.text("/status"), "shipped");
        assert_eq!(server.shelf("p001"), (99, 0), "it has left the house once");
        let late = set("VENDOR_SHIPMENT_READY");
        assert_eq!(late.status, 200);
        let sentence = "Order ORD1 is VENDOR_END_OF_DAY_COMPLETE; it stays so";
        assert_eq!(late.text("/error"), sentence);
    }

    fn a_shop_tells_where_its_parcels_are(server: &TestServer) {
        let shop = Shop::open(server);
        let order = server.order("jane", "p001", 3);
        let some = r#"{"items": [{"line": 1, "quantity": 1}], "carrier": "UPS",
            "tracking_number": "0"}"#;
        let call = server.post(&format!("/api/orders/{order}/shipments")).by(&server.staff());
        assert_eq!(call.json(some).send().status, 201);
        let track = |list: &str| {
            let members = format!(r#""orderId": "1-1", "trackingList": {list}"#);
            done(&shop, "v2/setShipmentTracking", &members)
        };
        let sentence = "Updated Order: 1 with new tracking info.";
        assert_eq!(track(r#"[{"number": "1Z"}, {"number": 77}]"#), sentence);
        assert_eq!(server.shelf("p001"), (97, 0), "what was left has left");
        let logged = server.last_seq();
        assert_eq!(track(r#"[{"number": "1Z"}]"#), sentence);
        assert_eq!(server.last_seq(), logged, "it was known");
        assert_eq!(track(r#"[{"numbers": ["1Z", "2Z"]}]"#), sentence);
        let told = shop.ask("v1/orderDetail", r#""orderId": 1"#);
        let expected = r#"[{"number":"0","carrier":"UPS","url":null},
            {"number":"1Z","carrier":null,"url":null},{"number":"77","carrier":null,"url":null},
            {"number":"2Z","carrier":null,"url":null}]"#;
        assert_eq!(told.at("/order/trackingList"), expected.replace("\n            ", ""));
        assert_eq!(told.text("/order/trackingNumber"), "0");
        let shown = server.get(&format!("/api/orders/{order}")).by(&server.staff()).send();
        assert_eq!(shown.at("/shipments/1/tracking_numbers"), r#"["1Z","77","2Z"]"#);
        assert_eq!((shown.text("/status"), shown.has("/shipments/2")), ("shipped".into(), false));
        server.eventually_found("2Z", 1);
    }
}

#[test]
fn what_is_wrong_is_told_with_200() {
    let server = TestServer::start();
    let shop = Shop::open(&server);
    let oslo = Shop::oslo(&server);
    oslo.sell_mug();
    let order = server.order("jane", "p001", 1);
    let check = |call: &str, members: &str, sentence: &str| {
        for version in ["v1", "v2"] {
            let told = shop.refusal(&format!("{version}/{call}"), members);
            assert_eq!(told, format!("200 {sentence}"), "{call} {members}");
        }
    };
    let [merchant, vendor, tracking] = CALLS;
    let needed = "Parameter orderId is required to";
    check(merchant, "", &format!("{needed} processUpdateMerchantOrderId"));
    check(
        merchant,
        r#""orderId": 1"#,
        "Parameter merchantOrderId is required to updateMerchantOrderId.",
    );
    check(
        merchant,
        r#""orderId": 1, "merchantOrderId": ["1"]"#,
        "Parameter merchantOrderId must be a string or a number",
    );
    check(
        merchant,
        &format!(r#""orderId": 1, "merchantOrderId": "{}""#, "x".repeat(256)),
        "Parameter merchantOrderId has more than 255 characters",
    );
    check(vendor, "", &format!("{needed} {vendor}"));
    check(
        vendor,
        r#""orderId": 1"#,
        "Parameter orderStatus is required to updateVendorOrderStatus",
    );
    for status in ["IGLOBAL_ORDER_CANCELLED", "VENDOR_", "vendor_shipment_ready"] {
        let sentence = format!("orderStatus: {status} is not a status that a vendor can set");
        check(vendor, &format!(r#""orderId": 1, "orderStatus": "{status}""#), &sentence);
    }
    check(tracking, "", &format!("{needed} {tracking}"));
    let list = "Parameter trackingList is required to setShipmentTracking";
    check(tracking, r#""orderId": 1"#, list);
    check(tracking, r#""orderId": 1, "trackingList": []"#, list);
    check(
        tracking,
        r#""orderId": 1, "trackingList": [{"carrier": "UPS"}]"#,
        "Parameter trackingList must be a list of tracking numbers",
    );
    let sound =
        r#""merchantOrderId": "7", "orderStatus": "VENDOR_SHIPMENT_READY", "trackingList": ["1Z"]"#;
    for call in CALLS {
        for (id, told) in
            [("99999", "99999"), ("1-99999", "99999"), ("2-1", "2-1"), ("ORD1", "ORD1"), ("x", "x")]
        {
            let sentence = format!("Could not retrieve order to {call} for orderId: {told}");
            check(call, &format!(r#""orderId": "{id}", {sound}"#), &sentence);
        }
    }
    let hold = server.post(&format!("/api/orders/{order}/hold")).by(&server.staff());
    assert_eq!(hold.send().status, 200);
    let all = format!(r#""orderId": 1, {sound}"#);
    check(vendor, &all, "Order ORD2 is IGLOBAL_ORDER_ON_HOLD; it stays so");
    check(tracking, &all, "Order ORD2 is on hold");
    let mug = server.get("/api/orders/2-1").by(&server.staff()).send();
    assert_eq!((mug.text("/status"), mug.at("/merchant")), ("confirmed".into(), "null"));
}

#[test]
fn what_is_no_document_is_told_so() {
    let server = TestServer::start();
    for call in CALLS {
        for body in ["", "{", "[]", "7", "\u{feff}{}", r#"{"a": 1, "a": 2}"#] {
            let reply = server.post(&format!("/v1/{call}")).json(body).send();
            let told = (reply.status, reply.body.as_str());
            assert_eq!(told, (200, r#"{"error":"could not parse input"}"#), "{body}");
        }
    }
    for call in ["orderNumbers", "orderDetail"] {
        for body in ["", "{", "[]", "7", &"[".repeat(40), r#"{"a": 1, "a": 2}"#] {
            let reply = server.post(&format!("/v2/{call}")).json(body).send();
            let told = (reply.status, reply.body.as_str());
            assert_eq!(told, (400, r#"{"error":"Invalid post body"}"#), "{body}");
        }
    }
}
