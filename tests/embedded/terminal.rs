//! The screens in a real terminal, as a person sees them, at 80 and at 100 columns.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use esdr::sandbox::Personality;
use expect_test::expect;

use crate::{
    scenarios::sets::leader,
    support::{
        esdr::Esdr,
        normalise::normalise,
        pair::{
            Pair,
            Site::{A, B},
        },
        simulated::Simulated,
        until::{seconds, until},
    },
};

const SETS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
"#;

/// A terminal of its own, ended with the test.
struct Terminal {
    socket: String,
}

impl Terminal {
    /// Opens one in which a command runs. `None` where there is no tmux, which is said, and
    /// a failure where `CI` is set.
    fn open(columns: u16, esdr: &Esdr, command: &str) -> Option<Self> {
        static OPENED: AtomicUsize = AtomicUsize::new(0);
        let number = OPENED.fetch_add(1, Ordering::SeqCst);
        let terminal = Self { socket: format!("esdr-test-{}-{number}", std::process::id()) };
        let folder = esdr.path("");
        let binary = env!("CARGO_BIN_EXE_esdr");
        let line = format!(
            "cd '{}' && export ESDR_STATE_DIR=state ESDR_OPERATOR=deploy@bastion && \
             '{binary}' {command}; echo \"status $?\"; exec cat",
            folder.display()
        );
        let (width, height) = (columns.to_string(), "70".to_owned());
        let started = terminal
            .tmux()
            .args(["-f", "/dev/null", "new-session", "-d", "-x", &width, "-y", &height, &line])
            .stderr(Stdio::null())
            .status();
        if started.is_ok_and(|status| status.success()) {
            return Some(terminal);
        }
        assert!(std::env::var_os("CI").is_none(), "the screens need tmux");
        // Not by `println!`, which a test that passes keeps to itself.
        let told = b"left out, the screens in a terminal: there is no tmux\n";
        std::io::Write::write_all(&mut std::io::stdout(), told).unwrap();
        None
    }

    fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.socket]).env_remove("TMUX");
        command
    }

    /// The screen as soon as this stands on it, without what differs from run to run.
    fn until_shows(&self, text: &str) -> String {
        let mut last = Screen(String::new());
        until(seconds(60), &format!("the terminal shows {text:?}"), || {
            let output = self.tmux().args(["capture-pane", "-p"]).output().unwrap();
            last.0 = String::from_utf8_lossy(&output.stdout).into_owned();
            last.0.contains(text).then(|| last.0.clone())
        })
    }

    /// The same of a question in the middle of a run: the block that is redrawn is away, or it
    /// would be drawn over it.
    fn asks_alone(&self, question: &str) {
        let screen = self.until_shows(question);
        assert!(!screen.contains("Ctrl-C once"), "{screen}");
    }

    fn types(&self, line: &str) {
        let status = self.tmux().args(["send-keys", line, "Enter"]).status().unwrap();
        assert!(status.success());
    }
}

/// What was seen last, for a test that fails over it.
struct Screen(String);

impl Drop for Screen {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the screen was:\n{}", self.0.trim_end());
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.tmux().arg("kill-server").stderr(Stdio::null()).status());
    }
}

/// Without the lines that name the machine, whose length moves the others.
fn steady(screen: &str) -> String {
    let mut lines = Vec::new();
    let mut names_machine = false;
    for line in screen.trim_end().lines() {
        names_machine |= line.starts_with("Plan ") || line.contains(", seen from ");
        names_machine &= !line.is_empty();
        if !names_machine {
            lines.push(line);
        }
    }
    normalise(&(lines.join("\n") + "\n"))
}

fn protected() -> (Pair, Esdr) {
    let pair = Pair::of(Simulated::start(Personality::V8_19));
    for (name, shards) in [("orders-000001", 1), ("orders-000002", 2), ("orders-000003", 3)] {
        leader(&pair, name, shards);
    }
    let write = serde_json::json!({"actions": [{"add": {
        "index": "orders-000003", "alias": "orders-write", "is_write_index": true}}]});
    pair.ok("POST", A, "/_aliases", write);
    let esdr = Esdr::on(&pair).toml(SETS);
    drop(esdr.args(["replicate", "--yes"]).run().status(0));
    (pair, esdr)
}

#[test]
fn at_80_columns_the_plan_is_shown_and_explained_and_no_changes_nothing() {
    let (pair, esdr) = protected();
    let Some(terminal) = Terminal::open(80, &esdr, "failover --to clusterB") else { return };
    let plan = terminal.until_shows("Proceed");
    expect![[r#"
        orders moves from clusterA to clusterB: planned, no loss. 3 indices are
        promoted.
        Writers are refused for at most <duration>. Until step 5 everything can be undone.

           STEP  WHERE  WHAT HAPPENS  AT MOST
        1  record  both  members, aliases, parameters kept  <duration>
        2  fence  clusterA  3 indices refuse writes; and any born meanwhile,  <duration>
                              by the template esdr-fence-orders
        3  drain  both  proof: 6 shards at lag 0, read last on clusterB  <duration>
        4  verify  both  gate: proof, no newcomers  <duration>
        ---------------- no way back below this line, only on to the end ---------------
        5  promote  clusterB  3 indices: pause, positions, close, unfollow,  <duration>
                              open
        6  alias  clusterB  write alias orders-write -> orders-000003, in  <duration>
                              one call

        Before each step the lag is read and judged again. Now: 0 operations, measured.
        Changes: 19, 5 to clusterA and 14 to clusterB ("explain" lists every request).
        Left alone: 0. Deleted: 0. Overwritten: 0.

        ! While fenced, clusterA answers writers with 403. Logstash retries; Beats and
          agents that write directly DROP such events. The before_fence hook must stop
          or redirect them. [writers_refused]
        ? Not provable from here: writers that name an index of clusterA outside the set
          go on writing there.

        3 to promote, 0 left alone, 0 to delete, 0 to overwrite.
        Proceed with orders?  [yes / no / explain]:
    "#]]
    .assert_eq(&steady(&plan));
    terminal.types("explain");
    terminal.until_shows("_ccr/unfollow");
    terminal.types("no");
    let end = terminal.until_shows("status 3");
    assert!(end.contains("POST /orders-000001/_ccr/pause_follow"), "{end}");
    assert_eq!(pair.post(A, "/orders-000001/_doc", serde_json::json!({"n": 1})).0, 201);
}

/// No writer is refused anything while a set is made protected, and so nobody is asked again.
#[test]
fn at_80_columns_a_set_is_protected_after_one_question() {
    let pair = Pair::of(Simulated::start(Personality::V6_8));
    leader(&pair, "orders-000001", 1);
    let esdr = Esdr::on(&pair).toml(SETS);
    let Some(terminal) = Terminal::open(80, &esdr, "replicate") else { return };
    terminal.until_shows("Proceed");
    terminal.types("yes");
    let end = terminal.until_shows("status 0");
    let (_, end) = end.split_once("Proceed").unwrap();
    expect![[r#"
         with orders?  [yes / no / explain]: yes

        Done: orders is protected. 1 index on clusterB follows clusterA.
        Run <run>, <time> to <clock> UTC, <operator>

        Next  esdr status  looks, changes nothing
        status 0
    "#]]
    .assert_eq(&steady(end));
}

#[test]
fn at_100_columns_yes_fails_over_and_status_tells_who_leads() {
    let (_pair, esdr) = protected();
    let Some(terminal) = Terminal::open(100, &esdr, "failover --to clusterB --canary") else {
        return;
    };
    terminal.until_shows("Proceed");
    terminal.types("yes");
    let end = terminal.until_shows("status 0");
    let (_, end) = end.split_once("Done:").unwrap();
    expect![[r#"
        Done: orders is led by clusterB. Nothing was lost: 6 of 6 shards were at lag 0 behind the fence.
        Run <run>, <time> to <clock> UTC, <operator>

        Writers refused  <clock> to <clock>, <duration>
        Switched in  <duration>
        Redirected  canary written, read and removed in orders-000003
        clusterA  3 indices of orders fenced and kept as they were at the switch

        Next  esdr status  looks, changes nothing
              esdr reprotect  the former leader follows: protected again
              esdr failback  that, and home again
        status 0
    "#]].assert_eq(&steady(&format!("Done:{end}")));
    let status = Terminal::open(100, &esdr, "status").unwrap();
    let screen = status.until_shows("status 0");
    expect![[r#"
        Set orders is led by clusterB; it is not followed by anything now.

        CLUSTER  ANSWERS  VERSION  HEALTH  LICENCE  SEES THE OTHER SIDE
        clusterA  yes, <duration>  8.19.21  green  trial, <duration>  clusterB as "clusterB": tested, <duration>
        clusterB  yes, <duration>  8.19.21  green  trial, <duration>  clusterA as "clusterA": tested, <duration>

        SET  LEADER  STANDBY  FOLLOWS  LAG ops  EVIDENCE  LOSES  SITUATION
        orders  clusterB  clusterA  0  -  -  -  promoted

          warning: 3 of orders refuse writes on clusterA by esdr's block of run <run>:
          orders-000001, orders-000002, orders-000003. [fence_standing]
            Do: leave it while clusterB leads: it keeps writers off an old copy. PUT
            clusterA/orders-000001/_settings {"index.blocks.read_only":null,"index.blocks.write":null} lifts
            it, an index at a time

        Coverage  every index of the sets is followed, promoted or complete
        Runs  none unfinished

        Next  esdr reprotect --set orders  the former leader follows: protected again
              esdr failback --set orders  that, and home again
              esdr status --set orders --all  every index and shard
        status 0
    "#]].assert_eq(&steady(&screen));
}

#[test]
fn a_gate_waits_for_a_person_and_a_fence_lifted_meanwhile_stops_the_promote() {
    let (pair, esdr) = protected();
    let gate = "[[step]]\ndo = \"manual\"\nname = \"writers\"\nsay = \"Are the writers stopped?\"\n\
                within = \"60s\"\n\n[[step]]\ndo = \"verify\"";
    let built_in = include_str!("../../playbooks/failover.toml");
    esdr.write("own.toml", &built_in.replace("[[step]]\ndo = \"verify\"", gate));
    let command = "run own.toml --to clusterB --yes";
    let Some(terminal) = Terminal::open(100, &esdr, command) else { return };
    terminal.asks_alone("Gate writers: go on?");
    let block = serde_json::json!({"index.blocks.read_only": null, "index.blocks.write": null});
    pair.ok("PUT", A, "/orders-000002/_settings", block);
    terminal.types("yes");
    let end = terminal.until_shows("status 3");
    assert!(end.contains("Undone: "), "{end}");
    for name in ["orders-000001", "orders-000002", "orders-000003"] {
        let written = pair.post(A, &format!("/{name}/_doc"), serde_json::json!({"n": 1}));
        assert_eq!(written.0, 201, "writers of {name} go on");
    }
    assert_eq!(pair.violations(), Vec::<String>::new());
}

#[test]
fn at_80_columns_an_answer_stands_below_a_long_question_and_a_wrong_one_is_told() {
    let (_pair, esdr) = protected();
    drop(esdr.args(["failover", "--to", "clusterB", "--yes"]).run().status(0));
    let Some(terminal) = Terminal::open(80, &esdr, "failback") else { return };
    terminal.until_shows("Type the name");
    terminal.types("clusterB");
    terminal.until_shows("is no answer");
    terminal.types("no");
    let end = terminal.until_shows("status ");
    let (_, asked) = end.split_once("6 to overwrite.\n").unwrap();
    expect![[r#"
        Type the name of the cluster whose copies are overwritten, or "explain":
        clusterB
        "clusterB" is no answer to that. Nothing has begun.
        Type the name of the cluster whose copies are overwritten, or "explain":
        no
    "#]]
    .assert_eq(asked.split("Refused: ").next().unwrap());
}

#[test]
fn at_100_columns_a_failback_asks_for_a_name_and_once_more_before_the_switch() {
    let (pair, esdr) = protected();
    drop(esdr.args(["failover", "--to", "clusterB", "--yes"]).run().status(0));
    let Some(terminal) = Terminal::open(100, &esdr, "failback") else { return };
    let plan = terminal.until_shows("Type the name");
    expect![[r#"
        orders goes home to clusterA: it follows clusterB, then leads again. No loss; 6 former copies are
        overwritten, what they have of their own is put into files first.
        Writers are refused for at most <duration>. Until step 3 nothing is overwritten.

        Compared with the record of run <run>, shard by shard.

          WHAT  INDICES  ON clusterA, THE FORMER LEADER  ON clusterB, LEADS  THEN
          clean  3  nothing of its own  leads  copied home

            STEP  WHERE  WHAT HAPPENS  AT MOST
         1  salvage  clusterA  3 indices have nothing of their own  <duration>
         2  discard  clusterA  the old copies of 3 indices are closed, to be followed over; 1  <duration>
                               alias borne meanwhile by an index that refuses writes
        -------------------- no way back below this line: former copies are overwritten --------------------
         3  seed  clusterA  3 indices follow clusterB's, copied whole first  <duration>
         4  verify  both  gate: coverage, converged  <duration>
         5  record  both  members, aliases, parameters kept  <duration>
         6  fence  clusterB  3 indices refuse writes; and any born meanwhile, by the template  <duration>
                               esdr-fence-orders
         7  drain  both  proof: 6 shards at lag 0, read last on clusterA  <duration>
         8  verify  both  gate: proof, no newcomers  <duration>
         9  promote  clusterA  3 indices: pause, positions, close, unfollow, open; the template  <duration>
                               esdr-fence-orders goes
        10  alias  clusterA  write alias orders-write -> orders-000003, in one call  <duration>
        11  discard  clusterB  the old copies of 3 indices are closed, to be followed over; 1  <duration>
                               alias borne meanwhile by an index that refuses writes
        12  seed  clusterB  3 indices follow clusterA's, copied whole first  <duration>
        13  alias  clusterB  the index that bore the aliases meanwhile goes  <duration>

        Changes: 41, 25 to clusterA and 16 to clusterB ("explain" lists every request).
        Left alone: 0. Deleted: 0. Overwritten: 6.

        ! While fenced, clusterB answers writers with 403. Logstash retries; Beats and agents that write
          directly DROP such events. The before_fence hook must stop or redirect them. [writers_refused]
        ? Not provable from here: writers that name an index of clusterB outside the set go on writing
          there.

        3 to promote, 0 left alone, 0 to delete, 6 to overwrite.
        Type the name of the cluster whose copies are overwritten, or "explain":
    "#]].assert_eq(&steady(&plan));
    terminal.types("clusterA");
    terminal.asks_alone("Gate switch: go on?");
    terminal.types("no");
    terminal.until_shows("status 4");
    assert_eq!(pair.post(B, "/orders-000001/_doc", serde_json::json!({"n": 1})).0, 201, "B leads");

    let terminal = Terminal::open(100, &esdr, "failback").unwrap();
    terminal.until_shows("Proceed");
    terminal.types("yes");
    terminal.asks_alone("Gate switch: go on?");
    terminal.types("yes");
    let end = terminal.until_shows("status 0");
    let (_, end) = end.split_once("Done:").unwrap();
    expect![[r#"
        Done: orders is at home, led by clusterA and followed by clusterB. Nothing was lost: 6 of 6 shards
        were at lag 0 behind the fence.
        Run <run>, <time> to <clock> UTC, <operator>

        Writers refused  <clock> to <clock>, <duration>
        Switched in  <duration>
        clusterB  3 indices of orders followed from here on

        Next  esdr status  looks, changes nothing
        status 0
    "#]].assert_eq(&steady(&format!("Done:{end}")));
}

#[test]
fn a_bidi_alias_is_taken_down_only_by_its_name() {
    let pair = Pair::of(Simulated::start(Personality::V8_19));
    let esdr = Esdr::on(&pair).toml("[bidi.logs]\nclusters = [\"clusterA\", \"clusterB\"]\n");
    drop(esdr.args(["bidi", "setup", "logs", "--yes"]).run().status(0));
    // `--yes` is no answer to this question.
    let Some(terminal) = Terminal::open(80, &esdr, "bidi teardown logs --yes") else { return };
    let plan = terminal.until_shows("Type logs");
    expect![[r#"
        logs, clusterA and clusterB: The copies on both sides are removed; each side
        goes on writing and reads only its own.
        Writers notice nothing. The copies come back only as whole copies, by another
        set-up.

        logs-clustera, clusterA -> clusterB
           STEP  WHERE  WHAT HAPPENS  AT MOST
        1  record  both  members, aliases, parameters kept  <duration>
        ---------------- no way back below this line: copies are removed ---------------
        2  remove  clusterB  1 copy is removed; what clusterA writes stays  <duration>

        Before each step the lag is read and judged again. Now: 0 operations, measured.
        Changes: 5, 2 to clusterA and 3 to clusterB ("explain" lists every request).
        Left alone: 0. Deleted: 1. Overwritten: 0.

        logs-clusterb, clusterB -> clusterA
           STEP  WHERE  WHAT HAPPENS  AT MOST
        1  record  both  members, aliases, parameters kept  <duration>
        ---------------- no way back below this line: copies are removed ---------------
        2  remove  clusterA  1 copy is removed; what clusterB writes stays  <duration>

        Before each step the lag is read and judged again. Now: 0 operations, measured.
        Changes: 5, 3 to clusterA and 2 to clusterB ("explain" lists every request).
        Left alone: 0. Deleted: 1. Overwritten: 0.

        2 to remove, 0 left alone, 2 to delete, 0 to overwrite.
        Type logs to take it down, or "explain":
    "#]]
    .assert_eq(&steady(&plan));
    terminal.types("yes");
    terminal.until_shows("\"yes\" is no answer to that. Nothing has begun.");
    assert_eq!(pair.get(B, "/logs-clustera").0, 200, "a yes is not the name");
    terminal.types("explain");
    terminal.until_shows("POST /logs-clustera/_ccr/forget_follower");
    terminal.types("logs");
    terminal.until_shows("status 0");
    assert_eq!(pair.get(B, "/logs-clustera").0, 404);
    assert_eq!(pair.get(A, "/logs-clustera").0, 200);
}
