//! `POST /v1/createTempCart`: a shop, or its page in the buyer's browser, fills a cart that is
//! checked out here. Whoever has no secret names products of the catalogue at their prices.

use axum::{body::Body, extract::State, http::StatusCode, response::Response};
use domain::{
    CartId, Command, Decimal, Quantity, Refusals, Subject,
    cart::temp::create::{CreateTempCart, WantedLine},
    order::{LineDetails, MerchantReference},
    shop::Shop,
};
use engine::{Answer, Rejected, Submission};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    door::{Kind, Knock, Refused, RefusedView, parse, told},
    parameters::Parameters,
};
use crate::{
    app::{App, Shared},
    json::{Json, Style},
    openapi::bodies,
    pages::checkout::destination::{NotAllowed, URL_LENGTH_MAX, page_of},
    refused,
};

const ITEMS_MAX: usize = 500;
const TEXT_LENGTH_MAX: usize = 500;
const GRAMS_MAX: f64 = 1_000_000_000.0;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TempCart)]
pub(crate) struct TempCartView {
    /// The cart is checked out at `/checkout?store=…&tempCartUUID=…`.
    #[serde(rename = "tempCartUUID")]
    #[schema(rename = "tempCartUUID")]
    temp_cart_uuid: String,
}

/// Create a temp cart
///
/// A cart for a buyer who is sent here to check out. With the store's secret it may hold items
/// outside the catalogue, which have no stock, and discounts, which are items with a negative
/// price; without it only products of the catalogue, at the catalogue's prices. It lives for 7 days
/// and becomes one order. Pages may call it from any origin.
#[utoipa::path(
    post, path = "/v1/createTempCart", operation_id = "create_temp_cart", tag = "order retrieval",
    request_body = bodies::retrieval::TempCartBody,
    responses(
        (status = 200, description = "Made", body = TempCartView),
        (status = 400, description = "What is wrong", body = RefusedView),
    ),
)]
pub(crate) async fn create_temp_cart(State(app): Shared, knock: Knock, body: Body) -> Response {
    let made = create(&app, &knock, body).await;
    made.unwrap_or_else(|refused| refused.response(Kind::Reads))
}

async fn create(app: &App, knock: &Knock, body: Body) -> Result<Response, Refused> {
    let bytes = knock.read(body).await?;
    let tree = parse(&bytes, "Invalid post body")?;
    let asked = Parameters::of(&tree).ok_or_else(|| Refused::because("Invalid post body"))?;
    let is_shop = asked.text("secret").is_some();
    let (store, request_id) = match is_shop {
        true => {
            let shop = knock.shop(app, &asked).await?;
            (shop.store, shop.request_id)
        }
        false => knock.visitor(app, &asked)?,
    };
    let shop = app.reads().shop(store).await.map_err(Refused::store)?;
    let shop = shop.ok_or_else(|| Refused::because(format!("Could not find a store: {store}")))?;
    let now = app.engine.clock().now();
    let id = app.engine.ids().uuid(now).to_string();
    let cart: CartId =
        id.parse().map_err(|_| Refused::Problem(crate::problem::Problem::internal()))?;
    let command = read(&asked, cart, &shop, is_shop)?;
    let submission = Submission {
        command: Command::CreateTempCart(Box::new(command)),
        actor: domain::Actor {
            role: domain::Role::System,
            subject: if is_shop { format!("store-{store}") } else { "visitor".into() },
            stores: Some(vec![store]),
        },
        request_id,
        idempotency: None,
        render: Box::new(|_, _| Answer::default()),
    };
    match app.engine.submit(submission).await {
        Ok(_) => Ok(told(StatusCode::OK, &TempCartView { temp_cart_uuid: id })),
        Err(Rejected::Refused(refusals)) => Err(Refused::because(sentence(&refusals))),
        Err(rejected) => Err(Refused::Problem(refused::rejected(&rejected, Style::Camel))),
    }
}

/// With the item that it is about.
fn sentence(refusals: &Refusals) -> String {
    let problem = refused::problem(refusals, Style::Camel);
    let subject = refusals.iter().next().map(|(subject, _)| *subject);
    match subject {
        Some(
            Subject::Item(index)
            | Subject::ItemVariant(index)
            | Subject::ItemQuantity(index)
            | Subject::ItemPrice(index),
        ) => format!("items[{index}]: {}", problem.detail()),
        _ if subject == Some(Subject::DomesticShipping) => {
            format!("domesticShippingCharge: {}", problem.detail())
        }
        _ => problem.detail().to_owned(),
    }
}

fn read(
    asked: &Parameters<'_>,
    cart: CartId,
    shop: &Shop,
    is_shop: bool,
) -> Result<CreateTempCart, Refused> {
    let items = match asked.value("items") {
        Some(Json::Array(items)) if (1..=ITEMS_MAX).contains(&items.len()) => items,
        Some(_) => {
            let sentence = format!("Parameter items must be a list of 1 to {ITEMS_MAX} items");
            return Err(Refused::because(sentence));
        }
        None => return Err(Refused::because("Parameter items is required")),
    };
    let lines = items.iter().enumerate().map(|(index, item)| {
        line(item).map_err(|why| Refused::because(format!("items[{index}]: {why}")))
    });
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    let because = |why: String| Refused::because(why);
    let charge = text(asked, "domesticShippingCharge").map_err(because)?;
    let charge = charge.map(|it| amount("domesticShippingCharge", &it)).transpose();
    let misc: Result<Vec<_>, _> = (1..=6).map(|nth| text(asked, &format!("misc{nth}"))).collect();
    let mut misc = misc.map_err(because)?;
    while misc.last().is_some_and(Option::is_none) {
        misc.pop();
    }
    let box_count = text(asked, "boxCount").map_err(because)?;
    let box_count = box_count.map(|it| whole("boxCount", &it, u32::MAX)).transpose();
    let reference = MerchantReference {
        reference_id: text(asked, "referenceId").map_err(because)?,
        box_count: box_count.map_err(because)?,
        misc,
    };
    let is_told = reference != MerchantReference::default();
    Ok(CreateTempCart {
        cart,
        store: shop.id,
        is_shop,
        lines,
        domestic_shipping: charge.map_err(because)?,
        merchant: is_told.then_some(reference),
        confirmation_url: page(asked, "externalConfirmationPageURL", shop)?,
        continue_url: page(asked, "contShoppingURL", shop)?,
    })
}

/// A page of the shop: nobody is sent elsewhere from here.
fn page(
    asked: &Parameters<'_>,
    name: &'static str,
    shop: &Shop,
) -> Result<Option<String>, Refused> {
    let Some(text) = asked.text(name) else { return Ok(None) };
    match page_of(shop, text) {
        Ok(url) => Ok(Some(url.into())),
        Err(NotAllowed::Address) => {
            Err(Refused::because(format!("{name}: must be an http or https address")))
        }
        Err(NotAllowed::Host) => {
            Err(Refused::because(format!("{name}: its host is none of the store's success_hosts")))
        }
    }
}

fn line(item: &Json<'_>) -> Result<WantedLine, String> {
    let asked = Parameters::of(item).ok_or("must be an object")?;
    let text = |name: &str| text(&asked, name);
    let needed = |name: &str| text(name)?.ok_or_else(|| format!("Parameter {name} is required"));
    let name = needed("description")?;
    let quantity = whole("quantity", &needed("quantity")?, Quantity::MAX)?;
    let quantity = Quantity::new(quantity).ok_or("quantity: must be at least 1")?;
    let price = amount("unitPrice", &needed("unitPrice")?)?;
    let reference = text("productId")?;
    let product = reference.as_deref().and_then(|it| it.parse().ok());
    let variant = text("variantId")?.map(|it| it.parse()).transpose();
    let (weight, weight_units) = (text("weight")?, text("weightUnits")?);
    Ok(WantedLine {
        product,
        variant: variant.map_err(|_| "variantId: is not a valid id")?,
        name,
        sku: text("sku")?,
        quantity,
        price,
        requires_shipping: !asked.flag("nonShippable"),
        weight_grams: grams(weight.as_deref(), weight_units.as_deref())?,
        details: LineDetails {
            product_reference: reference,
            customization: text("itemCustomization")?,
            weight,
            weight_units,
            length: text("length")?,
            width: text("width")?,
            height: text("height")?,
            country_of_origin: text("countryOfOrigin")?,
            brand: text("itemBrand")?,
            category: text("itemCategory")?,
            hs_code: text("itemHSCode")?,
            image_url: link(&asked, "imageURL")?,
            item_url: link(&asked, "itemURL")?,
        },
    })
}

fn text(asked: &Parameters<'_>, name: &str) -> Result<Option<String>, String> {
    let found = asked.word(name).map_err(|_| format!("{name}: must be a string or a number"))?;
    match found {
        Some(text) if text.chars().count() > TEXT_LENGTH_MAX || text.contains('\0') => {
            Err(format!("{name}: has more than {TEXT_LENGTH_MAX} characters"))
        }
        found => Ok(found.map(Into::into)),
    }
}

/// For the shop's own system; nobody is sent there from here.
fn link(asked: &Parameters<'_>, name: &str) -> Result<Option<String>, String> {
    let Some(text) = asked.text(name) else { return Ok(None) };
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if is_web && text.len() <= URL_LENGTH_MAX && !text.contains('\0') {
        return Ok(Some(text.into()));
    }
    Err(format!("{name}: must be an http or https address"))
}

fn amount(name: &str, text: &str) -> Result<Decimal, String> {
    text.parse().map_err(|_| format!("{name}: is not an amount"))
}

/// `2`, `2.0`: clients count in floating numbers too.
fn whole(name: &str, text: &str, max: u32) -> Result<u32, String> {
    let whole = text.split_once('.').filter(|(_, zeros)| zeros.bytes().all(|it| it == b'0'));
    let digits = whole.map_or(text, |(digits, _)| digits);
    let read = digits.parse::<u32>().ok().filter(|it| *it <= max);
    read.ok_or_else(|| format!("{name}: must be a whole number up to {max}"))
}

/// What one piece weighs, rounded up; without units it is in pounds, as these clients mean it.
fn grams(weight: Option<&str>, units: Option<&str>) -> Result<u32, String> {
    let Some(weight) = weight else { return Ok(0) };
    let weight: f64 = weight.parse().map_err(|_| "weight: is not a number")?;
    let factor = match units.unwrap_or("LB").to_ascii_uppercase().as_str() {
        "OZ" => 28.349_523_125,
        "LB" => 453.592_37,
        "G" => 1.0,
        "KG" => 1000.0,
        _ => return Err("weightUnits: must be OZ, LB, G or KG".into()),
    };
    let grams = (weight * factor).ceil();
    if !(0.0..=GRAMS_MAX).contains(&grams) {
        return Err("weight: is not a weight".into());
    }
    // It is whole and within what the type holds.
    format!("{grams:.0}").parse().map_err(|_| "weight: is not a weight".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_read_in_their_units() {
        let check = |weight: &str, units: Option<&str>, expected: Option<u32>| {
            assert_eq!(grams(Some(weight), units).ok(), expected, "{weight} {units:?}");
        };
        check("1", Some("OZ"), Some(29));
        check("2", Some("lb"), Some(908));
        check("2", None, Some(908));
        check("0.5", Some("KG"), Some(500));
        check("10.2", Some("G"), Some(11));
        check("0", Some("G"), Some(0));
        check("-1", Some("G"), None);
        check("NaN", Some("G"), None);
        check("inf", Some("G"), None);
        check("1", Some("stone"), None);
        assert_eq!(grams(None, None), Ok(0));
    }
}
