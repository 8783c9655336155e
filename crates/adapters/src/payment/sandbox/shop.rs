//! What the sandbox does for the shop: the port of payment providers.

use std::{
    future::{Future, pending},
    pin::Pin,
};

use domain::{
    Currency, IntentId, Moment, Money,
    payment::{ClientSecret, IntentNews, IntentRequest, IntentState},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::sleep;

use super::{
    Sandbox, SandboxError,
    behaviour::{Ending, FAILURE, Fate},
    books::{Books, Intent, Made},
    minimums::MINIMUMS,
    moves::{self, Move},
};
use crate::payment::{
    Call, CreatedIntent, IntentRecord, Notice, PaymentProvider, ProviderError, RefundNews,
};

impl PaymentProvider for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn minimums(&self) -> Vec<(Currency, Money)> {
        let listed = MINIMUMS.iter();
        listed.filter_map(|(code, minor)| Some((Currency::parse(code)?, Money(*minor)))).collect()
    }

    fn has_hosted_page(&self) -> bool {
        true
    }

    /// The server that has the sandbox shows it.
    fn hosted_page(&self, secret: &ClientSecret, back: &str) -> Option<String> {
        let encoded = |it: &str| utf8_percent_encode(it, NON_ALPHANUMERIC).to_string();
        Some(format!("/sandbox/pay/{}?back={}", encoded(secret.as_str()), encoded(back)))
    }

    fn create(&self, key: &str, request: &IntentRequest) -> Call<'_, CreatedIntent> {
        let (key, request) = (key.to_owned(), request.clone());
        self.change(move |books| {
            let asked = format!("create {}", worded(&request));
            let intent = match books.made(&key, &asked)? {
                Some(made) => books.intent(&IntentId::new(&made.0))?,
                None => {
                    let minimum = self.minimum(request.currency).max(Money(1));
                    if request.amount < minimum {
                        return too_small(minimum, request.currency);
                    }
                    let intent = books.begin(request)?;
                    books.remember(&key, &asked, &Made(intent.id.as_str().into()))?;
                    intent
                }
            };
            Ok(CreatedIntent { intent: intent.id, client_secret: intent.client_secret.into() })
        })
    }

    fn intent(&self, id: &IntentId) -> Call<'_, IntentNews> {
        let id = id.clone();
        self.ask(move |books| Ok(books.intent(&id)?.news()))
    }

    fn capture(&self, key: &str, id: &IntentId) -> Call<'_, IntentNews> {
        self.step(key, "capture", id, moves::capture)
    }

    fn cancel(&self, key: &str, id: &IntentId) -> Call<'_, IntentNews> {
        self.step(key, "cancel", id, moves::cancel)
    }

    fn refund(&self, key: &str, id: &IntentId, amount: Money) -> Call<'_, RefundNews> {
        let (key, id) = (key.to_owned(), id.clone());
        self.change(move |books| {
            let asked = format!("refund {id} {}", amount.0);
            if let Some(made) = books.made(&key, &asked)? {
                return Ok(RefundNews { state: books.refund_state(&made)?, message: None });
            }
            let intent = books.intent(&id)?;
            check_refund(&intent, books.given_back(&id)?, amount)?;
            let made = books.begin_refund(&id, amount)?;
            books.remember(&key, &asked, &made)?;
            Ok(RefundNews { state: books.refund_state(&made)?, message: None })
        })
    }

    fn intents(&self, after: Option<IntentId>, limit: u32) -> Call<'_, Vec<IntentRecord>> {
        self.ask(move |books| {
            let page = books.intents(after.as_ref(), limit)?;
            page.into_iter().map(|intent| books.record(intent)).collect()
        })
    }

    fn last_before(&self, moment: Moment) -> Call<'_, Option<IntentId>> {
        self.ask(move |books| books.last_before(moment))
    }

    fn notice(&self) -> Pin<Box<dyn Future<Output = Notice> + Send + '_>> {
        Box::pin(self.next_notice())
    }

    fn acknowledge(&self, notice: &Notice) -> Call<'_, ()> {
        let id = notice.id;
        Box::pin(async move { Ok(self.strike(id)?) })
    }
}

impl Sandbox {
    fn step(
        &self,
        key: &str,
        verb: &'static str,
        id: &IntentId,
        step: fn(IntentState) -> Result<Move, SandboxError>,
    ) -> Call<'_, IntentNews> {
        let (key, id) = (key.to_owned(), id.clone());
        self.change(move |books| {
            let asked = format!("{verb} {id}");
            let is_repeated = books.made(&key, &asked)?.is_some();
            let mut intent = books.intent(&id)?;
            if is_repeated {
                return Ok(intent.news());
            }
            if let Move::To(state) = step(intent.state)? {
                intent.state = state;
                intent.message = None;
                books.put(&intent)?;
                books.tell(&id)?;
            }
            books.remember(&key, &asked, &Made(id.as_str().into()))?;
            Ok(intent.news())
        })
    }

    fn change<'a, T: Send + 'a>(
        &'a self,
        change: impl FnOnce(&Books<'_>) -> Result<T, SandboxError> + Send + 'a,
    ) -> Call<'a, T> {
        Box::pin(async move {
            let fate = self.fate_of_change()?;
            let answer = match fate.ending {
                Ending::Refused => Err(SandboxError::Impossible(FAILURE.into())),
                Ending::Answered | Ending::Lost => self.write(change),
            };
            answered(fate, answer).await
        })
    }

    fn ask<'a, T: Send + 'a>(
        &'a self,
        question: impl FnOnce(&Books<'_>) -> Result<T, SandboxError> + Send + 'a,
    ) -> Call<'a, T> {
        Box::pin(async move {
            let fate = self.fate_of_question()?;
            answered(fate, self.read(question)).await
        })
    }
}

/// The answer is known; it is on its way for as long as its fate wants.
async fn answered<T>(fate: Fate, answer: Result<T, SandboxError>) -> Result<T, ProviderError> {
    if fate.ending == Ending::Lost {
        return pending().await;
    }
    if !fate.delay.is_zero() {
        sleep(fate.delay).await;
    }
    Ok(answer?)
}

fn check_refund(intent: &Intent, given_back: Money, amount: Money) -> Result<(), SandboxError> {
    let impossible = |why: String| Err(SandboxError::Impossible(why));
    if intent.state != IntentState::Succeeded {
        let state = intent.state.name();
        return impossible(format!("This payment is {state} and cannot be refunded."));
    }
    if amount <= Money::ZERO {
        return impossible("A refund is of more than nothing.".into());
    }
    let left = Money(intent.request.amount.0.saturating_sub(given_back.0));
    if amount > left {
        let currency = intent.request.currency;
        let left = left.display(currency);
        return impossible(format!("Only {left} {currency} of this payment can be refunded."));
    }
    Ok(())
}

fn too_small<T>(minimum: Money, currency: Currency) -> Result<T, SandboxError> {
    let least = minimum.display(currency);
    Err(SandboxError::Impossible(format!("A payment is of {least} {currency} at least.")))
}

/// A request in words, to compare it with another under the same key.
fn worded(request: &IntentRequest) -> String {
    let IntentRequest { order, payment, amount, currency, capture } = request;
    format!("{order} {payment} {} {currency} {capture:?}", amount.0)
}

impl Intent {
    fn news(&self) -> IntentNews {
        IntentNews {
            intent: self.id.clone(),
            order: Some(self.request.order),
            payment: Some(self.request.payment.clone()),
            amount: self.request.amount,
            currency: self.request.currency,
            state: self.state,
            message: self.message.clone(),
        }
    }
}

impl Books<'_> {
    pub(super) fn record(&self, intent: Intent) -> Result<IntentRecord, SandboxError> {
        let refunded = self.refunded(&intent.id)?;
        Ok(IntentRecord { news: intent.news(), refunded, created_at: intent.created_at })
    }
}
