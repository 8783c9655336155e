//! What every store must do, asked of each of them; and what random commands do to all of them.
//!
//! A subject is a file; its functions take a fresh [`fixture::Fixture`] and are listed below, once
//! for all backends. To add a backend, give it a function in `fixture` and a line here.
#![cfg(test)]

mod batches;
mod concurrency;
mod differential;
mod driver;
mod durability;
mod facts;
mod faults;
mod fixture;
mod lists;
mod logs;
mod samples;
mod sqlite_file;

macro_rules! conformance {
    ($backend:ident) => {
        mod $backend {
            conformance!($backend:
                facts {
                    absent_rows_are_absent
                    every_fact_is_found_as_it_was_written
                    facts_are_replaced
                    facts_are_deleted
                    what_comes_and_goes_in_one_batch_was_never_there
                    texts_are_kept_to_the_letter
                    a_person_stands_apart_from_the_order
                    counters_are_kept
                    a_key_is_kept_for_a_day
                    the_first_secret_is_kept
                }
                batches {
                    only_what_is_named_is_loaded
                    a_step_may_load_more
                    a_step_that_loads_for_ever_is_broken
                    a_batch_that_changes_nothing_takes_no_number
                    an_abandoned_batch_writes_nothing
                    a_panic_writes_nothing_and_the_writer_goes_on
                    a_refused_command_takes_no_number
                    a_constraint_that_is_hit_writes_nothing
                }
                logs {
                    every_kind_of_event_is_read_back
                    pages_of_events
                    a_page_without_an_event_moves_on
                    pages_of_the_admin_log
                }
                lists {
                    pages_of_orders
                    a_changed_order_moves_to_another_list
                    orders_by_retrieval
                    pages_of_products
                    pages_of_stock
                    delivery_methods_come_by_id
                }
                concurrency {
                    two_writers_and_a_reader
                }
            );
        }
    };
    ($backend:ident: $($subject:ident { $($test:ident)* })*) => {$(
        mod $subject {$(
            #[test]
            fn $test() {
                crate::$subject::$test(&crate::fixture::$backend());
            }
        )*}
    )*};
}

conformance!(memory);
conformance!(sqlite);
conformance!(postgres);
