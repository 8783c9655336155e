//! The checkout: from a temp cart to the shop's own page, without a script.

use domain::world::Policy;
use testkit::server::{Reply, TestServer, Wish, temp_line};

use super::{
    allowed,
    buyer::{Buyer, JANE, between, token},
};

const THANKS: &str = "https://shop.example/thanks?a=1#end";

fn shop() -> TestServer {
    with(Wish::default())
}

fn with(wish: Wish) -> TestServer {
    let server = TestServer::with(wish);
    server.open_shop();
    let store = r#""name": "Doe & Sons <Ltd>", "currency": "USD",
        "success_url": "https://shop.example/default", "success_hosts": ["shop.example"]"#;
    server.must_put("/api/stores/1", store);
    server
}

/// Two cables, a card of the shop's own and a discount.
fn cart(server: &TestServer) -> String {
    let lines = vec![
        temp_line(Some("p001"), "x", 2, "10"),
        temp_line(None, "A card <b>", 1, "4.50"),
        temp_line(None, "Summer", 1, "-2.5"),
    ];
    server.temp_cart(lines, Some(THANKS))
}

fn page(name: &str, cart: &str) -> String {
    format!("{name}?store=1&tempCartUUID={cart}")
}

/// At the last step: address and delivery are told.
#[track_caller]
fn at_payment(buyer: &Buyer<'_>, cart: &str) -> Reply {
    let address = buyer.get(&page("/checkout", cart));
    assert_eq!(address.status, 200, "{address}");
    let delivery = buyer.follow(buyer.fill(&address, &JANE));
    assert!(delivery.body.contains("Standard"), "{delivery}");
    let payment = buyer.follow(buyer.fill(&delivery, &[("delivery", "standard")]));
    assert_eq!(payment.status, 200, "{payment}");
    payment
}

fn order(server: &TestServer, id: &str) -> Reply {
    server.get(&format!("/api/orders/{id}")).by(&server.staff()).send()
}

#[test]
fn cash_on_delivery_leads_to_the_shops_page_at_once() {
    let server = shop();
    let buyer = Buyer::of(&server);
    let cart = cart(&server);
    let payment = at_payment(&buyer, &cart);
    assert!(payment.body.contains("USD\u{a0}32.00"), "{payment}");
    let placed = buyer.fill(&payment, &[("payment", "cash_on_delivery")]);
    assert_eq!(placed.status, 303, "{placed}");
    let wait = placed.header("location").expect("a page that waits").to_owned();
    let on = buyer.get(&wait);
    let expected = "https://shop.example/thanks?a=1&orderId=1-1#end";
    assert_eq!((on.status, on.header("location")), (303, Some(expected)));
    let order = order(&server, "1-1");
    assert_eq!((order.at("/total"), order.at("/user_id")), ("32.00", "null"));
    assert_eq!((order.at("/items/1/product_id"), order.at("/items/1/price")), ("null", "4.50"));
    assert_eq!(order.at("/adjustments/0/amount"), "-2.50");
    assert_eq!(order.text("/shipping_address/city"), "New York");
    assert_eq!(server.shelf("p001"), (100, 2));
    // Whoever comes back goes on from where it is.
    for again in [page("/checkout", &cart), page("/checkout/payment", &cart)] {
        let again = buyer.get(&again);
        assert_eq!(again.header("location"), Some(wait.as_str()));
    }
}

#[test]
fn a_card_is_paid_on_the_providers_page_and_waited_for() {
    let server = shop();
    let buyer = Buyer::of(&server);
    let cart = cart(&server);
    let payment = at_payment(&buyer, &cart);
    let sandbox = buyer.follow(buyer.fill(&payment, &[("payment", "credit_card")]));
    assert!(sandbox.body.contains("No money moves"), "{sandbox}");
    assert!(sandbox.body.contains("USD\u{a0}32.00"), "{sandbox}");
    // Back without paying: it is waited for, by a page that looks again.
    let wait = page("/checkout/wait", &cart);
    let waiting = buyer.get(&wait);
    assert_eq!(waiting.status, 200);
    assert!(waiting.body.contains("http-equiv=\"refresh\""), "{waiting}");
    let declined = buyer.follow(buyer.fill(&sandbox, &[("action", "decline")]));
    assert!(declined.body.contains("was declined"), "{declined}");
    assert_eq!(order(&server, "ORD1").text("/status"), "pending");
    let again = buyer.follow(buyer.fill(&declined, &[]));
    let processing = buyer.follow(buyer.fill(&again, &[("action", "process")]));
    assert!(processing.body.contains("is being processed"), "{processing}");
    let paid = buyer.fill(&again, &[("action", "pay")]);
    assert_eq!(paid.header("location"), Some(wait.as_str()));
    let on = buyer.get(&wait);
    let expected = "https://shop.example/thanks?a=1&orderId=1-1#end";
    assert_eq!((on.status, on.header("location")), (303, Some(expected)), "{on}");
    assert_eq!(order(&server, "1-1").text("/payment_status"), "paid");
}

#[test]
fn a_double_click_is_one_order() {
    let server = shop();
    let buyer = Buyer::of(&server);
    let cart = cart(&server);
    let payment = at_payment(&buyer, &cart);
    let clicks = [(); 3].map(|()| buyer.fill(&payment, &[("payment", "cash_on_delivery")]));
    let wait = page("/checkout/wait", &cart);
    for click in &clicks {
        assert_eq!((click.status, click.header("location")), (303, Some(wait.as_str())));
    }
    assert_eq!(order(&server, "ORD2").status, 404);
    let body = format!(r#"{{"cart_id": "{cart}", "user_id": null}}"#);
    let again = server.post("/api/orders").by(&server.staff()).json(body).send();
    assert_eq!(again.code(), "409 cart_already_ordered");
    assert_eq!(again.text("/order_id"), "ORD1");
}

#[test]
fn forms_are_taken_from_their_own_page_alone() {
    let server = shop();
    let buyer = Buyer::of(&server);
    let (cart, other) = (cart(&server), cart(&server));
    let (first, second) = (page("/checkout", &cart), page("/checkout", &other));
    let (form, others) = (buyer.get(&first), buyer.get(&second));
    let own = token(&form);
    let with = |token: &str| {
        let mut fields = vec![("token", token.to_owned())];
        fields.extend(JANE.map(|(name, value)| (name, value.to_owned())));
        fields
    };
    let send = |buyer: &Buyer<'_>, origin: &str, token: &str| {
        let fields = with(token);
        let fields: Vec<_> = fields.iter().map(|(name, it)| (*name, it.as_str())).collect();
        buyer.send_from(origin, &first, &fields).status
    };
    let here = format!("http://{}", server.address());
    assert_eq!(send(&buyer, &here, ""), 403, "no token");
    assert_eq!(send(&buyer, &here, "AAAA"), 403, "a wrong one");
    assert_eq!(send(&buyer, &here, &token(&others)), 403, "another cart's");
    assert_eq!(send(&buyer, "https://evil.example", &own), 403, "from another site");
    assert_eq!(send(&buyer, "null", &own), 403, "from nowhere");
    let stranger = Buyer::of(&server);
    assert_eq!(send(&stranger, &here, &own), 403, "in another browser");
    stranger.get(&first);
    assert_eq!(send(&stranger, &here, &own), 403, "in another browser with a cookie of its own");
    assert_eq!(send(&buyer, &here, &own), 303);
    for path in ["/checkout/delivery", "/checkout/payment", "/checkout/pay"] {
        let sent = buyer.send(&page(path, &cart), &[("payment", "cash_on_delivery")]);
        assert_eq!(sent.status, 403, "{path}");
    }
    assert_eq!(server.last_seq(), 0, "nothing was ordered");
}

#[test]
fn what_is_wrong_is_told_above_the_form_and_at_its_fields() {
    let server = shop();
    let buyer = Buyer::of(&server);
    let cart = cart(&server);
    let form = buyer.get(&format!("{}&country=US", page("/checkout", &cart)));
    assert!(form.body.contains("<option value=\"US\" selected"), "{form}");
    let mut fields = JANE.to_vec();
    fields[0].1 = "jane";
    fields[1].1 = "";
    fields[2].1 = "4111 1111 1111 1111";
    fields[4].1 = "";
    fields[6].1 = "XX";
    let refused = buyer.fill(&form, &fields);
    assert_eq!(refused.status, 400);
    for (field, text) in [
        ("contact.email", "E-mail: this is no e-mail address."),
        ("shipping_address.name", "Full name: this is needed."),
        ("shipping_address.address", "please don't write card numbers here"),
        ("shipping_address.country", "Country: please choose one of the list."),
    ] {
        assert!(refused.body.contains(&format!("href=\"#{field}\"")), "{field}: {refused}");
        assert!(refused.body.contains(text), "{text}: {refused}");
        assert!(refused.body.contains(&format!("id=\"{field}-fault\"")), "{field}");
    }
    assert!(refused.body.contains("value=\"New York\""), "what was right stays: {refused}");
    fields[6].1 = "US";
    let refused = buyer.fill(&form, &fields);
    assert!(refused.body.contains("href=\"#shipping_address.state\""), "{refused}");
    let tables = if server.has_tables() { server.tables_with("4111") } else { Vec::new() };
    assert_eq!(tables, Vec::<String>::new());
    // Another billing address has the same rules.
    let mut both = JANE.to_vec();
    both[7].1 = "other";
    both.push(("billing_address.name", "Joe"));
    let refused = buyer.fill(&form, &both);
    assert!(refused.body.contains("href=\"#billing_address.city\""), "{refused}");
}

#[test]
fn what_has_changed_meanwhile_is_told_before_anything_is_ordered() {
    let server = shop();
    let buyer = Buyer::of(&server);
    let cart = cart(&server);
    let payment = at_payment(&buyer, &cart);
    server.product("p001", r#""name": "USB Cable", "price": 11, "sku": "USB-C-1M""#);
    let cash = [("payment", "cash_on_delivery")];
    let changed = buyer.fill(&payment, &cash);
    assert_eq!(changed.status, 400);
    assert!(changed.body.contains("Prices have changed"), "{changed}");
    assert!(changed.body.contains("USD\u{a0}34.00"), "{changed}");
    server.stock("p001", 1);
    let short = buyer.fill(&changed, &cash);
    assert!(short.body.contains("too little of “USB Cable”: 1 left"), "{short}");
    server.stock("p001", 5);
    let none = buyer.fill(&short, &[]);
    assert!(none.body.contains("href=\"#payment-0\""), "{none}");
    let other = buyer.fill(&short, &[("payment", "invoice")]);
    assert_eq!(other.status, 400, "it is not offered: {other}");
    server.delivery_method("standard", r#""name": "Standard", "price": 10, "active": false"#);
    let unsuited = buyer.follow(buyer.fill(&short, &cash));
    assert!(unsuited.body.contains("How shall it get there?"), "{unsuited}");
    assert_eq!(server.last_seq(), 0, "nothing was ordered");
    let express = buyer.follow(buyer.fill(&unsuited, &[("delivery", "express")]));
    let placed = buyer.fill(&express, &cash);
    assert_eq!(placed.status, 303, "{placed}");
    assert_eq!(order(&server, "1-1").at("/total"), "49.00");
}

#[test]
fn what_people_have_typed_is_text() {
    let server = shop();
    let buyer = Buyer::of(&server);
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    let cart = server.temp_cart(vec![temp_line(None, evil, 1, "4")], None);
    let form = buyer.get(&page("/checkout", &cart));
    let mut fields = JANE.to_vec();
    fields[1].1 = evil;
    fields[2].1 = evil;
    fields[0].1 = "\"><script>@x";
    let delivery = buyer.follow(buyer.fill(&form, &fields));
    let payment = buyer.follow(buyer.fill(&delivery, &[("delivery", "standard")]));
    let back = buyer.get(&page("/checkout", &cart));
    for page in [&form, &delivery, &payment, &back] {
        assert_eq!(page.status, 200, "{page}");
        assert!(!page.body.contains("<script") && !page.body.contains("<img"), "{page}");
        assert!(page.body.contains("Doe &amp; Sons &lt;Ltd&gt;"), "{page}");
        assert!(page.body.contains("&lt;script&gt;alert(1)"), "{page}");
    }
    let odd = "/checkout?store=1&tempCartUUID=%22%3E%3Cscript%3E&lang=%3Cb%3E&country=%3Cb%3E";
    let odd = buyer.get(odd);
    assert!(odd.status == 404 && !odd.body.contains("<script"), "{odd}");
}

#[test]
fn pages_are_kept_at_home() {
    let server = shop();
    let buyer = Buyer::of(&server);
    let cart = cart(&server);
    let payment = at_payment(&buyer, &cart);
    let sandbox = buyer.follow(buyer.fill(&payment, &[("payment", "credit_card")]));
    for page in [&payment, &sandbox, &buyer.get(&page("/checkout/wait", &cart))] {
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("referrer-policy"), Some("same-origin"));
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(allowed(page, "default-src"), Some("'none'"));
        assert_eq!(allowed(page, "script-src"), None, "no script at all");
        assert_eq!(allowed(page, "frame-ancestors"), Some("'none'"));
        assert!(!page.body.contains("<script"), "{page}");
        assert!(!page.body.contains("src="), "{page}");
    }
    let to_shop = "'self' https://shop.example";
    for page in [&payment, &sandbox] {
        assert_eq!(allowed(page, "form-action"), Some(to_shop), "and where it ends");
    }
    let css = server.get("/docs/assets/checkout.css").send();
    assert!(css.status == 200 && !css.body.contains("url("), "{css}");
}

#[test]
fn a_cart_is_found_by_its_store_for_seven_days() {
    let server = shop();
    let buyer = Buyer::of(&server);
    let cart = cart(&server);
    server.must_put("/api/stores/2", r#""name": "Two", "currency": "USD""#);
    for gone in [
        format!("/checkout?store=2&tempCartUUID={cart}"),
        format!("/checkout?tempCartUUID={cart}"),
        format!("/checkout?store=x&tempCartUUID={cart}"),
        "/checkout?store=1".into(),
        "/checkout".into(),
        page("/checkout/payment", "0197b1a0-0000-7000-8000-000000000001"),
    ] {
        assert_eq!(buyer.get(&gone).status, 404, "{gone}");
    }
    // It is none of the carts that staff keep.
    let path = format!("/api/carts/{cart}");
    assert_eq!(server.get(&path).by(&server.staff()).send().status, 404);
    let form = buyer.get(&page("/checkout", &cart));
    server.clock().advance_ms(7 * 24 * 3600 * 1000);
    assert_eq!(buyer.get(&page("/checkout", &cart)).status, 404);
    assert_eq!(buyer.fill(&form, &JANE).status, 404);
}

#[test]
fn stores_without_a_page_have_ours() {
    let server = shop();
    server.must_put("/api/stores/1", r#""name": "Doe", "currency": "USD""#);
    let buyer = Buyer::of(&server);
    let cart = server.temp_cart(vec![temp_line(Some("p001"), "x", 1, "10")], None);
    let payment = at_payment(&buyer, &cart);
    let done = buyer.follow(buyer.fill(&payment, &[("payment", "cash_on_delivery")]));
    assert_eq!(done.status, 200);
    for text in ["Order 1-1 was received.", "27 June 2025", "USB Cable", "You pay later"] {
        assert!(done.body.contains(text), "{text}: {done}");
    }
    let own = between(&done.body, "signature=", "&amp;").expect("a link with it").to_owned();
    server.advance("1-1", "shipped");
    let later = format!("/order-complete?orderId=1-1&signature={own}");
    assert!(buyer.get(&later).body.contains("on its way"));
    // Without the signature nothing depends on the order, not even whether there is one.
    let bare = |id: &str, signature: &str| {
        let page = buyer.get(&format!("/order-complete?orderId={id}&signature={signature}"));
        assert_eq!(page.status, 200);
        page.body.replace(id, "ID")
    };
    let unknown = bare("1-999", "");
    for (id, signature) in [("1-1", ""), ("1-1", "AAAA"), ("1-1", &own[1..]), ("1-2", own.as_str())]
    {
        assert_eq!(bare(id, signature), unknown, "{id} {signature}");
    }
    assert!(!unknown.contains("USB Cable") && unknown.contains("Order ID was received."));
}

#[test]
fn pages_speak_the_buyers_language() {
    let server = shop();
    let cart = cart(&server);
    let path = page("/checkout", &cart);
    let said = |accepted: &str, more: &str| {
        let call = server.get(&format!("{path}{more}")).header("accept-language", accepted);
        call.send().body
    };
    assert!(said("nb-NO,nb;q=0.9", "").contains("<html lang=\"nb\""));
    assert!(said("nb", "").contains("Leveringsadresse"));
    assert!(said("nb", "&lang=en").contains("Shipping address"));
    let chosen = said("en", "&lang=nb");
    assert!(chosen.contains("4,50\u{a0}USD"), "{chosen}");
    assert!(chosen.contains("lang=nb\" novalidate"), "the language stays: {chosen}");
}

#[test]
fn where_the_provider_has_no_answer_the_order_stays_and_can_be_paid_later() {
    let server = shop();
    let buyer = Buyer::of(&server);
    let cart = cart(&server);
    let payment = at_payment(&buyer, &cart);
    let behave = server.put("/sandbox/behaviour").by(&server.staff());
    assert_eq!(behave.json(r#"{"fail_next": 1}"#).send().status, 204);
    let failed = buyer.fill(&payment, &[("payment", "credit_card")]);
    assert_eq!(failed.status, 200, "{failed}");
    assert!(failed.body.contains("could not be begun"), "{failed}");
    let sandbox = buyer.follow(buyer.fill(&failed, &[]));
    assert!(sandbox.body.contains("No money moves"), "{sandbox}");
    let on = buyer.fill(&sandbox, &[("action", "pay")]);
    let on = buyer.get(on.header("location").expect("back to the wait"));
    assert_eq!(on.status, 303, "{on}");
}

#[test]
fn an_order_that_has_run_out_is_told_as_cancelled() {
    let server = with(Wish {
        policy: Policy { reservation_ms: 60_000, ..Policy::default() },
        ..Wish::default()
    });
    let buyer = Buyer::of(&server);
    let cart = cart(&server);
    let payment = at_payment(&buyer, &cart);
    buyer.fill(&payment, &[("payment", "credit_card")]);
    server.clock().advance_ms(61_000);
    server.eventually("ORD1", "/status", "cancelled");
    let told = buyer.get(&page("/checkout/wait", &cart));
    assert!(told.status == 200 && told.body.contains("was cancelled"), "{told}");
}

#[test]
fn the_sandboxes_page_leads_back_to_the_wait_alone() {
    let server = shop();
    let buyer = Buyer::of(&server);
    let cart = cart(&server);
    let payment = at_payment(&buyer, &cart);
    let to = buyer.fill(&payment, &[("payment", "credit_card")]);
    let to = to.header("location").expect("the provider's page").to_owned();
    let (page, _) = to.split_once("?back=").expect("with the way back");
    for back in [
        "https%3A%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "%2Fcheckout%2Fwait",
        "%2Fcheckout%2Fwait%3F%0d%0aX%3A1",
        "%2Fcheckout%2Fwait%3F%22%3E",
        "",
    ] {
        assert_eq!(buyer.get(&format!("{page}?back={back}")).status, 404, "{back}");
    }
    let other = to.replacen("secret", "secrex", 1);
    assert_eq!(buyer.get(&other).status, 404);
    assert_eq!(buyer.get(&to.replacen("?back", "x?back", 1)).status, 404, "another secret");
    let unsealed = buyer.send(&to, &[("action", "pay")]);
    assert_eq!(unsealed.status, 303);
    assert_eq!(order(&server, "ORD1").text("/payment_status"), "unpaid");
}
