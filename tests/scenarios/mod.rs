//! What must hold on every pair of clusters, written once: the real pair runs each scenario
//! as a trial, the simulated pair as a `#[test]`.
//!
//! A scenario is `pub fn name(pair: &mut Pair)`; it finds the pair empty, whole, licensed and
//! not connected, and may leave it as it likes.

pub mod bad_follower;
pub mod bidi;
pub mod bidi_lifecycle;
pub mod bidi_outage;
pub mod bidi_rollover;
pub mod bidi_status;
pub mod carried;
pub mod choices;
pub mod clients;
pub mod clocks;
pub mod comparison;
pub mod conformance;
pub mod cut_off;
pub mod dark;
pub mod dark_at_random;
pub mod diverged;
pub mod drain;
pub mod emergency;
pub mod failback;
pub mod failback_killed;
pub mod failover;
pub mod fence;
pub mod fence_holds;
pub mod forced;
pub mod forced_killed;
pub mod forked;
pub mod freezing;
pub mod frozen_status;
pub mod harness;
pub mod killed;
pub mod meeting;
pub mod moments;
pub mod names;
pub mod newcomers;
pub mod odd_leader;
pub mod operators;
pub mod plan_file;
pub mod refused;
pub mod remotes;
pub mod reprotect;
pub mod returning;
pub mod room;
pub mod safety;
pub mod salvage;
pub mod sets;
pub mod shapes;
pub mod split_brain;
pub mod stranger;
pub mod strangers;
pub mod switch;
pub mod tries;
pub mod two_operators;
pub mod unhealthy;
pub mod verify;

// The lists of one file each, so that the list below stays flat.
pub use conformance::{
    aliases, allocation, auto_follow, cluster, documents, fatal, fences, following, given_up,
    indices, lists, lost_leader, promoting, records, snapshots,
};

/// Calls the macro `$then` with the list of all scenarios. To add one, name it here.
///
/// Those of the first half run on real servers too, each for the reason that it stands under: only
/// there is it decided, and each costs seconds there. What is refused, what is said, and a second
/// variant of a path depend on what esdr is told alone, and the conformance lists hold that the
/// simulated pair tells it what real servers do: so such a scenario is in the second half, and no
/// test on the real pair, but with `ESDR_TEST_EVERY_SCENARIO=1`. A scenario that finds something
/// there that the simulated pair did not show moves up, with a conformance list for what the
/// simulator got wrong.
macro_rules! every_scenario {
    ($then:ident) => {
        $then! {
            on both pairs {
                // The one good path of each command, and of each shape that it has: planned and
                // forced failover, back by interruption, by salvage, by carrying; a plan file,
                // `--discard`, a fence that waits.
                failover::one_index_is_protected_and_failed_over_with_nothing_lost,
                switch::twenty_indices_under_load_are_switched_with_nothing_lost,
                shapes::names_of_two_hundred_bytes_are_switched,
                shapes::auto_follow_takes_what_is_born_later,
                plan_file::a_plan_is_written_shown_and_applied,
                drain::interrupted_in_the_drain_it_is_undone,
                forced::a_dead_leader_is_left_behind_with_accepted_loss,
                reprotect::after_a_planned_failover_the_former_leader_follows_and_nothing_is_salvaged,
                failback::a_writer_goes_away_and_comes_home_with_nothing_lost,
                failback::what_only_a_silent_leader_had_is_salvaged_and_home_leads_again,
                failback::other_names_born_and_rolled_over_on_the_standby_go_home_under_their_own,
                comparison::what_the_plan_says_of_an_index_is_what_comes_of_it,
                split_brain::two_writable_copies_stop_every_command_until_a_side_is_named,
                safety::a_snapshot_holds_what_diverged_where_that_is_asked,
                carried::what_was_written_since_is_carried_back_without_a_copy,
                verify::equal_sets_say_so,
                verify::while_a_writer_goes_on_nothing_differs,
                salvage::what_only_a_former_leader_has_is_exported_to_the_document,
                salvage::salvaged_documents_are_written_back_and_conflicts_listed,
                fence::a_leader_is_fenced_and_let_go_and_keeps_a_block_that_was_found,
                fence::a_dead_cluster_is_waited_for_and_fenced_when_it_is_back,
                bidi::a_bidi_alias_is_written_and_read_on_both_sites,
                bidi::a_bidi_alias_is_taken_down_and_set_up_again,
                bidi_rollover::ten_rollovers_a_site_are_each_followed_once_and_none_is_followed_back,
                bidi_outage::a_bidi_site_that_dies_is_left_and_comes_back_with_nothing_lost,

                // How a write was lost once, or a lead given twice: clusters that nobody sees, two
                // operators, wrong clocks, another cluster than was meant, another installation, a
                // fence that leaks, a standby that dies behind it.
                dark::both_clusters_dark_in_the_middle_of_a_failover_stop_it_and_the_same_command_ends_it,
                dark_at_random::both_clusters_started_again_at_any_moment_the_same_command_ends_it,
                meeting::two_operators_at_any_moment_leave_one_leader_and_no_write_lost,
                two_operators::a_run_that_stands_still_is_taken_over_and_then_changes_nothing_more,
                clocks::whatever_the_clocks_say_a_set_goes_away_comes_home_and_goes_again,
                remotes::a_connection_behind_which_another_cluster_stands_is_refused,
                odd_leader::a_leader_that_the_standby_reads_from_is_alive_whatever_answers_in_its_place,
                stranger::a_stranger_at_the_leaders_address_is_refused_by_every_command,
                stranger::of_two_addresses_the_one_that_has_a_master_is_asked,
                cut_off::a_live_leader_whose_port_refuses_this_machine_is_not_taken_for_dead,
                strangers::a_failback_of_one_installation_leaves_the_others_record_alone,
                fence_holds::a_fence_holds_against_every_way_in_and_is_lifted_without_a_trace,
                fence_holds::a_former_leader_is_kept_shut_until_it_leads_again,
                newcomers::an_index_made_by_hand_behind_the_fence_is_taken_along,
                fence::a_leader_is_fenced_and_let_go_while_the_other_cluster_is_dead,
                dark::a_standby_that_dies_behind_the_fence_leaves_no_leader_blocked,

                // Killed, halted or left alone at the moment that is worst for the command
                // (`moments.rs`).
                killed::killed_after_every_event_the_same_command_ends_it,
                killed::killed_after_every_event_another_machine_ends_it,
                killed::killed_after_every_event_undo_takes_it_back_or_refuses,
                failback_killed::killed_after_every_event_of_a_failback_the_same_command_ends_it,
                carried::killed_after_every_event_of_the_carrying_the_same_command_ends_it,
                forced_killed::killed_after_every_event_of_a_forced_run_the_same_command_ends_it,
                bidi::a_bidi_run_killed_after_every_event_is_ended_by_the_same_command,
                bidi_outage::a_bidi_way_back_killed_after_every_event_is_ended_by_the_same_command,
                returning::a_silent_leader_that_comes_back_after_any_event_is_fenced,

                // What only real servers show: silence, links, clients in the middle, closed and
                // failed shards, leases and merges, snapshots, lifecycle management, breakers.
                forced::a_leader_without_a_master_is_refused,
                failback::what_is_written_through_an_alias_of_the_former_leader_makes_no_index,
                drain::a_standby_cut_off_is_refused_before_anything_is_fenced,
                frozen_status::status_answers_soon_though_the_leader_is_silent,
                bidi_outage::a_bidi_copy_whose_history_is_gone_is_made_anew,
                bidi_lifecycle::lifecycle_management_rolls_over_its_own_side_and_lets_the_copy_be,
                bad_follower::a_paused_follower_is_resumed_as_it_was_and_drained,
                bad_follower::a_closed_follower_is_opened_resumed_and_drained,
                bad_follower::a_follower_of_an_index_that_is_gone_is_named_and_the_others_go,
                bad_follower::a_snapshot_that_holds_an_index_is_waited_for,
                bad_follower::a_follower_that_the_cluster_has_given_up_is_made_anew,
                unhealthy::a_red_index_of_the_leader_is_named_and_the_others_are_drained,
                unhealthy::a_leader_that_trips_its_breaker_is_left_behind_only_with_accepted_loss,

                // What keeps the simulator honest, and the harness itself.
                harness::the_pair_replicates_an_index_by_hand,
                harness::the_ledger_knows_what_was_acknowledged,
                harness::a_writer_is_redirected_while_it_writes,
                harness::a_frozen_link_holds_what_is_written,
                harness::the_binary_runs_beside_its_configuration,
                indices::an_index_is_created_listed_and_deleted,
                indices::settings_are_read_flat_and_filtered,
                indices::a_write_block_refuses_writes_and_says_so,
                indices::an_index_is_closed_and_opened,
                documents::documents_are_written_counted_and_found_by_sequence,
                documents::a_bulk_request_answers_item_by_item,
                documents::a_document_is_created_once_and_changed_only_as_it_was_read,
                documents::documents_are_copied_to_another_index_by_a_task,
                documents::shard_statistics_tell_checkpoints,
                aliases::an_alias_carries_filter_routing_and_write_flag,
                aliases::an_alias_without_a_write_index_refuses_writes,
                aliases::a_rollover_passes_a_write_block,
                fences::a_read_only_index_refuses_writes_and_every_change_of_its_metadata,
                fences::a_follower_reads_from_a_read_only_leader_and_is_let_go_by_it,
                fences::a_template_of_the_highest_rank_blocks_what_is_born,
                fences::names_that_are_left_out_have_a_template_of_a_higher_rank,
                following::a_follow_that_cannot_be_is_refused,
                following::a_follower_is_seen_and_is_read_only,
                following::what_does_not_follow_is_seen_as_such,
                promoting::a_follower_is_paused_once,
                promoting::a_follower_is_resumed_with_parameters_or_without,
                promoting::a_follower_is_promoted_in_four_calls,
                promoting::a_follow_goes_over_a_closed_copy_and_never_over_an_open_one,
                promoting::a_leader_forgets_a_follower,
                auto_follow::a_pattern_is_put_read_and_deleted,
                auto_follow::a_pattern_follows_what_is_born_after_it,
                lists::one_missing_name_refuses_the_whole_list,
                lists::a_pattern_that_matches_nothing_is_no_error,
                records::a_record_is_written_on_condition,
                records::a_scroll_reads_to_the_end,
                snapshots::a_repository_is_made_read_and_verified,
                snapshots::a_snapshot_is_taken_told_and_deleted,
                fatal::a_deleted_leader_is_fatal_and_another_of_its_name_is_another,
                given_up::a_copy_that_is_given_up_says_so_and_is_followed_over_once_it_is_closed,
                given_up::a_copy_whose_leader_goes_down_meanwhile_is_given_up_at_once,
                given_up::a_copy_that_no_node_has_is_not_resumed_and_followed_over_once_it_is_closed,
                cluster::a_cluster_says_who_it_is_and_what_it_may,
                cluster::health_is_told_in_time,
                cluster::a_remote_is_set_seen_and_removed,
                allocation::a_cluster_tells_its_disks_and_its_watermarks,
                allocation::shards_without_a_node_have_a_row_of_their_own,
                lost_leader::a_killed_leader_does_not_hold_a_promotion_up,
                lost_leader::a_cut_link_looks_like_a_killed_leader,
                lost_leader::a_frozen_leader_keeps_answers_back_and_no_effects,
                lost_leader::a_frozen_link_looks_like_a_frozen_leader,

                // Last, for only a new cluster has a licence again.
                unhealthy::a_standby_whose_licence_covers_no_replication_is_promoted_all_the_same,
            }
            on the simulated pair {
                bad_follower::a_paused_follower_that_the_cluster_has_given_up_is_made_anew,
                bad_follower::a_follower_that_stopped_for_good_is_resumed_once,
                bad_follower::a_red_follower_is_named_and_the_others_go,
                bad_follower::a_paused_follower_of_which_no_node_has_a_copy_is_made_anew,
                bidi::a_bidi_call_taken_back_by_hand_is_made_again_and_no_other,
                bidi::a_bidi_alias_set_up_by_hand_is_taken_over,
                bidi::a_bidi_index_is_made_with_the_settings_and_the_mapping_of_a_file,
                bidi::a_bidi_name_that_is_taken_is_refused,
                bidi::a_bidi_alias_whose_copies_would_be_copied_back_is_refused,
                bidi::a_bidi_alias_needs_both_clusters,
                bidi::a_bidi_alias_is_taken_down_with_its_copies_kept,
                bidi::a_bidi_copy_that_is_not_proved_is_not_removed,
                bidi::a_set_of_everything_found_leaves_bidi_copies_alone,
                bidi_outage::a_silent_bidi_site_is_left_in_no_time,
                bidi_outage::a_bidi_site_that_refuses_writes_is_not_gone_to,
                bidi_outage::a_bidi_site_that_is_still_away_is_waited_for_and_named,
                bidi_outage::bidi_history_is_kept_as_long_as_the_file_says,
                bidi_outage::a_bidi_site_is_left_by_the_command_that_was_killed_after_every_event,
                bidi_rollover::an_alias_with_one_index_a_site_is_rolled_over_by_hand_first,
                bidi_rollover::what_was_rolled_over_during_an_outage_is_copied_and_all_is_taken_down,
                bidi_rollover::a_rollover_whose_copies_would_be_copied_back_is_refused,
                bidi_status::a_bidi_alias_that_was_set_up_is_whole_and_a_look_changes_nothing,
                bidi_status::a_bidi_name_that_the_file_does_not_define_is_told_with_the_nearest,
                bidi_status::what_a_bidi_alias_lacks_is_told_and_setting_it_up_again_mends_it,
                bidi_status::a_bidi_copy_that_would_be_copied_back_is_shown,
                bidi_status::a_bidi_site_that_is_silent_is_told_soon_and_no_lag_is_made_up,
                carried::without_max_carry_a_finished_failover_says_how_to_go_back,
                carried::a_writer_is_carried_back_with_nothing_lost,
                carried::a_client_that_writes_to_the_former_leader_meanwhile_loses_nothing,
                carried::more_than_were_allowed_are_not_carried,
                carried::what_cannot_be_carried_is_refused_with_nothing_changed,
                carried::a_failover_without_the_leader_is_not_taken_back_by_carrying,
                carried::what_is_half_carried_is_given_up_by_undo,
                carried::killed_after_every_event_of_the_carrying_another_machine_ends_it,
                choices::a_diverged_copy_stays_under_another_name_where_that_is_chosen,
                choices::an_index_deleted_on_the_standby_is_made_again_where_that_is_chosen,
                choices::a_choice_for_an_index_that_needs_none_is_no_harm,
                choices::killed_after_every_event_an_index_is_made_again_once,
                choices::killed_after_every_event_a_copy_is_kept_once,
                clocks::an_undo_by_a_machine_whose_clock_is_behind_takes_the_newest_run_back,
                comparison::the_plan_of_the_way_home_says_what_was_found_of_each_index,
                cut_off::a_live_leader_that_is_silent_to_this_machine_is_not_taken_for_dead,
                cut_off::a_leader_that_is_fenced_by_the_operators_word_is_left_behind,
                cut_off::a_leader_that_goes_on_writing_is_no_fenced_one,
                dark::both_clusters_dark_for_a_moment_are_waited_for,
                dark::over_clusters_that_are_not_seen_no_command_has_nothing_to_do,
                dark::a_record_that_cannot_be_read_is_not_taken_for_none,
                dark_at_random::both_clusters_dark_at_any_moment_are_waited_for_or_the_same_command_ends_it,
                drain::interrupted_between_batches_it_stops_and_goes_on,
                drain::a_drain_that_cannot_end_is_undone_and_the_writers_go_on,
                drain::an_unfinished_run_refuses_every_command_but_its_own_and_undo,
                failback::what_a_client_goes_on_writing_to_the_former_leader_is_kept_or_refused,
                failback::a_set_that_was_failed_over_goes_home_and_ends_as_it_began,
                failback::without_a_record_nobody_is_overwritten_until_a_side_is_named,
                failback::an_index_deleted_on_the_standby_waits_for_a_choice,
                failback::what_was_salvaged_is_written_to_the_leader_where_that_is_chosen,
                failback::where_the_former_leader_cannot_read_from_the_new_one_nothing_is_begun,
                failback::without_salvage_what_only_the_former_leader_had_is_let_go,
                failback_killed::killed_after_every_event_of_a_failback_another_machine_ends_it,
                fence::a_set_that_was_fenced_by_hand_is_failed_over,
                fence::a_former_leader_is_not_let_go,
                fence::what_is_protected_and_writable_nowhere_is_not_called_done,
                fence::a_former_leader_that_takes_writes_again_is_told_first_and_fenced,
                fence::an_index_born_late_on_a_former_leader_is_fenced_too,
                fence::a_run_that_is_not_finished_is_not_taken_back_behind_a_fence_set_since,
                fence::who_waits_for_a_dead_cluster_is_told_for_how_long_and_when_it_is_back,
                fence::a_wait_ends_by_its_limit_or_by_the_operator_with_nothing_changed,
                fence::a_cluster_that_the_file_does_not_define_is_no_cluster_to_fence,
                forced::what_had_arrived_is_there,
                forced::a_silent_leader_is_left_behind_with_accepted_loss,
                forced::the_loss_is_told_as_a_lower_bound,
                forced::what_the_leader_was_heard_to_have_is_known_to_be_missing,
                forced::an_ill_leader_is_left_behind_with_accepted_loss,
                forced_killed::killed_after_every_event_of_a_forced_run_another_machine_ends_it,
                forced_killed::killed_after_every_event_of_a_forced_run_beside_a_dead_leader_it_is_ended,
                forked::two_switches_that_do_not_know_of_each_other_stop_every_command_until_a_side_is_named,
                forked::two_unfinished_switches_are_settled_where_a_side_is_named,
                freezing::a_planned_failover_whose_leader_falls_silent_ends_in_time_and_is_finished_without_it,
                freezing::a_fence_that_a_silent_leader_keeps_is_lifted_when_it_is_back,
                harness::a_cluster_is_frozen_and_killed_and_comes_back,
                names::the_run_of_a_plan_file_never_leads_out_of_its_folder,
                names::a_run_is_named_on_the_command_line_and_no_path,
                names::the_run_of_an_entry_on_a_cluster_never_leads_out_of_its_folder,
                newcomers::a_newcomer_of_the_set_of_everything_found_is_taken_along,
                newcomers::an_index_made_by_hand_after_the_promote_is_told_until_it_is_gone,
                newcomers::undo_lets_newcomers_go_and_follows_the_gap,
                plan_file::a_switch_past_its_proof_needs_no_leader,
                plan_file::an_apply_killed_part_way_is_applied_again,
                plan_file::a_plan_is_refused_where_an_index_of_the_set_is_another_one,
                plan_file::a_plan_is_refused_where_the_set_has_a_new_member,
                plan_file::a_plan_is_refused_where_a_follower_is_gone,
                plan_file::a_plan_is_refused_where_somebody_has_set_a_write_block,
                plan_file::a_plan_is_refused_where_a_cluster_does_not_answer_any_more,
                plan_file::a_plan_stands_whatever_is_written_meanwhile,
                plan_file::a_plan_stands_however_far_the_standby_has_fallen_behind,
                plan_file::a_blocked_plan_is_written_and_never_applied,
                refused::a_name_that_the_file_does_not_define_is_refused,
                refused::an_index_in_two_sets_is_refused,
                refused::a_cluster_that_does_not_answer_is_refused_for_a_planned_switch,
                refused::two_names_for_one_cluster_are_refused,
                refused::another_cluster_than_the_pinned_one_is_refused,
                refused::an_index_that_is_not_there_is_refused,
                refused::a_leader_without_soft_deletes_is_refused,
                refused::without_a_terminal_and_without_yes_nothing_is_done,
                refused::a_switch_without_any_follower_is_refused,
                refused::a_playbook_in_an_unsafe_order_is_refused,
                refused::a_dry_run_tells_what_there_is_to_do,
                refused::exclusions_with_auto_follow_are_refused_where_the_server_has_none,
                remotes::what_the_file_takes_for_a_cluster_is_looked_at_before_it_is_followed,
                remotes::a_connection_is_given_the_addresses_of_the_file,
                remotes::a_connection_changes_its_mode_in_one_request,
                returning::a_dead_leader_that_comes_back_after_an_event_is_fenced,
                returning::a_leader_that_is_back_before_the_promote_loses_nothing,
                returning::a_leader_that_is_back_without_its_link_is_fenced_and_left_behind,
                returning::a_leader_that_comes_back_stops_the_run_where_that_is_wanted,
                returning::a_leader_that_comes_back_is_told_that_it_leads_no_more,
                room::without_room_for_the_copies_nothing_is_begun,
                room::sets_of_one_plan_share_what_room_there_is,
                room::new_copies_are_held_against_the_shard_limit_where_it_is_enforced,
                reprotect::a_failover_goes_on_to_protect_where_that_is_asked,
                reprotect::what_is_said_of_a_follower_at_home_that_was_paused_mends_it,
                safety::of_a_diverged_index_a_safety_copy_stays_until_it_is_dropped,
                safety::a_safety_copy_goes_in_the_end_of_its_own_run_where_that_is_asked,
                safety::without_room_for_a_safety_copy_the_way_home_goes_on,
                safety::what_comes_after_a_safety_copy_is_in_another_one,
                safety::a_snapshot_may_be_all_that_stays,
                safety::without_the_repository_nothing_is_begun,
                safety::killed_after_every_event_a_safety_copy_is_made_once,
                safety::killed_after_every_event_a_snapshot_is_taken_once,
                salvage::what_was_deleted_on_a_former_leader_is_listed,
                salvage::where_nothing_was_left_behind_nothing_is_salvaged,
                salvage::a_former_leader_that_is_not_fenced_is_salvaged_and_told,
                salvage::an_index_that_keeps_no_source_is_told,
                salvage::a_conflict_is_skipped_where_that_is_wanted,
                salvage::the_salvaged_document_wins_where_that_is_wanted,
                salvage::what_may_not_be_written_back_is_refused,
                shapes::replicate_puts_back_what_was_removed_by_hand,
                shapes::a_cluster_name_with_upper_case_and_dots_is_taken,
                shapes::followers_named_by_hand_are_found,
                shapes::followers_are_named_by_a_template,
                shapes::aliases_are_carried_with_all_they_have,
                shapes::a_pair_set_up_by_hand_under_another_alias_is_protected_already,
                shapes::esdrs_own_indices_are_left_out_of_a_pattern_of_all_names,
                shapes::sets_go_by_priority_and_one_that_fails_does_not_hold_the_next,
                unhealthy::a_standby_whose_disks_were_full_is_refused,
                split_brain::where_the_copy_at_home_goes_the_others_stay_and_all_come_home,
                odd_leader::what_answers_oddly_is_neither_dead_nor_ill_where_nobody_reads_from_it,
                stranger::what_the_file_pins_outranks_the_record,
                strangers::a_run_of_another_installation_is_not_taken_back,
                strangers::a_failover_without_the_leader_names_the_leader_that_it_left,
                switch::an_idle_set_is_fenced_before_it_is_promoted,
                switch::aliases_arrive_whole_in_one_call,
                switch::part_of_a_set_moves_and_the_rest_follows_later,
                switch::the_last_part_of_a_set_completes_the_switch,
                switch::hundreds_of_indices_are_promoted_in_batches,
                two_operators::while_a_run_waits_in_its_hook_every_other_is_refused,
                two_operators::beside_a_failback_in_its_hook_undo_proposes_nothing_but_a_look,
                two_operators::a_lock_that_is_broken_by_name_is_lost_to_the_run_that_had_it,
                two_operators::a_run_that_stands_still_and_is_taken_back_by_another_does_not_take_the_lead,
                verify::after_a_switch_what_the_former_leader_has_alone_is_told,
                verify::a_single_changed_field_is_found,
                verify::missing_extra_and_newer_documents_are_told_apart,
                verify::of_many_differences_all_are_counted,
                verify::a_follower_that_cannot_be_compared_is_not_called_equal,
                verify::a_cluster_that_does_not_answer_is_refused,
            }
        }
    };
}
pub(crate) use every_scenario;
