//! What is known of all stores without asking the database: their secrets, and how their orders are
//! called. It is as the database was when it was last looked at.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use domain::{DeliveryMethodId, StoreId, client::SecretHash, counter::Counter};
use sha2::{Digest, Sha256};
use store::{Reads, ShopQuery, StoreError};
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;

/// Stores that are read at once.
const PAGE: u32 = 200;

#[derive(Default)]
pub(crate) struct Shops {
    /// Nothing until the first look.
    known: RwLock<Option<Arc<Known>>>,
    /// One look at a time, so that what an earlier one has found never replaces a later one's; and
    /// the last number of the admin log that the last one has seen.
    looking: Mutex<Option<u64>>,
}

#[derive(Default)]
pub(super) struct Known {
    /// The last entry of the admin log that this is of.
    pub(super) as_of: u64,
    shops: HashMap<StoreId, KnownShop>,
    delivery_methods: HashMap<DeliveryMethodId, String>,
}

pub(super) struct KnownShop {
    secret: Option<[u8; 32]>,
    /// Nothing that is ordered there is meant.
    pub(super) test: bool,
}

impl Known {
    /// The store, if this is its secret. It takes as long whatever is wrong with it.
    pub(super) fn proved(&self, store: StoreId, secret: &str) -> Option<&KnownShop> {
        let shop = self.shops.get(&store);
        let known = shop.and_then(|it| it.secret);
        let offered: [u8; 32] = Sha256::digest(secret).into();
        let is_right = offered.ct_eq(&known.unwrap_or_default());
        shop.filter(|_| known.is_some() & bool::from(is_right))
    }

    pub(super) fn delivery_method(&self, id: &DeliveryMethodId) -> Option<&str> {
        self.delivery_methods.get(id).map(String::as_str)
    }
}

impl Shops {
    pub(super) async fn known(&self, reads: &dyn Reads) -> Result<Arc<Known>, StoreError> {
        loop {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
            match known {
                Some(known) => return Ok(known),
                None => self.look_again(reads).await?,
            }
        }
    }

    /// Stores and delivery methods change by commands alone, which the admin log counts.
    pub(crate) async fn look_again(&self, reads: &dyn Reads) -> Result<(), StoreError> {
        let mut seen = self.looking.lock().await;
        let logged = reads.counters().await?.value(Counter::AdminEvent);
        if *seen == Some(logged) {
            return Ok(());
        }
        let mut known = Known { as_of: logged, ..Known::default() };
        let mut query = ShopQuery { after: None, limit: PAGE, stores: None };
        loop {
            let page = reads.shops(query.clone()).await?;
            let Some(last) = page.last() else { break };
            query.after = Some(last.id);
            known.shops.extend(page.iter().map(|it| {
                let secret = it.secret_hash.as_ref().and_then(SecretHash::digest);
                (it.id, KnownShop { secret, test: it.test })
            }));
        }
        let methods = reads.delivery_methods().await?;
        known.delivery_methods = methods.into_iter().map(|it| (it.id, it.name)).collect();
        let known = Some(Arc::new(known));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        *seen = Some(logged);
        Ok(())
    }
}
