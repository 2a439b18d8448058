//! A server process that never outlives the tests.

use std::{
    io,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
};

use super::until::{seconds, until};

/// A child in a process group of its own, and a watchdog that kills it (and removes its
/// folder) when this process ends without having stopped it: the watchdog reads a pipe
/// that nothing is ever written to, and that closes with this process.
pub struct Guarded {
    child: Child,
    watchdog: Child,
}

impl Guarded {
    /// Starts `command`; `folder` is what the watchdog cleans up.
    pub fn spawn(command: &mut Command, folder: &Path) -> io::Result<Self> {
        let child = command.stdin(Stdio::null()).process_group(0).spawn()?;
        let watchdog = Command::new("sh")
            .args(["-c", r#"read -r _; kill -KILL "-$0"; rm -rf -- "$1""#])
            .arg(child.id().to_string())
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C reaches the tests only; this one must live on to see them end.
            .process_group(0)
            .spawn()?;
        Ok(Self { child, watchdog })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Stops it where it stands: connections stay open, nothing answers.
    pub fn freeze(&self) {
        kill_process(pid_of(&self.child), Signal::STOP).unwrap();
        // The signal is there at once, and a thread that runs takes it when it is its turn.
        let is_stopped = until_stopped(&self.child, seconds(30), "the server stands still");
        assert!(is_stopped, "it had ended");
    }

    /// Lets a frozen process go on.
    pub fn thaw(&self) {
        kill_process(pid_of(&self.child), Signal::CONT).unwrap();
    }

    /// Asks it to end, which lets a server flush what it holds.
    pub fn ask_to_end(&self) {
        kill_process(pid_of(&self.child), Signal::TERM).unwrap();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // The watchdog first: once the child is reaped its id may belong to somebody else.
        drop(self.watchdog.kill());
        drop(self.watchdog.wait());
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = kill_process_group(pid_of(&self.child), Signal::KILL);
        }
        drop(self.child.wait());
    }
}

/// Waits until all of a process stands still; false when it ended before.
pub fn until_stopped(child: &Child, limit: Duration, what: &str) -> bool {
    let pid = WaitId::Pid(pid_of(child));
    // It is only looked at: how it ended is for another to take.
    let options = WaitIdOptions::STOPPED
        | WaitIdOptions::EXITED
        | WaitIdOptions::NOHANG
        | WaitIdOptions::NOWAIT;
    until(limit, what, || waitid(pid.clone(), options).unwrap().map(|state| state.stopped()))
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_child(child)
}
