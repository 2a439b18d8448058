//! From the command line to a command, and from how it ended to an exit status.

use crate::{
    cli::{Cli, Command, PlanCommand},
    commands::{self, refusal::Refusal, session::Session},
    config::{ConfigError, SecretError},
    es::http::HttpSetupError,
    model::problem::Problem,
    outcome::{Outcome, Outcomes, exit},
    report::Reporter,
};

/// Carries out a command line. Every error is told once, here.
pub async fn dispatch(cli: &Cli) -> u8 {
    let mut reporter = Reporter::new(cli.global.output, cli.global.color, cli.global.verbose);
    match command(cli, &mut reporter).await {
        Ok(status) => status,
        Err(error) => {
            let status = status_of(&error);
            reporter.error(&error);
            if is_changing(&cli.command) && cli.global.output == crate::cli::Output::Json {
                reporter.result(&result_of(cli, &error, status), None);
            }
            status
        }
    }
}

async fn command(cli: &Cli, reporter: &mut Reporter) -> anyhow::Result<u8> {
    let session = || Session::open(&cli.global);
    match &cli.command {
        Command::Failover(args) => commands::failover::run(&session()?, args, reporter).await,
        Command::Replicate(args) => commands::replicate::run(&session()?, args, reporter).await,
        Command::Undo(args) => commands::undo::run(&session()?, args, reporter).await,
        Command::Apply(args) => commands::plan::apply(&session()?, args, reporter).await,
        Command::Run(args) => commands::playbook_run::run(&session()?, args, reporter).await,
        Command::Plan(args) => match &args.command {
            // A plan is shown without any cluster, and so without a file.
            PlanCommand::Show { file } => commands::plan::show(file, reporter),
            command => commands::plan::write(&session()?, command, reporter).await,
        },
        Command::Sandbox => commands::sandbox::run(reporter).await,
        _ => Ok(1),
    }
}

fn is_changing(command: &Command) -> bool {
    !matches!(
        command,
        Command::Status(_) | Command::Playbook(_) | Command::Sandbox
    )
}

fn status_of(error: &anyhow::Error) -> u8 {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return refusal.exit;
    }
    let is_usage = error.chain().any(|cause| {
        cause.is::<ConfigError>() || cause.is::<SecretError>() || cause.is::<HttpSetupError>()
    });
    if is_usage {
        exit::USAGE
    } else {
        exit::UNEXPECTED
    }
}

fn result_of(cli: &Cli, error: &anyhow::Error, status: u8) -> Outcomes {
    let outcome = match status {
        exit::USAGE => Outcome::Usage,
        exit::REFUSED => Outcome::Refused,
        _ => Outcome::Unexpected,
    };
    let name = match &cli.command {
        Command::Failover(_) => "failover",
        Command::Replicate(_) => "replicate",
        Command::Undo(_) => "undo",
        Command::Apply(_) => "apply",
        Command::Run(_) => "run",
        Command::Plan(_) => "plan",
        Command::Drill(_) => "drill",
        Command::Status(_) => "status",
        Command::Playbook(_) => "playbook",
        Command::Sandbox => "sandbox",
    };
    let mut outcomes = Outcomes::new(name, outcome, status);
    let hint = error
        .downcast_ref::<Refusal>()
        .map(|refusal| refusal.next.clone());
    outcomes.problems.push(Problem::new(
        if status == exit::USAGE {
            "usage"
        } else {
            "refused"
        },
        "",
        format!("{error:#}"),
        hint.unwrap_or_default(),
    ));
    outcomes
}
