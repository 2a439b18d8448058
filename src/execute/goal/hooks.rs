//! The operator's own programs.

use std::{process::Stdio, time::Duration};

use tokio::time::Instant;

use crate::{
    event::{Detail, Kind},
    plan::{Switch, action::Action},
    playbook::HookName,
};

use crate::execute::{runner::Runner, stop::Stop};

impl Runner<'_> {
    /// Runs the programs of a name, one after another, without a shell. What they print
    /// goes to standard error, for standard output is for what esdr says.
    pub(in crate::execute) async fn hooks(
        &mut self,
        switch: &Switch,
        name: HookName,
        actions: &[Action],
        within: Duration,
    ) -> Result<(), Stop> {
        let began = Instant::now();
        for action in actions {
            let Action::Hook { command, .. } = action else {
                continue;
            };
            let Some((program, arguments)) = command.split_first() else {
                continue;
            };
            let shown = command.join(" ");
            let detail = |exit, took_ms| Detail::Hook {
                name: name.to_string(),
                command: shown.clone(),
                exit,
                took_ms,
            };
            self.check_lock().await?;
            self.event(Kind::Started, "", Vec::new(), detail(None, 0))?;
            let child = tokio::process::Command::new(program)
                .args(arguments)
                .envs(self.hook_environment(switch))
                .stdin(Stdio::null())
                .stdout(Stdio::from(std::io::stderr()))
                .kill_on_drop(true)
                .status();
            let left = within.saturating_sub(began.elapsed());
            let failed = |status: String| Stop::Hook { name: name.to_string(), status };
            let status = match tokio::time::timeout(left, child).await {
                Ok(Ok(status)) => status,
                Ok(Err(error)) => return Err(failed(format!("{shown}: {error}"))),
                Err(_) => {
                    let limit = crate::duration::format(within);
                    return Err(failed(format!("{shown}: no end within {limit}")));
                }
            };
            let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.event(Kind::Progress, "", Vec::new(), detail(status.code(), took_ms))?;
            if !status.success() {
                return Err(failed(format!("{shown}: {status}")));
            }
        }
        Ok(())
    }

    fn hook_environment(&self, switch: &Switch) -> Vec<(&'static str, String)> {
        let url = |cluster: &str| {
            let spec = self.topology.cluster(cluster).ok();
            spec.and_then(|spec| spec.connection.urls.first().cloned()).unwrap_or_default()
        };
        vec![
            ("ESDR_RUN", self.plan.request.run.clone()),
            ("ESDR_COMMAND", self.plan.request.playbook.name.clone()),
            ("ESDR_SET", self.plan.request.bidi.as_ref().unwrap_or(&switch.set).clone()),
            ("ESDR_FROM", switch.source.clone()),
            ("ESDR_TO", switch.target.clone()),
            ("ESDR_FROM_URL", url(&switch.source)),
            ("ESDR_TO_URL", url(&switch.target)),
            ("ESDR_LOST_AT_MOST", self.plan.request.max_lag_ops.to_string()),
        ]
    }
}
