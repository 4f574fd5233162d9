//! What Paidan promises, tried from outside: one file per promise.
//!
//! `running` starts the real binary, or the wired server with a clock that a test moves; `client`
//! talks HTTP as anybody would.

mod client;
mod demo;
mod exposition;
mod firm;
mod promql;
mod running;

mod a_firm_is_loaded_from_files;
mod a_full_disk_refuses_reports_first;
mod a_ticket_from_report_to_answer;
mod an_offer_has_one_winner;
mod dispatchers_follow_over_nats;
mod dispatchers_tell_how_they_are;
mod dispatching_is_the_same_in_both_shapes;
mod logs_keep_secrets;
mod nothing_acknowledged_is_lost;
mod numbers_are_true;
mod old_decisions_come_out_again;
mod overload_is_bounded;
mod places_are_given_once;
mod rebuilds_survive_kills;
mod silence_leads_to_somebody_else;
mod the_demo_counts_what_its_log_says;
mod the_demo_starts_and_stops;
mod the_demo_tells_the_same_story;
mod the_nearest_are_asked_first;
mod the_past_is_recounted_under_load;
mod tls_is_spoken_with_nats;
mod what_was_backed_up_comes_back;
mod wrong_input_gets_a_clear_error;
