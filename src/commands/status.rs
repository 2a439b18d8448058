//! `esdr status`: looks, and changes nothing.

use crate::{
    cli::StatusArgs,
    commands::session::{Session, host},
    report::Reporter,
    status::{Status, build},
};

/// Looks once, or with `--watch` until Ctrl-C. Returns the exit status of the last look.
///
/// # Errors
/// Where a set is named that the file does not define, or the local record cannot be read.
pub async fn run(
    session: &Session,
    args: &StatusArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    for name in &args.sets {
        session.topology.set(name)?;
    }
    let mut status = look(session, args).await?;
    let Some(pause) = args.watch else {
        reporter.status(&status, args.all);
        return Ok(status.exit());
    };
    loop {
        reporter.again();
        reporter.status(&status, args.all);
        if reporter.is_gone() {
            return Ok(status.exit());
        }
        let again = async {
            tokio::time::sleep(pause).await;
            look(session, args).await
        };
        status = tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(status.exit()),
            seen = again => seen?,
        };
    }
}

async fn look(session: &Session, args: &StatusArgs) -> anyhow::Result<Status> {
    let world = session.observe().await?;
    let mut status = build(&world, &session.topology, &args.sets);
    status.host = host();
    Ok(status)
}
