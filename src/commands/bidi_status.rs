//! `esdr bidi status`: looks at one alias on both clusters, and changes nothing.

use crate::{
    cli::BidiStatusArgs,
    commands::{
        session::{Session, host},
        status::looks,
    },
    report::Reporter,
    status::of_bidi,
};

/// Looks once, or with `--watch` until Ctrl-C. Returns the exit status of the last look.
///
/// # Errors
/// Where the file defines no such alias, or the local record cannot be read.
pub(crate) async fn run(
    session: &Session,
    args: &BidiStatusArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let spec = session.topology.bidi(&args.name)?;
    let look = async || {
        let world = session.observe_locks(std::slice::from_ref(&spec.name)).await?;
        let mut status = of_bidi(&world, &session.topology, spec);
        status.host = host();
        Ok(status)
    };
    looks(args.again.watch, reporter, look, Reporter::bidi).await
}
