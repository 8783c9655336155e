//! The port of payment providers.
//!
//! Each call that changes something carries a key, and to make it again with the same key does
//! nothing twice: it tells how what the first one made stands now. So a call whose answer was lost
//! is made again without harm.

pub mod sandbox;

use std::{fmt, future::Future, pin::Pin};

use domain::{
    Currency, IntentId, Moment, Money,
    payment::{ClientSecret, IntentNews, IntentRequest},
    refund::RefundState,
};

pub trait PaymentProvider: fmt::Debug + Send + Sync {
    /// The provider's name in settings and logs.
    fn name(&self) -> &'static str;

    /// The least that can be paid, in each currency where there is such a bound.
    fn minimums(&self) -> Vec<(Currency, Money)>;

    /// The least that can be paid in this currency.
    fn minimum(&self, currency: Currency) -> Money {
        let bounds = self.minimums().into_iter();
        bounds.filter(|(it, _)| *it == currency).map(|(_, least)| least).max().unwrap_or_default()
    }

    /// Whether customers may pay on a page of the provider's own.
    fn has_hosted_page(&self) -> bool {
        false
    }

    /// Where the customer of this intent pays on such a page, and comes back from it to `back`.
    fn hosted_page(&self, _secret: &ClientSecret, _back: &str) -> Option<String> {
        None
    }

    /// Makes an intent.
    fn create(&self, key: &str, request: &IntentRequest) -> Call<'_, CreatedIntent>;

    /// How an intent stands; [`ProviderError::Unknown`] if there is none of this id.
    fn intent(&self, id: &IntentId) -> Call<'_, IntentNews>;

    /// Takes the money of an authorized intent. One that has ended already is told as it ended.
    fn capture(&self, key: &str, id: &IntentId) -> Call<'_, IntentNews>;

    /// Cancels an intent. One that has ended already is told as it ended; one that the provider is
    /// still working on is [`ProviderError::Unavailable`] until it has ended.
    fn cancel(&self, key: &str, id: &IntentId) -> Call<'_, IntentNews>;

    /// Gives money back of an intent that has succeeded.
    fn refund(&self, key: &str, id: &IntentId, amount: Money) -> Call<'_, RefundNews>;

    /// Intents in the order in which they were made, after one of them: to hold the provider's
    /// books against ours.
    fn intents(&self, after: Option<IntentId>, limit: u32) -> Call<'_, Vec<IntentRecord>>;

    /// The last intent that was made before a moment: behind it are those made since. A provider
    /// that can't tell has one begin at the first.
    fn last_before(&self, _moment: Moment) -> Call<'_, Option<IntentId>> {
        Box::pin(async { Ok(None) })
    }

    /// Waits for the next thing that the provider tells unasked in this process. Only the intent
    /// counts: how it stands is asked. Dropped halfway nothing is lost.
    fn notice(&self) -> Pin<Box<dyn Future<Output = Notice> + Send + '_>>;

    /// The notice was acted upon and need not be told again.
    fn acknowledge(&self, notice: &Notice) -> Call<'_, ()>;
}

pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProviderError>> + Send + 'a>>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedIntent {
    pub intent: IntentId,
    pub client_secret: ClientSecret,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundNews {
    pub state: RefundState,
    /// Why it failed, in words for people.
    pub message: Option<String>,
}

/// An intent as the provider's books have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentRecord {
    pub news: IntentNews,
    /// What went back of it.
    pub refunded: Money,
    /// In milliseconds since 1970 UTC.
    pub created_at: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: u64,
    pub intent: IntentId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderError {
    /// The provider says no, for good; the words are for people.
    Refused(String),
    /// The provider knows nothing of this.
    Unknown,
    /// No answer, or none that can be read: it may have done it or not, and may be asked again.
    Unavailable(String),
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProviderError::Refused(why) => write!(f, "the provider refused: {why}"),
            ProviderError::Unknown => f.write_str("the provider does not know it"),
            ProviderError::Unavailable(why) => write!(f, "the provider is unavailable: {why}"),
        }
    }
}

impl std::error::Error for ProviderError {}
