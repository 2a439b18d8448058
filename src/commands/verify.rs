//! `esdr verify`: compares both sides, and changes nothing.

use tokio::time::Instant;

use crate::{
    cli::VerifyArgs,
    commands::{
        refusal::Refusal,
        scope::{check_answer, check_names_of_sets},
        session::{Session, host},
    },
    model::{
        problem::Code,
        world::{Cluster, World},
    },
    report::Reporter,
    verify::{Scale, needed, verify},
};

/// Compares once. Returns the exit status: 5 where anything differs or cannot be compared.
///
/// # Errors
/// Where a set is named that the file does not define, the local record cannot be read, or one
/// of the clusters of the sets does not answer.
pub(crate) async fn run(
    session: &Session,
    args: &VerifyArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let topology = &session.topology;
    check_names_of_sets(topology, &args.sets)?;
    let began = Instant::now();
    let world = session.observe().await?;
    for name in needed(&world, topology, &args.sets) {
        check(&world, &name)?;
    }
    let scale = if args.full { Scale::Full } else { Scale::Sample { documents: args.sample } };
    let mut found = verify(&world, topology, &args.sets, scale, &session.clusters).await;
    found.host = host();
    found.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    reporter.verification(&found);
    Ok(found.exit())
}

/// One side alone says nothing of the other.
fn check(world: &World, name: &str) -> Result<(), Refusal> {
    let Some(cluster) = world.clusters.get(name) else {
        return Ok(());
    };
    check_answer(name, cluster)?;
    match cluster {
        Cluster::Unreachable { reason } => Err(Refusal::refused(
            format!("{name} does not answer: {reason}"),
            "esdr status --watch, then again when it is back",
        )
        .code(Code::Unreachable)),
        _ => Ok(()),
    }
}
