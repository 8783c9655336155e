//! Payment providers. To add one, give it a function in `subject` and a line here.

mod behaviour;
mod books;
mod contract;
mod notices;
mod subject;

macro_rules! contract {
    ($provider:ident: $($test:ident)*) => {
        mod $provider {
            $(
                #[tokio::test]
                async fn $test() {
                    super::contract::$test(&super::subject::$provider()).await;
                }
            )*
        }
    };
    ($($provider:ident;)*) => {
        $(
            contract!($provider:
                an_intent_waits_for_the_customer
                a_key_is_good_for_one_intent
                a_key_is_good_for_one_request
                too_little_is_refused
                a_confirmed_intent_has_succeeded
                a_declined_customer_may_try_again
                an_authorized_intent_is_captured_once
                only_what_is_authorized_is_captured
                a_cancelled_intent_cannot_be_paid
                what_has_ended_is_told_as_it_ended
                what_is_processed_ends_before_it_is_cancelled
                what_nobody_knows_is_unknown
                a_refund_is_made_once
                no_more_is_refunded_than_was_paid
                refunds_at_once_share_what_was_paid
                intents_come_in_pages
                a_change_is_told
                secrets_are_not_printed
            );
        )*
    };
}

contract! {
    sandbox_in_memory;
    sandbox_in_a_file;
}
