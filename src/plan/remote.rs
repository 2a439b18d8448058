//! The remote connection by which one cluster reads from another.

use serde_json::Value;

use crate::{
    es::requests::{RemoteAddress, remote_settings},
    model::{
        membership::Scope,
        topology::{ClusterSpec, RemoteSpec},
        world::{Remote, View},
    },
};

use super::{
    action::Action,
    reason::{Code, Reason},
};

/// What a remote connection from `on` to `to` still needs. One that is there and leads to `to` is
/// taken as it is, whatever it is called; `converges`: one of the name that the file gives it is
/// given the file's addresses where it has none of them, or the other mode.
///
/// # Errors
/// [`Code::WrongCluster`] where another cluster stands behind it, [`Code::NoRemote`] where the
/// file does not say how to reach `to`, or not so that this server can.
pub(super) fn due(
    scope: Scope<'_>,
    on: &str,
    to: &ClusterSpec,
    converges: bool,
) -> Result<Option<Action>, Reason> {
    let Some(view) = scope.world.view(on) else { return Ok(None) };
    let leading = scope.world.alias_of(on, &to.name);
    let name = to.remote_alias();
    let alias = leading.unwrap_or(&name);
    let found = view.remotes.get(alias);
    if let Some(remote) = found {
        check(on, alias, remote, &to.name)?;
    }
    let wanted = to.remote.as_ref().filter(|it| !it.seeds.is_empty() || it.proxy.is_some());
    if leading.is_some() {
        let differs = |spec: &&RemoteSpec| found.is_some_and(|remote| differs(remote, spec));
        let changes = converges && alias == name;
        return wanted
            .filter(|_| changes)
            .filter(differs)
            .map_or(Ok(None), |spec| change(view, on, &name, to, spec).map(Some));
    }
    match wanted {
        Some(spec) => change(view, on, &name, to, spec).map(Some),
        None => Err(Reason::new(
            Code::NoRemote,
            on,
            format!(
                "{on} has no remote connection to {}, and the file does not say how to reach it",
                to.name
            ),
        )
        .hint(format!("add remote = {{ seeds = [\"HOST:9300\"] }} to [clusters.{}]", to.name))),
    }
}

/// Refuses a connection behind which another cluster stands than the one that is meant.
fn check(on: &str, alias: &str, remote: &Remote, to: &str) -> Result<(), Reason> {
    let why = match (&remote.leads_to, &remote.misses) {
        (_, Some(missed)) if missed == to => {
            format!("what answers there has not the state index of {to}")
        }
        (Some(other), _) if other != to => format!("it leads to {other}"),
        _ => return Ok(()),
    };
    let at = addresses(remote);
    let detail =
        format!("the remote connection {alias} of {on} ({at}) does not lead to {to}: {why}");
    let hint = format!(
        "hold `cluster.remote.{alias}` on {on} and `remote` of [clusters.{to}] in esdr.toml against \
         the transport address of {to}; or name another connection with remote = {{ name = … }}"
    );
    Err(Reason::new(Code::WrongCluster, on, detail).hint(hint))
}

fn addresses(remote: &Remote) -> String {
    remote.proxy.clone().unwrap_or_else(|| remote.seeds.join(", "))
}

/// One address of several in common is enough: the others are found from there.
fn differs(remote: &Remote, spec: &RemoteSpec) -> bool {
    match &spec.proxy {
        Some(proxy) => remote.proxy.as_ref() != Some(proxy),
        None => {
            remote.proxy.is_some() || !remote.seeds.iter().any(|seed| spec.seeds.contains(seed))
        }
    }
}

fn change(
    view: &View,
    on: &str,
    alias: &str,
    to: &ClusterSpec,
    spec: &RemoteSpec,
) -> Result<Action, Reason> {
    let knows_modes = view.version.at_least(7, 7);
    let address = match &spec.proxy {
        None => RemoteAddress::Seeds(spec.seeds.clone()),
        Some(address) if knows_modes => {
            RemoteAddress::Proxy { address: address.clone(), server_name: spec.server_name.clone() }
        }
        Some(_) => {
            let detail =
                format!("{on} is {}, which reaches no cluster through a proxy", view.version);
            let hint = format!(
                "give seeds in `remote` of [clusters.{}]; proxies are known from 7.7 on",
                to.name
            );
            return Err(Reason::new(Code::NoRemote, on, detail).hint(hint));
        }
    };
    let settings = Value::Object(remote_settings(alias, &address, knows_modes));
    Ok(Action::Remote { cluster: on.to_owned(), alias: alias.to_owned(), settings })
}
