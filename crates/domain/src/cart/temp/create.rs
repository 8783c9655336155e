//! Create a temp cart. Anybody may put goods of the catalogue into one, at the catalogue's prices;
//! what is the shop's own, and any discount, only the shop may.

use super::{CatalogueLine, Discount, KEPT_MS, OwnLine, Temp, TempLine, key};
use crate::{
    actor::Actor,
    cart::{Cart, CartItem, CartStatus, Contents, changed, items_keys},
    command::Decision,
    id::{CartId, ProductId, StoreId, VariantId},
    moment::Moment,
    money::{Decimal, Money, MoneyFault},
    order::{
        LineDetails, MerchantReference,
        place::{Item, Part, price_line},
    },
    quantity::Quantity,
    refusal::{Found, Refusal, Refusals, Subject},
    shop::Shop,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct CreateTempCart {
    pub cart: CartId,
    pub store: StoreId,
    /// Whoever asks has proved to be the shop.
    pub is_shop: bool,
    pub lines: Vec<WantedLine>,
    pub domestic_shipping: Option<Decimal>,
    pub merchant: Option<MerchantReference>,
    pub confirmation_url: Option<String>,
    pub continue_url: Option<String>,
}

/// A line as it was sent. What names a product of the catalogue is that product; a negative price
/// is a discount.
#[derive(Clone, Debug, PartialEq)]
pub struct WantedLine {
    pub product: Option<ProductId>,
    pub variant: Option<VariantId>,
    pub name: String,
    pub sku: Option<String>,
    pub quantity: Quantity,
    pub price: Decimal,
    pub requires_shipping: bool,
    pub weight_grams: u32,
    pub details: LineDetails,
}

impl WantedLine {
    fn item(&self) -> Option<CartItem> {
        let product = self.product.clone()?;
        Some(CartItem { product, variant: self.variant.clone(), quantity: self.quantity })
    }
}

impl CreateTempCart {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.carts.insert(key(self.cart.clone()));
        keys.stores.insert(self.store);
        let items: Vec<CartItem> = self.lines.iter().filter_map(WantedLine::item).collect();
        items_keys(&items, keys);
    }

    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let shop = world.stores.get(&self.store).filter(|it| actor.may_use(it.id));
        let shop = shop.ok_or((Subject::Store, Refusal::StoreNotFound(self.store)))?;
        let mut found = Found::default();
        let temp = self.priced(world, shop, &mut found);
        found.settle()?;
        let key = key(self.cart.clone());
        if world.carts.get(&key).is_some_and(|it| it.is_there(now)) {
            return Err(Refusal::CartExists(self.cart.clone()).into());
        }
        let cart = Cart {
            key,
            store: self.store,
            status: CartStatus::Open,
            contents: Contents::default(),
            version: 1,
            expires_at: Some(now.plus_ms(KEPT_MS)),
            order: None,
            temp: Some(Box::new(temp)),
        };
        Ok(changed(cart, true))
    }

    fn priced(&self, world: &World, shop: &Shop, found: &mut Found) -> Temp {
        let mut temp = Temp {
            currency: shop.currency,
            lines: Vec::new(),
            discounts: Vec::new(),
            domestic_shipping: self.domestic_shipping(shop, found),
            merchant: self.merchant.clone(),
            confirmation_url: self.confirmation_url.clone(),
            continue_url: self.continue_url.clone(),
        };
        let mut sum = Ok(temp.domestic_shipping);
        for (index, line) in self.lines.iter().enumerate() {
            let added = if line.price.is_negative() {
                self.discount(line, shop, &mut temp)
            } else {
                self.line(line, world, shop, &mut temp)
            };
            match added {
                Ok(amount) => sum = sum.and_then(|sum| sum.plus(amount)),
                Err((part, refusal)) => found.add(part.at(index), refusal),
            }
        }
        if found.count() > 0 {
            return temp;
        }
        match sum {
            Ok(sum) if sum < Money::ZERO => {
                let (total, currency) = (sum, shop.currency);
                found.add(Subject::Request, Refusal::TotalBelowZero { total, currency });
            }
            Ok(_) if temp.lines.is_empty() => {
                found.add(Subject::Request, Refusal::CartEmpty(self.cart.clone()));
            }
            Ok(_) => {}
            Err(_) => found.add(Subject::Request, Refusal::AmountTooLarge),
        }
        temp
    }

    fn domestic_shipping(&self, shop: &Shop, found: &mut Found) -> Money {
        let Some(asked) = self.domestic_shipping else { return Money::ZERO };
        let subject = Subject::DomesticShipping;
        if !self.is_shop {
            found.add(subject, Refusal::SecretRequired);
        }
        let read = Money::from_decimal(asked, shop.currency);
        match read {
            Ok(amount) if amount >= Money::ZERO => return amount,
            Ok(_) => found.add(subject, Refusal::InvalidAmount(MoneyFault::Negative)),
            Err(fault) => found.add(subject, Refusal::InvalidAmount(fault)),
        }
        Money::ZERO
    }

    /// What it adds to the total.
    fn discount(
        &self,
        line: &WantedLine,
        shop: &Shop,
        temp: &mut Temp,
    ) -> Result<Money, (Part, Refusal)> {
        if !self.is_shop {
            return Err((Part::Price, Refusal::SecretRequired));
        }
        let amount = Money::ZERO.minus(amount(line, shop)?).map_err(|_| too_large())?;
        let discount = Discount { name: line.name.clone(), quantity: line.quantity, amount };
        let total = discount.total().map_err(|_| too_large())?;
        temp.discounts.push(discount);
        Ok(Money(-total.0))
    }

    fn line(
        &self,
        line: &WantedLine,
        world: &World,
        shop: &Shop,
        temp: &mut Temp,
    ) -> Result<Money, (Part, Refusal)> {
        let known = line.product.as_ref().and_then(|id| world.products.get(id));
        if let (Some(product), Some(item)) = (known, line.item()) {
            let shown = Item { price: Some(line.price), ..item.to_order() };
            let priced = price_line(1, &shown, product, shop)?;
            // Whoever is not the shop has nothing to tell it of its own goods.
            let details = self.is_shop.then(|| line.details.clone()).and_then(LineDetails::kept);
            temp.lines.push(TempLine::Catalogue(CatalogueLine { item, details }));
            return Ok(priced.total);
        }
        if !self.is_shop {
            return Err(match &line.product {
                Some(product) => (Part::Whole, Refusal::ProductNotFound(product.clone())),
                None => (Part::Whole, Refusal::SecretRequired),
            });
        }
        let own = OwnLine {
            name: line.name.clone(),
            sku: line.sku.clone(),
            quantity: line.quantity,
            price: amount(line, shop)?,
            requires_shipping: line.requires_shipping,
            weight_grams: line.weight_grams,
            details: line.details.clone().kept(),
        };
        let total = own.price.times(own.quantity.get()).map_err(|_| too_large())?;
        temp.lines.push(TempLine::Own(Box::new(own)));
        Ok(total)
    }
}

fn amount(line: &WantedLine, shop: &Shop) -> Result<Money, (Part, Refusal)> {
    let amount = Money::from_decimal(line.price, shop.currency);
    amount.map_err(|fault| (Part::Price, Refusal::InvalidAmount(fault)))
}

fn too_large() -> (Part, Refusal) {
    (Part::Price, Refusal::AmountTooLarge)
}
