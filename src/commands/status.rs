//! `esdr status`: looks, and changes nothing.

use std::time::Duration;

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
pub(crate) async fn run(
    session: &Session,
    args: &StatusArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    for name in &args.sets {
        // Sets and bi-directional aliases share one space of names.
        if session.topology.bidi(name).is_err() {
            session.topology.set(name)?;
        }
    }
    let look = async || {
        let world = session.observe_locks(&args.sets).await?;
        let mut status = build(&world, &session.topology, &args.sets);
        status.host = host();
        Ok(status)
    };
    looks(args.again.watch, reporter, look, |reporter, status| reporter.status(status, args.all))
        .await
}

/// Looks and shows once, or again and again with this pause, until Ctrl-C or until nobody reads
/// any more. Returns the exit status of the last look.
///
/// # Errors
/// Where a look fails.
pub(crate) async fn looks(
    watch: Option<Duration>,
    reporter: &mut Reporter,
    look: impl AsyncFn() -> anyhow::Result<Status>,
    show: impl Fn(&mut Reporter, &Status),
) -> anyhow::Result<u8> {
    let mut status = look().await?;
    let Some(pause) = watch else {
        show(reporter, &status);
        return Ok(status.exit());
    };
    loop {
        reporter.again();
        show(reporter, &status);
        if reporter.is_gone() {
            return Ok(status.exit());
        }
        let again = async {
            tokio::time::sleep(pause).await;
            look().await
        };
        status = tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(status.exit()),
            seen = again => seen?,
        };
    }
}
