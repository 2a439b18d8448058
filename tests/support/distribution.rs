//! The Elasticsearch distribution, fetched by Maven and unpacked once per user.

use std::{
    env, fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The version that the real pair runs.
pub const VERSION: &str = "6.8.23";

/// Where the unpacked distribution lies, fetching it if it is not there yet.
///
/// # Errors
/// What a person has to install or look at.
pub fn unpacked() -> Result<PathBuf, String> {
    let cache = cache_dir();
    let home = cache.join(format!("elasticsearch-{VERSION}"));
    if home.join("bin/elasticsearch").exists() {
        return Ok(home);
    }
    fetch_into(&cache, &home).map_err(|why| format!("Elasticsearch {VERSION}: {why}"))?;
    Ok(home)
}

/// Why the real pair cannot be started on this machine, if so.
pub fn missing_tool() -> Option<String> {
    if !answers("java", &["-version"]) {
        return Some("there is no `java`".to_owned());
    }
    let unpacked = cache_dir().join(format!("elasticsearch-{VERSION}/bin/elasticsearch")).exists();
    if !unpacked && !answers("mvn", &["-version"]) {
        return Some("there is no `mvn`".to_owned());
    }
    None
}

/// Elasticsearch refuses to run as root, so what root unpacks must be readable by others:
/// its home folder usually is not.
fn cache_dir() -> PathBuf {
    let base = if rustix::process::geteuid().is_root() {
        PathBuf::from("/var/cache")
    } else {
        env::var_os("XDG_CACHE_HOME").map_or_else(
            || PathBuf::from(env::var_os("HOME").expect("HOME is set")).join(".cache"),
            PathBuf::from,
        )
    };
    base.join("esdr-tests")
}

/// Unpacks beside the final place and renames, so that a half-unpacked copy is never used.
fn fetch_into(cache: &Path, home: &Path) -> Result<(), String> {
    fs::create_dir_all(cache).map_err(|e| format!("{}: {e}", cache.display()))?;
    let work = tempfile::Builder::new()
        .prefix("unpacking-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in(cache)
        .map_err(|e| e.to_string())?;
    fetch(work.path())?;
    let zip = work.path().join(format!("elasticsearch-{VERSION}.zip"));
    unzip(&zip, work.path())?;
    let unpacked = work.path().join(format!("elasticsearch-{VERSION}"));
    for programs in PROGRAMS {
        make_executable(&unpacked.join(programs)).map_err(|e| format!("{programs}: {e}"))?;
    }
    match fs::rename(&unpacked, home) {
        // Another test run was faster; its copy is as good.
        Err(_) if home.exists() => Ok(()),
        other => other.map_err(|e| e.to_string()),
    }
}

fn fetch(folder: &Path) -> Result<(), String> {
    let artifact =
        format!("-Dartifact=org.elasticsearch.distribution.zip:elasticsearch:{VERSION}:zip");
    let output = format!("-DoutputDirectory={}", folder.display());
    // Run outside the repository: a stray pom.xml must not change what is fetched.
    run(Command::new("mvn").current_dir(folder).args(["-B", "-q", "dependency:copy"]).args([
        artifact,
        output,
        "-Dmdep.useBaseVersion=true".to_owned(),
    ]))
}

/// Any of these may be missing on a fresh machine; one of them suffices.
fn unzip(zip: &Path, folder: &Path) -> Result<(), String> {
    let zip = zip.to_string_lossy().into_owned();
    let tools: [&[&str]; 3] = [
        &["unzip", "-q", &zip],
        &["jar", "xf", &zip],
        &["python3", "-m", "zipfile", "-e", &zip, "."],
    ];
    let mut last = String::new();
    for tool in tools {
        match run(Command::new(tool[0]).args(&tool[1..]).current_dir(folder)) {
            Ok(()) => return Ok(()),
            Err(why) => last = why,
        }
    }
    Err(format!("needs unzip, jar or python3: {last}"))
}

/// Where programs lie. The one of the machine learning module is started even where that
/// module is switched off.
const PROGRAMS: [&str; 2] = ["bin", "modules/x-pack-ml/platform/linux-x86_64/bin"];

/// `jar` and `python3` lose the execute bits.
fn make_executable(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::set_permissions(entry?.path(), fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{shown}: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(format!("{shown}: {}\n{}", output.status, String::from_utf8_lossy(&text)))
}

fn answers(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}
