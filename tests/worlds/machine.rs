//! An operator's machine: its folder, its clock, what it can reach, and command lines typed there.

use std::{
    any::Any,
    fmt,
    io::{self, Write},
    panic::{AssertUnwindSafe, resume_unwind},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use clap::Parser;
use esdr::{
    cli::{Cli, Global},
    clock,
    commands::{connect::watched_over, dispatch::dispatch_over, person::Person, session::Session},
    es::transport::Transport,
    journal::AfterLine,
    report::Reporter,
    sandbox::Site,
};
use futures_util::FutureExt;
use serde_json::Value;
use tokio::sync::watch;

use super::{
    wire::{Answer, Requests, Tap, Wire},
    world::World,
};

/// No command takes longer, by its own clock.
const RUN_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// A machine that esdr is started on.
pub struct Machine<'w> {
    pub world: &'w World,
    state_folder: PathBuf,
    pub wires: [Arc<Wire>; 2],
    gate: Arc<watch::Sender<bool>>,
    /// How far its clock is ahead, in milliseconds.
    pub ahead_ms: i64,
    requests: Arc<Requests>,
}

/// How a run ended; printed whole.
#[derive(Clone, Debug)]
pub struct Run {
    /// `None`: killed.
    pub exit: Option<u8>,
    pub out: String,
    pub err: String,
    /// Lines in its journals, but for those that only say that it waits.
    pub lines: usize,
}

/// What happens after the lines of a run's journals, with how many there are by then. Lines that only
/// say that the run waits do not count.
pub type Hook = Arc<dyn Fn(usize) + Send + Sync>;

/// The same, with whether the run halts there.
pub type Halts = Arc<dyn Fn(usize) -> bool + Send + Sync>;

/// A command line as it is typed: nobody is there to answer, and the result is JSON.
pub fn typed(line: &str) -> String {
    format!("{line} --yes -o json")
}

/// Ends the run at hand as `kill -9` does.
pub fn kill() -> ! {
    resume_unwind(Box::new(Killed))
}

struct Killed;

impl<'w> Machine<'w> {
    /// A machine with a state folder of this name.
    pub fn new(world: &'w World, name: &str) -> Self {
        let gate = Arc::new(watch::Sender::new(true));
        let requests = Arc::new(Requests::default());
        let wire = |site| {
            let to = world.pair.transport(site);
            Wire::new((to, site), Arc::clone(&gate), Arc::clone(&requests))
        };
        Self {
            world,
            state_folder: world.path(name),
            wires: [wire(Site::A), wire(Site::B)],
            gate,
            ahead_ms: 0,
            requests,
        }
    }

    /// What its folder is called.
    pub fn name(&self) -> String {
        self.state_folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Its way to a cluster.
    pub fn wire(&self, site: Site) -> &Arc<Wire> {
        match site {
            Site::A => &self.wires[0],
            Site::B => &self.wires[1],
        }
    }

    /// From now on each of its requests is seen by this, which may answer in a cluster's place.
    pub fn tap(&self, tap: Tap) {
        self.requests.tap(tap);
    }

    /// The request of this number, from 1, is answered so. Counts from here.
    pub fn answer(&self, nth: usize, how: Answer) {
        self.tap(Box::new(move |sent| (sent.number == nth).then_some(how)));
    }

    /// How many requests it has sent, since the last [`Machine::tap`].
    pub fn sent(&self) -> usize {
        self.requests.sent()
    }

    /// What counts its requests.
    pub fn requests(&self) -> Arc<Requests> {
        Arc::clone(&self.requests)
    }

    /// Nothing is out of sight any more.
    pub fn see_everything(&self) {
        self.wires.iter().for_each(|wire| wire.mend());
    }

    /// A run that halts after this line, as by SIGSTOP: nothing more goes out of this machine.
    pub fn halted_after<'m>(&'m self, line: &'m str, lines: usize) -> Halted<'m> {
        self.halted_where(line, Arc::new(move |count| count == lines))
    }

    /// A run that halts after each line after which this holds.
    pub fn halted_where<'m>(&'m self, line: &'m str, halts: Halts) -> Halted<'m> {
        Halted { machine: self, line, halts }
    }

    /// Carries out a command line to its end.
    pub async fn run(&self, line: &str) -> Run {
        self.run_and(line, Arc::new(|_| {})).await
    }

    /// The same, with something that happens after each line of its journals.
    pub async fn run_and(&self, line: &str, hook: Hook) -> Run {
        let lines = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&lines);
        // A command may have several journals, which are counted through.
        let requests = Arc::clone(&self.requests);
        let after_line = AfterLine::call(move |_, text| {
            if !text.contains(r#""kind":"waiting""#) {
                requests.line(text);
                hook(counted.fetch_add(1, Ordering::SeqCst) + 1);
            }
        });
        let (out, err) = (Paper::default(), Paper::default());
        let exit = self.carry_out(line, after_line, &out, &err).await;
        Run { exit, out: out.text(), err: err.text(), lines: lines.load(Ordering::SeqCst) }
    }

    async fn carry_out(
        &self,
        line: &str,
        after_line: AfterLine,
        out: &Paper,
        err: &Paper,
    ) -> Option<u8> {
        let typed = line.split_whitespace();
        let cli = Cli::try_parse_from(typed).unwrap_or_else(|error| panic!("{line}: {error}"));
        let open = |global: &Global| Ok(self.session(global, after_line.clone()));
        let mut reporter = Reporter::over(Box::new(out.clone()), cli.global.output, 100)
            .errors_to(Box::new(err.clone()));
        // On the heap: the futures of a build for tests are large.
        let command = Box::pin(dispatch_over(&cli, &open, &mut reporter));
        let command = clock::by(self.clock(), command);
        let command = AssertUnwindSafe(tokio::time::timeout(RUN_LIMIT, command)).catch_unwind();
        match command.await {
            Ok(Ok(exit)) => Some(exit),
            Ok(Err(_)) => panic!("`{line}` does not end"),
            Err(cause) if is_kill(&*cause) => None,
            Err(cause) => resume_unwind(cause),
        }
    }

    fn session(&self, global: &Global, after_line: AfterLine) -> Session {
        let topology = self.world.topology.clone();
        let ends = topology.clusters.iter().zip(&self.wires);
        let clusters = ends
            .map(|(cluster, wire)| watched_over(cluster, Arc::clone(wire) as Arc<dyn Transport>))
            .collect();
        let global = Global { salvage_dir: self.world.path("salvage"), ..global.clone() };
        let session = Session::of(topology, clusters, self.state_folder.clone(), global);
        Session { person: Arc::new(Nobody), after_line, ..session }
    }

    /// As the pair's, which follows tokio's, and ahead of it.
    fn clock(&self) -> clock::Clock {
        let (pair, ahead_ms) = (Arc::clone(&self.world.pair), self.ahead_ms);
        Arc::new(move || pair.now_ms() + ahead_ms)
    }
}

/// A run that is to halt.
pub struct Halted<'m> {
    machine: &'m Machine<'m>,
    line: &'m str,
    halts: Halts,
}

impl Halted<'_> {
    /// Runs until it halts or ends; then what happens meanwhile; then to its end.
    pub async fn while_it_stands<T>(self, meanwhile: impl Future<Output = T>) -> (Run, T) {
        let (mut meanwhile, mut other) = (Some(meanwhile), None);
        let once = async || {
            if let Some(meanwhile) = meanwhile.take() {
                other = Some(meanwhile.await);
            }
        };
        let run = self.each_time_it_stands(once).await;
        match (other, meanwhile) {
            (Some(other), _) => (run, other),
            (None, Some(meanwhile)) => (run, meanwhile.await),
            (None, None) => unreachable!("what has begun has an end"),
        }
    }

    /// Runs until it halts, and what happens meanwhile; then on, until it halts again, to its end.
    pub async fn each_time_it_stands(self, mut meanwhile: impl AsyncFnMut()) -> Run {
        let gate = Arc::clone(&self.machine.gate);
        let (halts, at_line) = (self.halts, Arc::clone(&gate));
        let hook = move |count| {
            if halts(count) {
                at_line.send_replace(false);
            }
        };
        let mut run = Box::pin(self.machine.run_and(self.line, Arc::new(hook)));
        let mut closed = gate.subscribe();
        loop {
            tokio::select! {
                biased;
                run = &mut run => return run,
                _ = closed.wait_for(|is_open| !*is_open) => {}
            }
            let (mut meanwhile, mut ended) = (Box::pin(meanwhile()), None);
            // Its own waits go on, as they would be over when it is continued.
            loop {
                tokio::select! {
                    biased;
                    () = &mut meanwhile => break,
                    run = &mut run, if ended.is_none() => ended = Some(run),
                }
            }
            gate.send_replace(true);
            if let Some(run) = ended {
                return run;
            }
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {:?}\n{}{}", self.exit, self.out, self.err)
    }
}

impl Run {
    /// The last line of its JSON.
    pub fn result(&self) -> Value {
        let last = self.out.lines().rev().find(|line| line.starts_with('{'));
        last.map_or(Value::Null, |line| serde_json::from_str(line).unwrap())
    }

    /// How it ended, by its own word; empty where it said none.
    pub fn outcome(&self) -> String {
        self.result()["outcome"].as_str().unwrap_or_default().to_owned()
    }

    /// Ended with this status.
    #[must_use]
    pub fn status(self, exit: u8) -> Self {
        assert_eq!(self.exit, Some(exit), "{}\n{}", self.out, self.err);
        self
    }
}

fn is_kill(cause: &(dyn Any + Send)) -> bool {
    cause.is::<Killed>()
}

/// Nobody is asked.
struct Nobody;

impl Person for Nobody {
    fn is_there(&self) -> bool {
        false
    }

    fn answer(&self, question: &str) -> anyhow::Result<String> {
        anyhow::bail!("nobody is there to answer: {question}")
    }
}

/// What is written can be read afterwards.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
