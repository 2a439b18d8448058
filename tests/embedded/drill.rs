//! The rehearsal that the README begins with.

use serde_json::json;

use crate::support::esdr::Esdr;

#[test]
fn a_rehearsal_on_the_sandbox_loses_nothing_and_leaves_nothing() {
    let esdr = Esdr::bare();
    let output = esdr.args(["drill", "--sandbox"]).json().run().status(0);
    let drill = output.lines().into_iter().find(|line| line["type"] == "drill").unwrap();
    let names: Vec<_> = drill["phases"].as_array().unwrap().iter().map(|p| &p["name"]).collect();
    assert_eq!(
        names,
        [
            "replicate",
            "failover",
            "failback",
            "verify",
            "dead-leader",
            "frozen-leader",
            "salvage",
            "bidi"
        ]
    );
    for phase in drill["phases"].as_array().unwrap() {
        if phase["is_forced"] == false {
            assert_eq!(phase["lost_writes"], 0, "{phase}");
        }
        assert_eq!(phase["is_converged"], true, "{phase}");
        assert!(phase["acknowledged_writes"].as_u64() > Some(0), "{phase}");
    }
    assert_eq!(drill["violations"], json!([]));
    assert_eq!(output.result()["command"], "drill");
    assert!(!esdr.path("state").exists(), "a rehearsal keeps its journal to itself");
}

/// All other tests run a binary that kills or stops itself where these say so.
#[test]
fn what_people_run_knows_nothing_of_the_variables_of_tests() {
    let binaries = [env!("CARGO_BIN_EXE_esdr-test"), env!("CARGO_BIN_EXE_esdr")];
    let bytes = binaries.map(|binary| std::fs::read(binary).unwrap());
    for variable in ["ESDR_DIE_AFTER_LINES", "ESDR_STOP_AFTER_LINES", "ESDR_CLOCK_OFFSET_MS"] {
        let knows = bytes
            .each_ref()
            .map(|bytes| bytes.windows(variable.len()).any(|window| window == variable.as_bytes()));
        assert_eq!(knows, [true, false], "{variable}");
    }
}

#[test]
fn a_phase_that_does_not_exist_is_refused() {
    let output = Esdr::bare().args(["drill", "--sandbox", "--phase", "lunch"]).run().status(2);
    assert!(output.stderr.contains("there is no phase lunch"), "{}", output.stderr);
}
