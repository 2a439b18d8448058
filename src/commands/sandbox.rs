//! `esdr sandbox`: two simulated clusters on loopback ports, until Ctrl-C.

use std::{fs, io, path::Path};

use anyhow::Context as _;

use crate::{
    config::FILE_NAME,
    outcome::exit,
    report::Reporter,
    sandbox::{Pair, Personality, Site},
};

/// The ports that are tried first; taken ones are passed over.
const PORTS: [u16; 2] = [9200, 9201];

/// Serves the pair, writes an `esdr.toml` for it where there is none, and waits.
///
/// # Errors
/// Where no port can be had or the file cannot be written.
pub(crate) async fn run(reporter: &mut Reporter) -> anyhow::Result<u8> {
    let pair = Pair::unlike_any(Personality::V8_19);
    let a = serve(&pair, Site::A, PORTS[0]).await.context("cannot listen for clusterA")?;
    let b = serve(&pair, Site::B, PORTS[1]).await.context("cannot listen for clusterB")?;
    let text = file(&pair, [a.addr.port(), b.addr.port()]);
    let path = Path::new(FILE_NAME);
    let told = if path.exists() {
        format!(
            "{FILE_NAME} is there already and was left alone. For these two clusters:\n\n{text}"
        )
    } else {
        fs::write(path, &text).with_context(|| format!("cannot write {FILE_NAME}"))?;
        format!("{FILE_NAME} was written for them.\n")
    };
    reporter.text(&format!(
        "Two simulated clusters answer until Ctrl-C: clusterA on port {}, clusterB on port {}.\n{told}\n\
         Next  curl -X PUT 127.0.0.1:{}/orders      an index to protect\n      \
         esdr replicate --yes                    clusterB follows it\n      \
         esdr failover --to clusterB             the plan, and the question",
        a.addr.port(),
        b.addr.port(),
        a.addr.port(),
    ));
    tokio::signal::ctrl_c().await?;
    Ok(exit::CONVERGED)
}

async fn serve(
    pair: &std::sync::Arc<Pair>,
    site: Site,
    port: u16,
) -> io::Result<crate::sandbox::Served> {
    match pair.serve(site, port).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => pair.serve(site, 0).await,
        served => served,
    }
}

fn file(pair: &Pair, ports: [u16; 2]) -> String {
    let cluster = |name: &str, site, port| {
        format!(
            "[clusters.{name}]\nurls = [\"http://127.0.0.1:{port}\"]\nremote = {{ seeds = [\"{}\"] }}\n\n",
            pair.seed(site)
        )
    };
    format!(
        "{}{}[sets.orders]\nhome = \"clusterA\"\nstandby = \"clusterB\"\nindices = [\"orders*\"]\n",
        cluster("clusterA", Site::A, ports[0]),
        cluster("clusterB", Site::B, ports[1]),
    )
}
