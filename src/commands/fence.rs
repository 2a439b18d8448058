//! `esdr fence` and `esdr unfence`: a cluster refuses writes to sets, or takes them again.

use crate::{
    cli::FenceArgs,
    commands::{
        make_plan::{Draft, built_in, request},
        pipeline::carry_out,
        scope::{
            SetSwitch, check_answer, check_names, check_one_name_each, check_overlap,
            set_switches_to,
        },
        session::Session,
        wait,
    },
    plan::{Plan, Switch, reason::Code},
    report::Reporter,
};

/// Which of the two it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fencing {
    Fence,
    Unfence,
}

impl Fencing {
    /// The name of the command, and of its playbook.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Fence => "fence",
            Self::Unfence => "unfence",
        }
    }
}

/// Fences the chosen sets on a cluster, or lifts esdr's own fences; where asked to, once the
/// cluster answers.
///
/// # Errors
/// Refusals that are no part of a plan, and defects.
pub(crate) async fn run(
    session: &Session,
    args: &FenceArgs,
    fencing: Fencing,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    check_names(&session.topology, &args.cluster, &args.sets)?;
    let plan = if args.when_it_answers {
        match wait::fence::plan_when_it_answers(session, args, fencing, reporter).await? {
            Some(plan) => plan,
            None => return Ok(wait::fence::interrupted(fencing, reporter)),
        }
    } else {
        plan(session, args, fencing).await?
    };
    carry_out(session, reporter, fencing.word(), &plan).await
}

/// The plan of a fence, or of lifting it. Only the named cluster needs to answer.
///
/// # Errors
/// As for [`run`].
pub(crate) async fn plan(
    session: &Session,
    args: &FenceArgs,
    fencing: Fencing,
) -> anyhow::Result<Plan> {
    let request = request(session, args.line(fencing.word()), built_in(fencing.word())?)?;
    let world = session.observe().await?;
    if let Some(cluster) = world.clusters.get(&args.cluster) {
        check_answer(&args.cluster, cluster)?;
    }
    check_one_name_each(&world)?;
    // A switch would go to the cluster that is named; a fence is on the side that gives up.
    let set_switches: Vec<SetSwitch> = set_switches_to(session, &world, &args.cluster, &args.sets)?
        .into_iter()
        .map(|SetSwitch { set, source, target }| SetSwitch { set, source: target, target: source })
        .collect();
    check_overlap(&world, &set_switches)?;
    let draft = Draft::of(session, request, world, set_switches);
    let mut switches = draft.switches();
    // A set with nothing there does not hold the others, unless it was asked for by name.
    let is_there = |switch: &Switch| !switch.members.is_empty();
    if args.sets.is_empty() && switches.iter().any(is_there) {
        switches.retain(is_there);
    }
    for switch in &mut switches {
        let Switch { source, target, blocked, .. } = switch;
        for reason in blocked {
            match reason.code {
                Code::SourceUnreachable => reason.hint = args.waiting_line(fencing.word()),
                Code::PastNoReturn => {
                    reason.detail = format!(
                        "by the record {target} leads {}: with {source} let go, both would take writes",
                        reason.subject
                    );
                }
                _ => {}
            }
        }
    }
    Ok(draft.plan_of(switches).await)
}
