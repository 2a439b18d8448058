//! expect-test writes its literals with hashes.
#![allow(clippy::needless_raw_string_hashes)]

use clap::CommandFactory;
use expect_test::expect;

use super::*;

fn typed(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_definition_of_the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_of_the_contract_is_understood() {
    for line in [
        "esdr status",
        "esdr status --watch --all",
        "esdr status --watch 2 --set orders",
        "esdr replicate --set orders --set shop",
        "esdr failover --to clusterB",
        "esdr failover --to clusterB --set orders --index orders-* --index -tmp --canary",
        "esdr failover --to clusterB --max-lag 100 --yes --confirm clusterA --within 5m",
        "esdr verify",
        "esdr verify --set orders --sample 10",
        "esdr verify --full",
        "esdr undo",
        "esdr undo 1120-7f3a",
        "esdr fence clusterA",
        "esdr fence clusterA --set orders --when-it-answers --for 48h",
        "esdr unfence clusterA --when-it-answers",
        "esdr salvage --out files",
        "esdr salvage --set orders --out files --deletes",
        "esdr salvage apply files --on-conflict overwrite --yes",
        "esdr -o json salvage apply files",
        "esdr plan failover --to clusterB --out f.plan",
        "esdr plan run own.toml --out f.plan",
        "esdr plan show f.plan",
        "esdr apply f.plan --dry-run",
        "esdr run own.toml --to clusterB",
        "esdr playbook list",
        "esdr playbook show failover",
        "esdr playbook lint own.toml",
        "esdr sandbox",
        "esdr drill --sandbox --phase failover",
    ] {
        assert!(typed(line).is_ok(), "{line}: {}", typed(line).unwrap_err());
    }
}

#[test]
fn what_every_command_takes_may_stand_anywhere() {
    let cli = typed("esdr -o json plan failover --to b --out f -vv --within 1m30s").unwrap();
    assert_eq!(cli.global.output, Output::Json);
    assert_eq!(cli.global.verbose, 2);
    assert_eq!(cli.global.within, Some(Duration::from_secs(90)));
}

#[test]
fn a_wrong_command_line_exits_with_2_and_says_what_is_meant() {
    let told = |line| {
        let error = typed(line).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
        error.to_string().lines().next().unwrap_or_default().to_owned()
    };
    for (line, message) in [
        ("esdr failver", "error: unrecognized subcommand 'failver'"),
        ("esdr failover", "error: the following required arguments were not provided:"),
        (
            "esdr failover --to b --within 90",
            "error: invalid value '90' for '--within <TIME>': \"90\" has no unit; write it as \
             90s, 2m or 1m30s",
        ),
        (
            "esdr status --watch 0",
            "error: invalid value '0' for '--watch [<SECONDS>]': must be longer than zero",
        ),
        ("esdr plan failover --to b", "error: the following required arguments were not provided:"),
        ("esdr fence", "error: the following required arguments were not provided:"),
        (
            "esdr fence clusterA --for 48h",
            "error: the following required arguments were not provided:",
        ),
        ("esdr salvage", "error: the following required arguments were not provided:"),
        ("esdr salvage apply", "error: the following required arguments were not provided:"),
        ("esdr drill", "error: the following required arguments were not provided:"),
        ("esdr bidi", "Two sites that both write, behind one alias"),
        ("esdr bidi setup", "error: the following required arguments were not provided:"),
        ("esdr bidi teardown logs --keep", "error: unexpected argument '--keep' found"),
    ] {
        assert_eq!(told(line), message);
    }
}

#[test]
fn the_help_names_the_commands_that_exist() {
    let help = Cli::command().term_width(80).render_help().to_string();
    let help = help.split_once("\n\nOptions:").unwrap().0;
    expect![[r#"
        Disaster recovery between Elasticsearch clusters joined by cross-cluster
        replication

        Usage: esdr [OPTIONS] <COMMAND>

        Commands:
          status     Who leads what, how far the other side is, what a failover now
                     would lose
          replicate  Protect sets: remote connections, followers, auto-follow
          failover   Make the standby the leader: planned, with nothing lost, or without
                     the leader
          reprotect  After a switch: the former leader follows, and what only it had is
                     kept
          failback   Home again: reprotect where needed, the planned switch back, and
                     protection as before
          bidi       Two sites that both write, behind one alias
          verify     Compare both sides by checkpoints, counts and content
          undo       Take back a run that has not passed its line of no return
          fence      Make a cluster refuse writes to sets; also one that is dead, as
                     soon as it is back
          unfence    Lift esdr's own write blocks from a cluster
          salvage    Save what only a former leader has to files, and write it back
          plan       Write the plan of a command into a file, or show one
          apply      Carry out a plan from a file, or go on with it
          run        Carry out the operator's own playbook
          playbook   List, show or check playbooks
          drill      Rehearse with live writers and measure what it takes
          sandbox    Two simulated clusters on this machine and an esdr.toml for them,
                     until Ctrl-C
          help       Print this message or the help of the given subcommand(s)"#]]
    .assert_eq(help);
}

#[test]
fn the_help_of_a_failover_says_what_it_takes() {
    let mut command = Cli::command().term_width(80);
    command.build();
    let help = command.find_subcommand_mut("failover").unwrap().render_help().to_string();
    let help = help.split_once("\n\nEverywhere").unwrap().0;
    expect![[r#"
        Make the standby the leader: planned, with nothing lost, or without the leader

        Usage: esdr failover [OPTIONS] --to <CLUSTER>

        Options:
              --to <CLUSTER>     The cluster that is to lead
              --set <SET>        Only this set; repeatable [default: every set]
              --index <PATTERN>  Only indices that match this pattern, by their names on
                                 the leader; repeatable
              --canary           Write, read and remove one document through each new
                                 leader
              --max-lag <N>      Consent to lose at most so many measured operations
                                 [default: 0]
              --reprotect        Go on with `esdr reprotect`: the former leader follows
                                 at once
          -h, --help             Print help
          -V, --version          Print version

        Without the leader:
              --accept-data-loss  Go on where the leader does not answer or is ill: what
                                  only it has stays behind
              --leader-is-fenced  Your word that its writers are cut off, where only
                                  this machine cannot reach it
              --on-return <WHAT>  What to do about a leader that answers again in the
                                  middle [default: fence] [possible values: fence, stop]"#]]
    .assert_eq(help);
}
