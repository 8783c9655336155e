//! `/checkout`: who buys, and where it goes.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command,
    address::{Address, Contact, Person},
    cart::{CartStatus, pricing, temp::put_buyer::PutBuyer},
    country::Country,
};
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::{
    Shown,
    cart::{Opened, Step, WAIT, gone, open},
    faults::{Fault, of_field, of_rejected},
    frame::see,
    guest::{Form, Guest},
    language::Language,
    submit,
};
use crate::{
    api::orders::placing,
    app::{App, Shared},
    json::{Faults, FieldError, Fields, Style, card_walk::refuse_card_data, parse},
};

const CONTACT: [&str; 2] = ["email", "phone"];
const ADDRESS: [&str; 8] =
    ["name", "company", "address", "address2", "zip", "city", "state", "country"];
const SHIPPING: &str = "shipping_address";
const BILLING: &str = "billing_address";
const OTHER: &str = "other";

pub(crate) async fn show(State(app): Shared, guest: Guest) -> Shown {
    let Some(opened) = open(&app, &guest).await? else { return Ok(gone(&app, &guest)) };
    if opened.cart.status == CartStatus::Ordered {
        return Ok(see(&opened.named.link(WAIT)));
    }
    Ok(render(&app, &guest, &opened, &known(&opened), &[]))
}

pub(crate) async fn put(State(app): Shared, guest: Guest, body: Body) -> Shown {
    let form = guest.form(body).await?;
    let Some(opened) = open(&app, &guest).await? else { return Ok(gone(&app, &guest)) };
    if opened.cart.status == CartStatus::Ordered {
        return Ok(see(&opened.named.link(WAIT)));
    }
    if !guest.has_sent(&app.page_key, &form, opened.cart.key.id.as_str()) {
        return Ok(opened.stale(&app, &guest));
    }
    let language = guest.language(&app);
    let person = match read(&form) {
        Ok(person) => person,
        Err(errors) => {
            let faults = told_once(language, &errors);
            return Ok(render(&app, &guest, &opened, &form, &faults));
        }
    };
    let buyer = PutBuyer {
        cart: opened.named.cart.clone(),
        store: opened.named.store,
        person: Box::new(person),
        delivery_method: None,
    };
    let put = submit(&app, &guest.request_id, Command::PutBuyer(Box::new(buyer))).await;
    if let Err(rejected) = put {
        let faults = of_rejected(language, &rejected)?;
        return Ok(render(&app, &guest, &opened, &form, &faults));
    }
    let is_shipped = pricing::requires_shipping(&opened.cart, &opened.world);
    let next = if is_shipped { Step::Delivery } else { Step::Payment };
    Ok(see(&opened.named.link(next.path())))
}

/// A field with two faults is told with the first.
fn told_once(language: &Language, errors: &[FieldError]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for fault in errors.iter().map(|it| of_field(language, it)) {
        if faults.iter().all(|it| it.field != fault.field) {
            faults.push(fault);
        }
    }
    faults
}

/// The form as a document of the API, so that it is read by the same rules.
fn read(form: &Form) -> Result<Person, Vec<FieldError>> {
    let mut document = Map::new();
    let mut parts = vec![("contact", &CONTACT[..]), (SHIPPING, &ADDRESS)];
    if form.text("billing") == Some(OTHER) {
        parts.push((BILLING, &ADDRESS));
    }
    for (part, names) in parts {
        let text = |name: &&str| {
            let value = form.text(&format!("{part}.{name}"))?;
            Some(((*name).to_owned(), Value::from(value)))
        };
        document.insert(part.into(), Value::Object(names.iter().filter_map(text).collect()));
    }
    let text = Value::Object(document).to_string();
    let tree = parse(text.as_bytes())?;
    let faults = Faults::default();
    refuse_card_data(&tree, &faults);
    let person = Fields::of_document(&tree, Style::Snake, &faults).and_then(|it| person(&it));
    match person {
        Some(person) if faults.is_empty() => Ok(person),
        Some(_) | None => Err(faults.into_list()),
    }
}

fn person(body: &Fields<'_, '_>) -> Option<Person> {
    let contact = body.required("contact").object()?;
    let email = placing::email(contact.required("email"));
    let phone = contact.optional("phone").string(1..=50).map(Into::into);
    for part in [SHIPPING, BILLING] {
        let Some(fields) = body.optional(part).is_present().then(|| body.optional(part).object())
        else {
            continue;
        };
        _ = fields?.required("name").string(1..=200);
    }
    let shipping_address = placing::address(body.required(SHIPPING));
    let billing_address = placing::address(body.optional(BILLING));
    Some(Person {
        shipping_address: Some(shipping_address?),
        billing_address,
        contact: Contact { email: Some(email?), phone },
        notes: None,
    })
}

/// What was told before, else the country that the shop has named.
fn known(opened: &Opened) -> Form {
    let mut form = Form::default();
    let person = &opened.cart.contents.person;
    form.put("contact.email", person.contact.email.as_deref());
    form.put("contact.phone", person.contact.phone.as_deref());
    fill(&mut form, SHIPPING, person.shipping_address.as_ref());
    fill(&mut form, BILLING, person.billing_address.as_ref());
    form.put("billing", person.billing_address.as_ref().map(|_| OTHER));
    let named = opened.named.country.map(Country::alpha2);
    form.put(&format!("{SHIPPING}.country"), named);
    form
}

fn fill(form: &mut Form, part: &str, address: Option<&Address>) {
    let Some(it) = address else { return };
    let values = [
        ("name", it.name.as_deref()),
        ("company", it.company.as_deref()),
        ("address", Some(it.address.as_str())),
        ("address2", it.address2.as_deref()),
        ("zip", it.zip.as_deref()),
        ("city", Some(it.city.as_str())),
        ("state", it.state.as_deref()),
        ("country", Some(it.country.alpha2())),
    ];
    for (name, value) in values {
        form.put(&format!("{part}.{name}"), value);
    }
}

fn render(app: &App, guest: &Guest, opened: &Opened, form: &Form, faults: &[Fault]) -> Response {
    let language = guest.language(app);
    let fields = FieldSet { language, form, faults };
    let is_other = form.text("billing") == Some(OTHER);
    let content = html! {
        form method="post" action=(opened.named.link(Step::Address.path())) novalidate {
            (opened.token(app, guest))
            fieldset {
                legend { (language.say("address.contact")) }
                (fields.input("contact", "email"))
                (fields.input("contact", "phone"))
            }
            fieldset {
                legend { (language.say("address.shipping")) }
                (fields.address(SHIPPING))
            }
            fieldset {
                legend { (language.say("address.billing")) }
                label.choice {
                    input type="radio" name="billing" value="same" checked[!is_other];
                    span { (language.say("address.billing_same")) }
                }
                label.choice {
                    input #billing-other type="radio" name="billing" value=(OTHER)
                        checked[is_other];
                    span { (language.say("address.billing_other")) }
                }
                div.billing { (fields.address(BILLING)) }
            }
            button.button type="submit" { (language.say("address.continue")) }
        }
    };
    opened.step(app, guest, Step::Address, faults, content)
}

/// How the fields of a form are drawn: each with its label, its value and what is wrong with it.
struct FieldSet<'a> {
    language: &'a Language,
    form: &'a Form,
    faults: &'a [Fault],
}

impl FieldSet<'_> {
    fn address(&self, part: &str) -> Markup {
        html! {
            (self.input(part, "name"))
            (self.input(part, "company"))
            (self.input(part, "address"))
            (self.input(part, "address2"))
            div.pair {
                (self.input(part, "zip"))
                (self.input(part, "city"))
            }
            (self.input(part, "state"))
            (self.country(part))
        }
    }

    fn input(&self, part: &str, name: &str) -> Markup {
        let id = format!("{part}.{name}");
        let fault = self.fault(&id);
        let (kind, mode) = match name {
            "email" => ("email", "email"),
            "phone" => ("tel", "tel"),
            _ => ("text", "text"),
        };
        let has_hint = name == "email";
        let hint_id = format!("{id}-hint");
        html! {
            div.field {
                (self.label(&id, name))
                input id=(id) name=(id) type=(kind) inputmode=(mode)
                    autocomplete=(completed(part, name))
                    value=(self.form.text(&id).unwrap_or_default())
                    required[is_required(name)]
                    aria-invalid=[fault.map(|_| "true")]
                    aria-describedby=[described(fault, has_hint, &id)];
                @if has_hint {
                    p.hint id=(hint_id) { (self.language.say("field.email_hint")) }
                }
                (fault_of(fault, &id))
            }
        }
    }

    fn country(&self, part: &str) -> Markup {
        let id = format!("{part}.country");
        let chosen = self.form.text(&id).and_then(Country::parse);
        let fault = self.fault(&id);
        html! {
            div.field {
                (self.label(&id, "country"))
                select id=(id) name=(id) autocomplete=(completed(part, "country")) required
                    aria-invalid=[fault.map(|_| "true")]
                    aria-describedby=[described(fault, false, &id)] {
                    option value="" { (self.language.say("field.country_choose")) }
                    @for (country, name) in Country::all() {
                        option value=(country.alpha2()) selected[chosen == Some(country)]
                            lang="en" { (name) }
                    }
                }
                (fault_of(fault, &id))
            }
        }
    }

    fn label(&self, id: &str, name: &str) -> Markup {
        html! {
            label for=(id) {
                (self.language.say(&format!("field.{name}")))
                @if !is_required(name) && name != "country" {
                    " " span.small { "(" (self.language.say("address.optional")) ")" }
                }
            }
        }
    }

    fn fault(&self, id: &str) -> Option<&str> {
        let found = self.faults.iter().find(|it| it.field.as_deref() == Some(id));
        found.map(|it| it.text.as_str())
    }
}

fn fault_of(fault: Option<&str>, id: &str) -> Markup {
    let told = format!("{id}-fault");
    html! {
        @if let Some(text) = fault {
            p.fault id=(told) { (text) }
        }
    }
}

fn described(fault: Option<&str>, has_hint: bool, id: &str) -> Option<String> {
    let fault = fault.map(|_| format!("{id}-fault"));
    let hint = has_hint.then(|| format!("{id}-hint"));
    let all: Vec<String> = fault.into_iter().chain(hint).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// Everywhere. Where a country wants more, the reader says so.
fn is_required(name: &str) -> bool {
    matches!(name, "email" | "name" | "address" | "city")
}

/// What a browser may fill in.
fn completed(part: &str, name: &str) -> String {
    let word = match name {
        "email" => return "email".into(),
        "phone" => return "tel".into(),
        "company" => "organization",
        "address" => "address-line1",
        "address2" => "address-line2",
        "zip" => "postal-code",
        "city" => "address-level2",
        "state" => "address-level1",
        other => other,
    };
    let section = if part == BILLING { "billing" } else { "shipping" };
    format!("{section} {word}")
}

/// One line of an address, for the steps that follow.
pub(super) fn one_line(address: &Address) -> String {
    let place = [address.zip.as_deref(), Some(address.city.as_str())];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    let place = place.join(" ");
    let parts = [
        address.name.as_deref(),
        address.company.as_deref(),
        Some(address.address.as_str()),
        address.address2.as_deref(),
        Some(place.as_str()),
        address.state.as_deref(),
        Some(address.country.alpha2()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The buyer as the cart has it, with another way of delivery.
pub(super) fn with_method(opened: &Opened, method: Option<domain::DeliveryMethodId>) -> Command {
    let person = Box::new(opened.cart.contents.person.clone());
    let (cart, store) = (opened.named.cart.clone(), opened.named.store);
    Command::PutBuyer(Box::new(PutBuyer { cart, store, person, delivery_method: method }))
}
