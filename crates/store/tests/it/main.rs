//! What every store must do, asked of each of them; and what random commands do to all of them.
//!
//! A subject is a file; its functions take a fresh [`fixture::Fixture`] and are listed below, once
//! for all backends. To add a backend, give it a function in `fixture` and a line here.
#![cfg(test)]

mod batches;
mod carts;
mod clients;
mod concurrency;
mod differential;
mod driver;
mod durability;
mod effects;
mod facts;
mod faults;
mod fixture;
mod lists;
mod logs;
mod people;
mod projections;
mod random_facts;
mod random_lists;
mod random_reviews;
mod reviews;
mod samples;
mod sqlite_file;
mod stores;
mod temp_cart_commands;

macro_rules! conformance {
    ($backend:ident) => {
        mod $backend {
            conformance!($backend:
                facts {
                    absent_rows_are_absent
                    a_stamp_changes_with_its_order
                    a_main_shelf_brings_those_elsewhere
                    every_fact_is_found_as_it_was_written
                    facts_are_replaced
                    facts_are_deleted
                    what_comes_and_goes_in_one_batch_was_never_there
                    texts_are_kept_to_the_letter
                    a_person_stands_apart_from_the_order
                    counters_are_kept
                    a_key_is_kept_for_a_day
                    a_freed_key_may_be_used_again
                    the_first_secret_is_kept
                }
                clients {
                    clients_are_found_as_they_were_written
                    keys_change_one_by_one
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
                    the_last_number_is_known
                    pages_of_the_admin_log
                }
                lists {
                    pages_of_orders
                    a_last_page_that_is_full_is_known_to_be_the_last
                    a_changed_order_moves_to_another_list
                    orders_by_retrieval
                    complete_orders_of_a_store
                    pages_of_products
                    pages_of_stock
                    delivery_methods_come_by_id
                }
                carts {
                    carts_are_their_owners
                    a_customers_carts_are_found
                    carts_that_have_run_out_go
                    what_a_cart_is_priced_by
                }
                effects {
                    every_effect_is_found_as_it_was_written
                    due_effects_come_the_longest_due_first
                    pages_of_open_effects
                    an_effect_is_put_off_and_closed
                    orders_expire_until_nothing_runs_out
                }
                people {
                    customers_are_found_and_paged
                    erasures_are_found_until_they_end
                    an_erased_person_is_in_no_table
                    answers_are_found_by_whom_they_show
                }
                stores {
                    stores_are_found_as_they_were_written
                    pages_of_stores
                    a_store_is_in_use_once_it_has_an_order
                }
                reviews {
                    rules_stand_with_their_store
                    what_is_counted_is_found_as_it_was_written
                    what_is_counted_goes_when_its_time_is_over
                }
                projections {
                    a_list_that_may_lag_says_how_far_it_has_come
                    what_was_fed_may_be_fed_again
                    rows_say_what_their_orders_say
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
