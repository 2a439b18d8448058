//! From what was typed back to a command line that can be typed again: for the record, for other
//! operators, and for `Next`.

use std::fmt::Display;

use super::{
    BidiSetupArgs, BidiTeardownArgs, ConsentArgs, FailbackArgs, FailoverArgs, FenceArgs,
    FormerArgs, Global, OnReturn, ReplicateArgs, ReprotectArgs, RunArgs, Scope, UndoArgs,
};
use crate::{duration, plan::choice};

/// A command line, word by word, each quoted where a shell would not take it as it is.
#[derive(Clone, Debug)]
pub(crate) struct CommandLine(String);

impl CommandLine {
    /// Of words that need no quotes: `esdr failover`.
    pub(crate) fn of(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// One more word.
    #[must_use]
    pub(crate) fn word(self, word: impl Display) -> Self {
        let word = word.to_string();
        // A NUL, which no shell takes, cannot have been typed either.
        let quoted = shlex::try_quote(&word).map_or_else(|_| word.clone(), String::from);
        Self(format!("{} {quoted}", self.0))
    }

    /// An option, where it was given.
    #[must_use]
    pub(crate) fn option(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => Self(format!("{} {name}", self.0)).word(value),
            None => self,
        }
    }

    /// An option that may be given again and again.
    #[must_use]
    fn each(self, name: &str, values: impl IntoIterator<Item = impl Display>) -> Self {
        values.into_iter().fold(self, |line, value| line.option(name, Some(value)))
    }

    /// An option without a value.
    #[must_use]
    fn flag(self, name: &str, is_given: bool) -> Self {
        if is_given { Self(format!("{} {name}", self.0)) } else { self }
    }

    fn scope(self, scope: &Scope) -> Self {
        self.each("--set", &scope.sets).each("--index", &scope.indices)
    }

    fn consent(self, consent: ConsentArgs) -> Self {
        self.flag("--accept-data-loss", consent.accept_data_loss)
            .flag("--leader-is-fenced", consent.leader_is_fenced)
            .option("--on-return", (consent.on_return == OnReturn::Stop).then_some("stop"))
    }

    fn former(self, former: &FormerArgs) -> Self {
        self.flag("--no-salvage", former.no_salvage)
            .each("--resolve", former.resolve.iter().map(choice::text))
            .option("--discard", former.discard.as_ref())
            .option("--snapshot", former.snapshot.as_ref())
            .flag("--drop-safety-copies", former.drop_safety_copies)
    }

    /// The whole of it.
    pub(crate) fn text(self) -> String {
        self.0
    }
}

impl Global {
    /// What was typed, and not taken from the environment, of where the file and the state are:
    /// without it the same command line would mean another pair of clusters.
    pub(crate) fn places(&self) -> String {
        let typed = |value: &Option<std::path::PathBuf>, variable: &str| {
            let value = value.as_ref()?;
            let is_typed = std::env::var_os(variable).is_none_or(|it| it != *value);
            is_typed.then(|| value.display().to_string())
        };
        CommandLine::of("")
            .option("-c", typed(&self.config, "ESDR_CONFIG"))
            .option("--state-dir", typed(&self.state_dir, "ESDR_STATE_DIR"))
            .text()
    }
}

impl FailoverArgs {
    pub(crate) fn line(&self) -> String {
        CommandLine::of("esdr failover")
            .option("--to", Some(&self.to))
            .scope(&self.scope)
            .flag("--reprotect", self.reprotect)
            .flag("--canary", self.canary)
            .option("--max-lag", self.max_lag)
            .consent(self.consent)
            .text()
    }
}

impl ReplicateArgs {
    pub(crate) fn line(&self) -> String {
        CommandLine::of("esdr replicate").each("--set", &self.sets).text()
    }
}

impl ReprotectArgs {
    pub(crate) fn line(&self) -> String {
        CommandLine::of("esdr reprotect").each("--set", &self.sets).former(&self.former).text()
    }
}

impl FailbackArgs {
    pub(crate) fn line(&self) -> String {
        CommandLine::of("esdr failback")
            .each("--set", &self.sets)
            .former(&self.former)
            .flag("--prepare", self.prepare)
            .flag("--canary", self.canary)
            .text()
    }
}

impl UndoArgs {
    pub(crate) fn line(&self) -> String {
        let line = CommandLine::of("esdr undo");
        let line = match &self.run {
            Some(run) => line.word(run),
            None => line,
        };
        line.option("--max-carry", self.max_carry).text()
    }
}

impl FenceArgs {
    /// Of `esdr fence` or `esdr unfence`, without the waiting.
    pub(crate) fn line(&self, command: &str) -> String {
        self.on_the_cluster(command).text()
    }

    /// The same command, which waits until the cluster answers.
    pub(crate) fn waiting_line(&self, command: &str) -> String {
        let line = self.on_the_cluster(command).flag("--when-it-answers", true);
        line.option("--for", Some(duration::typed(self.at_most))).text()
    }

    fn on_the_cluster(&self, command: &str) -> CommandLine {
        CommandLine::of("esdr").word(command).word(&self.cluster).each("--set", &self.sets)
    }
}

impl RunArgs {
    pub(crate) fn line(&self) -> String {
        CommandLine::of("esdr run")
            .word(self.file.display())
            .option("--to", self.to.as_ref())
            .scope(&self.scope)
            .flag("--canary", self.canary)
            .consent(self.consent)
            .text()
    }
}

impl BidiSetupArgs {
    pub(crate) fn line(&self) -> String {
        CommandLine::of("esdr bidi setup")
            .word(&self.name)
            .option("--settings", self.settings.as_ref().map(|file| file.display()))
            .option("--mapping", self.mapping.as_ref().map(|file| file.display()))
            .flag("--rollover", self.rollover)
            .text()
    }
}

impl BidiTeardownArgs {
    pub(crate) fn line(&self) -> String {
        CommandLine::of("esdr bidi teardown")
            .word(&self.name)
            .flag("--keep-followers", self.keep_followers)
            .text()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::cli::{BidiCommand, Cli, Command};

    fn line(cli: &Cli) -> String {
        match &cli.command {
            Command::Failover(args) => args.line(),
            Command::Replicate(args) => args.line(),
            Command::Reprotect(args) => args.line(),
            Command::Failback(args) => args.line(),
            Command::Undo(args) => args.line(),
            Command::Fence(args) if args.when_it_answers => args.waiting_line("fence"),
            Command::Fence(args) => args.line("fence"),
            Command::Run(args) => args.line(),
            Command::Bidi(args) => match &args.command {
                BidiCommand::Setup(args) => args.line(),
                BidiCommand::Teardown(args) => args.line(),
                BidiCommand::Status(_) => unreachable!("changes nothing"),
            },
            _ => unreachable!("no such command here"),
        }
    }

    #[test]
    fn a_command_line_that_is_told_is_the_one_that_was_typed() {
        for typed in [
            "esdr failover --to clusterB",
            "esdr failover --to b --set logs --set 'a b' --index 'orders-*' --reprotect --canary \
             --max-lag 5 --accept-data-loss --leader-is-fenced --on-return stop",
            "esdr replicate --set logs",
            "esdr reprotect --set logs --no-salvage --resolve orders-1=keep --discard clusterA \
             --snapshot 'it'\\''s' --drop-safety-copies",
            "esdr failback --set logs --discard clusterA --prepare --canary",
            "esdr undo 1122-b0c4f1 --max-carry 7",
            "esdr undo",
            "esdr fence clusterA --set logs",
            "esdr fence clusterA --when-it-answers --for 48h",
            "esdr run 'my playbook.toml' --to clusterB --set logs --index 'a*' --canary \
             --accept-data-loss",
            "esdr bidi setup logs --settings 's 1.json' --mapping m.json --rollover",
            "esdr bidi teardown logs --keep-followers",
        ] {
            let words = shlex::split(typed).unwrap();
            let told = line(&Cli::parse_from(words.clone()));
            // Quoted in another way it may be; a shell takes the same from it.
            assert_eq!(shlex::split(&told).unwrap(), words, "{told}");
        }
    }

    #[test]
    fn what_was_typed_of_the_places_of_file_and_state_is_told() {
        let typed = ["esdr", "status", "-c", "dr site.toml", "--state-dir", "/var/lib/esdr"];
        let places = Cli::parse_from(typed).global.places();
        assert_eq!(places, " -c 'dr site.toml' --state-dir /var/lib/esdr");
        assert_eq!(Cli::parse_from(["esdr", "status"]).global.places(), "");
    }
}
