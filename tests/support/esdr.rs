//! Running the real binary, each test in a folder of its own.

use std::{
    env,
    fmt::Write as _,
    fs,
    fs::File,
    io::Write as _,
    net::TcpListener,
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;

pub use super::output::Output;
use super::{
    folder,
    pair::{Pair, Site},
    process::until_stopped,
    until::until,
};

/// No run of a test takes longer, unless the test says so; one that does hangs.
const RUN_LIMIT: Duration = Duration::from_secs(120);

/// How a cluster's address may fail this machine alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Loss {
    /// Nobody listens there.
    Refused,
    /// Connections are taken, and nothing is ever answered.
    Silent,
}

/// A folder with an `esdr.toml` for a pair, and the state of esdr beside it.
pub struct Esdr {
    folder: TempDir,
    /// Takes connections and never answers, as long as this lives.
    silent: Option<TcpListener>,
}

impl Esdr {
    /// The clusters are in the configuration; sets are the test's to add with [`Esdr::toml`].
    pub fn on(pair: &Pair) -> Self {
        let esdr = Self::bare();
        let mut text = String::new();
        for site in Site::BOTH {
            writeln!(text, "[clusters.{site}]\nurls = [{:?}]", pair.url(site)).unwrap();
            if let Some(seed) = pair.seed(site) {
                writeln!(text, "remote = {{ seeds = [{seed:?}] }}").unwrap();
            }
            text.push('\n');
        }
        esdr.write("esdr.toml", &text);
        pair.salvages_into(&esdr.path("esdr-salvage"));
        esdr
    }

    /// A folder without a configuration, for what needs no cluster.
    pub fn bare() -> Self {
        let folder = folder::temporary("esdr-test-");
        Self { folder, silent: None }
    }

    /// From now on this machine cannot reach a cluster, while everybody else can: its address
    /// in the configuration leads nowhere. The transport address stays, so that the other
    /// side's alias is recognised.
    #[must_use]
    pub fn cut_off(mut self, pair: &Pair, site: Site, how: Loss) -> Self {
        // A port that was free a moment ago may be another test's by now; nobody takes this one.
        let mut nowhere = "http://127.0.0.1:1".to_owned();
        if how == Loss::Silent {
            // The system takes connections that nobody reads.
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            nowhere = format!("http://{}", listener.local_addr().unwrap());
            self.silent = Some(listener);
        }
        self.instead_of(&pair.url(site), &nowhere)
    }

    /// From now on another address stands in the configuration. The transport address of the
    /// cluster stays.
    #[must_use]
    pub fn instead_of(self, url: &str, other: &str) -> Self {
        let path = self.path("esdr.toml");
        let text = fs::read_to_string(&path).unwrap();
        let url = format!("{url:?}");
        assert!(text.contains(&url), "{text}");
        fs::write(path, text.replace(&url, &format!("{other:?}"))).unwrap();
        self
    }

    /// Adds to the configuration.
    #[must_use]
    pub fn toml(self, text: &str) -> Self {
        let path = self.path("esdr.toml");
        let whole = fs::read_to_string(&path).unwrap() + text;
        fs::write(path, whole).unwrap();
        self
    }

    /// A file beside the configuration: a playbook, a hook.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// A program beside the configuration, for hooks.
    pub fn script(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.write(name, text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Forgets what earlier runs left on this machine, as a new CI runner would.
    pub fn forget_state(&self) {
        drop(fs::remove_dir_all(self.path("state")));
    }

    /// One invocation, to be completed and run.
    pub fn args<const N: usize>(&self, args: [&str; N]) -> Invocation<'_> {
        Invocation {
            program: env!("CARGO_BIN_EXE_esdr-test"),
            folder: self.folder.path(),
            args: args.iter().map(|&arg| arg.to_owned()).collect(),
            env: Vec::new(),
            stdin: None,
            limit: RUN_LIMIT,
        }
    }
}

/// What is typed.
pub struct Invocation<'a> {
    program: &'static str,
    folder: &'a Path,
    args: Vec<String>,
    env: Vec<(String, String)>,
    stdin: Option<String>,
    limit: Duration,
}

impl<'a> Invocation<'a> {
    #[must_use]
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// Adds `-o json`; the output then has events and a result.
    #[must_use]
    pub fn json(self) -> Self {
        self.arg("-o").arg("json")
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn stdin(mut self, text: &str) -> Self {
        self.stdin = Some(text.to_owned());
        self
    }

    /// For a run that waits by design: a longer limit than the usual one.
    #[must_use]
    pub fn limit_s(mut self, seconds: u64) -> Self {
        self.limit = Duration::from_secs(seconds);
        self
    }

    /// Runs it to its end.
    pub fn run(self) -> Output {
        self.spawn().wait()
    }

    /// Starts it and returns at once.
    pub fn spawn(self) -> Running<'a> {
        // Files instead of pipes: they can be read while it runs, and a grandchild that
        // keeps one open holds nobody up.
        let output = tempfile::Builder::new().prefix("run-").tempdir_in(self.folder).unwrap();
        let mut command = Command::new(self.program);
        command
            .args(&self.args)
            .current_dir(self.folder)
            .stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(File::create(output.path().join("stdout")).unwrap())
            .stderr(File::create(output.path().join("stderr")).unwrap())
            .process_group(0);
        clean_environment(&mut command);
        command.env("ESDR_STATE_DIR", self.folder.join("state")).envs(self.env);
        let mut child = command.spawn().unwrap();
        if let (Some(text), Some(mut stdin)) = (self.stdin, child.stdin.take()) {
            // It may end without reading, which is its right.
            drop(stdin.write_all(text.as_bytes()));
        }
        let line = format!("esdr {}", self.args.join(" "));
        let (folder, limit) = (self.folder, self.limit);
        Running { folder, child, output, line, started: Instant::now(), limit }
    }
}

/// The machine's own settings must not reach a test.
fn clean_environment(command: &mut Command) {
    let proxies = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy().into_owned();
        if text.starts_with("ESDR_") || proxies.contains(&text.to_lowercase().as_str()) {
            command.env_remove(name);
        }
    }
    command.env_remove("NO_COLOR").env("COLUMNS", "100");
}

/// A run that goes on in the background.
pub struct Running<'a> {
    folder: &'a Path,
    child: Child,
    output: TempDir,
    line: String,
    started: Instant,
    limit: Duration,
}

impl Running<'_> {
    /// `kill -9`.
    pub fn kill(mut self) -> Output {
        drop(self.child.kill());
        self.wait()
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    /// Halts it where it stands, until it is to go on.
    pub fn halt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::STOP).unwrap();
    }

    /// Waits until it has stopped itself, as `ESDR_STOP_AFTER_LINES` makes it do; false when
    /// it ended before.
    pub fn until_stopped(&mut self) -> bool {
        until_stopped(&self.child, self.limit, &format!("`{}` stops or ends", self.line))
    }

    /// Lets one that has stopped itself go on.
    pub fn go_on(&self) {
        kill_process(Pid::from_child(&self.child), Signal::CONT).unwrap();
    }

    /// The most memory that it has had so far, in KiB (`VmHWM`). `None` once it has ended.
    pub fn peak_kib(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub fn stdout_so_far(&self) -> String {
        self.read("stdout")
    }

    pub fn stderr_so_far(&self) -> String {
        self.read("stderr")
    }

    /// Waits until `text` stands in what it printed to standard output.
    pub fn until_prints(&mut self, text: &str) {
        until(RUN_LIMIT, &format!("`{}` prints {text:?}", self.line), || {
            let ended = self.child.try_wait().unwrap();
            if self.stdout_so_far().contains(text) {
                return Some(());
            }
            assert!(ended.is_none(), "`{}` ended without printing {text:?}", self.line);
            None
        });
    }

    pub fn wait(mut self) -> Output {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if self.started.elapsed() > self.limit {
                let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
                let (stdout, stderr) = (self.read("stdout"), self.read("stderr"));
                panic!("`{}` ran longer than {:?}\n{stdout}\n{stderr}", self.line, self.limit);
            }
            thread::sleep(Duration::from_millis(5));
        };
        Output {
            line: self.line.clone(),
            code: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            took: self.started.elapsed(),
            stdout: self.read("stdout"),
            stderr: self.read("stderr"),
            folder: self.folder.to_owned(),
        }
    }

    fn read(&self, name: &str) -> String {
        let bytes = fs::read(self.output.path().join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // Its hooks too: nothing of a test outlives it.
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
            drop(self.child.wait());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shell in the place of esdr.
    fn shell<'a>(esdr: &'a Esdr, script: &str) -> Invocation<'a> {
        Invocation { program: "sh", ..esdr.args(["-c", script]) }
    }

    #[test]
    fn what_is_typed_and_printed_is_caught() {
        let esdr = Esdr::bare();
        let script = "cat; echo \"$ESDR_OPERATOR\"; echo oh >&2; exit 3";
        let run = shell(&esdr, script).stdin("yes\n").env("ESDR_OPERATOR", "deploy@host");
        let output = run.run().status(3);
        assert_eq!(output.screen(), "yes\n<operator>\n");
        assert_eq!(output.complaint(), "oh\n");
    }

    #[test]
    fn events_come_before_the_result() {
        let esdr = Esdr::bare();
        let lines = r#"echo '{"type":"plan"}'; echo '{"type":"result","exit":0}'"#;
        let output = shell(&esdr, lines).run().status(0);
        assert_eq!(output.events().len(), 1);
        assert_eq!(output.result()["exit"], 0);
    }

    #[test]
    fn a_run_that_stops_itself_goes_on_when_told() {
        let esdr = Esdr::bare();
        let mut running = shell(&esdr, "kill -STOP $$; echo on").spawn();
        assert!(running.until_stopped());
        assert_eq!(running.stdout_so_far(), "");
        running.go_on();
        assert_eq!(running.wait().status(0).stdout, "on\n");
        assert!(!shell(&esdr, "true").spawn().until_stopped());
    }

    #[test]
    fn a_run_is_killed_where_it_stands() {
        let esdr = Esdr::bare();
        let mut running = shell(&esdr, "echo fenced; exec sleep 60").spawn();
        running.until_prints("fenced");
        assert_eq!(running.kill().status(128 + 9).stdout, "fenced\n");
    }
}
