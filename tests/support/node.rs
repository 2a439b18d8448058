//! One Elasticsearch cluster of one node on loopback.

use std::{
    fs,
    net::SocketAddr,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use super::{folder, http, port::free_port, process::Guarded, relay::Relay, until::until};

/// The user and group `nobody`, which every Linux has: Elasticsearch refuses root.
const NOBODY: u32 = 65534;

/// A node is up in about 15 s; two at once on a busy machine take longer.
const START_DEADLINE: Duration = Duration::from_secs(180);

pub struct Node {
    name: String,
    distribution: PathBuf,
    http_port: u16,
    relay: Relay,
    transport_port: u16,
    // Before the folder: it is removed once the process that writes into it has ended.
    process: Option<Guarded>,
    folder: TempDir,
}

impl Node {
    /// Starts a node and returns at once; [`Node::wait`] waits for it.
    pub fn start(name: &str, distribution: &Path) -> Self {
        let transport_port = free_port();
        let relay = Relay::before(SocketAddr::from(([127, 0, 0, 1], transport_port))).unwrap();
        let folder = folder::temporary("esdr-test-node-");
        let mut node = Self {
            name: name.to_owned(),
            distribution: distribution.to_owned(),
            http_port: free_port(),
            relay,
            transport_port,
            process: None,
            folder,
        };
        node.configure();
        node.launch();
        node
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http_port)
    }

    /// The address at which other clusters reach this one.
    pub fn seed(&self) -> String {
        self.relay.address().to_string()
    }

    /// Where it may keep snapshots.
    pub fn repo(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    /// What stands between this cluster and those that read from it.
    pub fn relay(&self) -> &Relay {
        &self.relay
    }

    pub fn freeze(&self) {
        self.process.as_ref().expect("the node runs").freeze();
    }

    pub fn thaw(&self) {
        if let Some(process) = &self.process {
            process.thaw();
        }
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.process = None;
        self.relay.target_lives(false);
    }

    /// Starts it again on its data and its ports, and waits until it answers.
    pub fn restart(&mut self) {
        self.restart_into("yellow");
    }

    /// The same, and waits until it has taken up what it can: a copy that was being made when it was
    /// killed is red for good.
    pub fn start_again(&mut self) {
        self.restart_into("red");
        let url = self.url();
        until(START_DEADLINE, &format!("{} has its shards", self.name), || {
            let (status, _) = http::get(&url, "/_cat/indices");
            let (_, health) = http::get(&url, "/_cluster/health");
            let is_over = |key: &&str| health[*key] == 0;
            let under_way =
                ["initializing_shards", "number_of_in_flight_fetch", "number_of_pending_tasks"];
            (status == 200 && under_way.iter().all(is_over)).then_some(())
        });
    }

    fn restart_into(&mut self, health: &str) {
        self.kill();
        self.launch();
        self.wait_for(health);
        self.relay.target_lives(true);
    }

    /// Loses what it stored of an index, by UUID, as with a broken disk: its shards are red.
    pub fn lose(&mut self, uuid: &str) {
        self.kill();
        let index = self.data().join("nodes/0/indices").join(uuid);
        for entry in fs::read_dir(index).unwrap() {
            let path = entry.unwrap().path();
            // Its metadata stay: the cluster still knows that it has it.
            if path.file_name().is_some_and(|name| name != "_state") {
                fs::remove_dir_all(path).unwrap();
            }
        }
        self.restart_into("red");
    }

    /// Loses the translogs of an index, by UUID: its shards fail each time that they are started.
    pub fn spoil(&mut self, uuid: &str) {
        self.kill();
        for entry in fs::read_dir(self.data().join("nodes/0/indices").join(uuid)).unwrap() {
            let translog = entry.unwrap().path().join("translog");
            if translog.is_dir() {
                for file in fs::read_dir(translog).unwrap() {
                    fs::remove_file(file.unwrap().path()).unwrap();
                }
            }
        }
        self.restart_into("red");
    }

    /// Starts it as one of two nodes of which the other is gone: it answers and has no master.
    /// The next start finds it whole.
    pub fn lose_master(&mut self) {
        self.kill();
        let whole = self.settings();
        let parted = whole.replace("discovery.type: single-node\n", PARTED);
        assert_ne!(whole, parted);
        fs::write(self.config(), parted).unwrap();
        self.launch();
        let url = self.url();
        until(START_DEADLINE, &format!("{} answers", self.name), || {
            let answer = http::send("GET", &url, "/", (), Duration::from_secs(15));
            answer.is_ok_and(|(status, _)| status == 503).then_some(())
        });
        fs::write(self.config(), whole).unwrap();
        self.relay.target_lives(true);
    }

    /// Starts it without anything that it ever knew; [`Node::remember`] gives it back.
    pub fn forget(&mut self) {
        self.kill();
        fs::rename(self.data(), self.kept()).unwrap();
        self.begin();
    }

    /// Starts it without anything that it ever knew, for good.
    pub fn begin_anew(&mut self) {
        self.kill();
        fs::remove_dir_all(self.data()).unwrap();
        self.begin();
    }

    fn begin(&mut self) {
        fs::create_dir(self.data()).unwrap();
        if rustix::process::geteuid().is_root() {
            hand_over(&self.data());
        }
        self.restart();
    }

    /// Starts it again as it was before [`Node::forget`].
    pub fn remember(&mut self) {
        self.kill();
        fs::remove_dir_all(self.data()).unwrap();
        fs::rename(self.kept(), self.data()).unwrap();
        self.restart();
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("config/elasticsearch.yml")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn kept(&self) -> PathBuf {
        self.folder.path().join("kept")
    }

    /// Whether it was started and has not ended by itself since.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.ended().is_none())
    }

    /// Waits until the node answers, has a master, and all its primaries.
    pub fn wait(&mut self) {
        self.wait_for("yellow");
    }

    fn wait_for(&mut self, health: &str) {
        let url = self.url();
        until(START_DEADLINE, &format!("{} answers", self.name), || {
            if let Some(status) = self.process.as_mut().expect("the node was started").ended() {
                panic!("{} ended with {status}:\n{}", self.name, self.log());
            }
            let path = format!("/_cluster/health?wait_for_status={health}&timeout=10s");
            let answer = http::send("GET", &url, &path, (), Duration::from_secs(15));
            answer.is_ok_and(|(status, _)| status == 200).then_some(())
        });
    }

    /// The end of what the node wrote, for a failed test.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(self.folder.path().join("console")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    fn configure(&self) {
        let config = self.folder.path().join("config");
        fs::create_dir(&config).unwrap();
        for name in ["data", "logs", "repo", "tmp"] {
            fs::create_dir(self.folder.path().join(name)).unwrap();
        }
        fs::write(self.config(), self.settings()).unwrap();
        fs::write(config.join("log4j2.properties"), LOGGING).unwrap();
        let options = fs::read_to_string(self.distribution.join("config/jvm.options")).unwrap();
        fs::write(config.join("jvm.options"), jvm_options(&options)).unwrap();
        if rustix::process::geteuid().is_root() {
            hand_over(self.folder.path());
        }
    }

    fn settings(&self) -> String {
        let Self { name, http_port, transport_port, .. } = self;
        let folder = self.folder.path().display();
        let publish_port = self.relay.address().port();
        format!(
            "cluster.name: {name}\n\
             node.name: {name}-1\n\
             path.data: {folder}/data\n\
             path.logs: {folder}/logs\n\
             path.repo: {folder}/repo\n\
             network.host: 127.0.0.1\n\
             http.port: {http_port}\n\
             transport.tcp.port: {transport_port}\n\
             transport.publish_port: {publish_port}\n\
             discovery.type: single-node\n\
             cluster.routing.allocation.disk.threshold_enabled: false\n\
             xpack.security.enabled: false\n\
             xpack.ml.enabled: false\n\
             xpack.watcher.enabled: false\n\
             xpack.monitoring.enabled: false\n"
        )
    }

    fn launch(&mut self) {
        let folder = self.folder.path();
        let console = fs::File::options().create(true).append(true).open(folder.join("console"));
        let console = console.unwrap();
        let mut command = Command::new(self.distribution.join("bin/elasticsearch"));
        command
            .env("ES_PATH_CONF", folder.join("config"))
            .env("ES_TMPDIR", folder.join("tmp"))
            .env("ES_JAVA_OPTS", "-Xms512m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1")
            .stdout(Stdio::from(console.try_clone().unwrap()))
            .stderr(Stdio::from(console))
            .current_dir(folder);
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        self.process = Some(Guarded::spawn(&mut command, folder).unwrap());
    }
}

/// Two nodes make a master, nobody says where the other one is, and it is not waited for.
const PARTED: &str = "discovery.type: zen\n\
    discovery.zen.ping.unicast.hosts: []\n\
    discovery.zen.minimum_master_nodes: 2\n\
    discovery.initial_state_timeout: 0s\n";

/// Errors to the console, which the tests keep; no files to rotate.
const LOGGING: &str = "status = error\n\
    appender.console.type = Console\n\
    appender.console.name = console\n\
    appender.console.layout.type = PatternLayout\n\
    appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] [%node_name]%marker %m%n\n\
    rootLogger.level = info\n\
    rootLogger.appenderRef.console.ref = console\n";

/// The distribution's own options, less what Java 14 and later refuse (the CMS collector),
/// what would write beside the unpacked distribution, and what only a server needs.
fn jvm_options(original: &str) -> String {
    let left_out =
        ["CMS", "-Xm", "-Xlog", "gc.log", "HeapDump", "ErrorFile", "AlwaysPreTouch", "G1"];
    let kept = original
        .lines()
        .filter(|line| !line.starts_with('#') && !left_out.iter().any(|word| line.contains(word)));
    kept.fold(String::new(), |text, line| text + line + "\n")
}

fn hand_over(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            hand_over(&entry.unwrap().path());
        }
    }
}
