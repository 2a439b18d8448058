//! This process, and whether another one of this machine is provably gone. Where the system does
//! not tell, nothing is proved, and a lock is watched instead.

use std::{fs, io};

use rustix::process::{Pid, test_kill_process};

use crate::model::lock::Process;

/// This process; `None` where the system does not tell who that is.
pub(super) fn own() -> Option<Process> {
    let pid = std::process::id();
    Some(Process {
        boot: boot()?,
        namespace: namespace()?,
        pid,
        started_ticks: Stat::of(pid).ok()??.started_ticks,
    })
}

/// Whether it ran here, since the same boot and among the same numbers, and runs no more.
pub(super) fn is_gone(process: &Process) -> bool {
    if boot().as_ref() != Some(&process.boot) || namespace().as_ref() != Some(&process.namespace) {
        return false;
    }
    match Stat::of(process.pid) {
        Ok(Some(stat)) => stat.is_dead || stat.started_ticks != process.started_ticks,
        // Processes of other users may be hidden there: only the system call knows.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let pid = i32::try_from(process.pid).ok().and_then(Pid::from_raw);
            pid.is_some_and(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
        }
        _ => false,
    }
}

fn boot() -> Option<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn namespace() -> Option<String> {
    Some(fs::read_link("/proc/self/ns/pid").ok()?.to_string_lossy().into_owned())
}

/// What the system says of a process.
struct Stat {
    /// Ended, and only not collected yet by whoever started it.
    is_dead: bool,
    started_ticks: u64,
}

impl Stat {
    /// `None` where the answer is not understood.
    fn of(pid: u32) -> io::Result<Option<Self>> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name in parentheses may hold anything; what follows it does not.
        let fields: Vec<&str> =
            text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let (Some(state), Some(started)) = (fields.first(), fields.get(19)) else {
            return Ok(None);
        };
        let is_dead = matches!(*state, "Z" | "X" | "x");
        Ok(started.parse().ok().map(|started_ticks| Self { is_dead, started_ticks }))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_runs_is_not_gone_and_one_that_ended_is() {
        let own = own().unwrap();
        assert!(!is_gone(&own));
        assert!(is_gone(&Process { started_ticks: own.started_ticks + 1, ..own.clone() }));
        let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let stat = Stat::of(child.id()).unwrap().unwrap();
        let process = Process { pid: child.id(), started_ticks: stat.started_ticks, ..own.clone() };
        assert!(!is_gone(&process));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_gone(&process));
    }

    #[test]
    fn of_another_machine_another_boot_or_another_namespace_nothing_is_proved() {
        let gone = Process { started_ticks: 1, ..own().unwrap() };
        assert!(is_gone(&gone));
        assert!(!is_gone(&Process { boot: "another".into(), ..gone.clone() }));
        assert!(!is_gone(&Process { namespace: "pid:[1]".into(), ..gone }));
    }
}
