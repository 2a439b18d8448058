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
    let differs = |spec| found.is_some_and(|remote| differs(remote, spec));
    match wanted {
        Some(spec) if leading.is_none() || (converges && alias == name && differs(spec)) => {
            change(view, on, &name, to, spec).map(Some)
        }
        _ if leading.is_some() => Ok(None),
        _ => Err(Reason::new(
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{
        connection::Connection,
        topology::SetSpec,
        world::{Cluster, Version, World},
    };

    /// What `on` has of the name that the file gives the connection.
    fn there(seeds: &[&str], leads_to: Option<&str>, misses: bool) -> Remote {
        Remote {
            seeds: seeds.iter().map(|&seed| seed.to_owned()).collect(),
            leads_to: leads_to.map(str::to_owned),
            misses: misses.then(|| "to".to_owned()),
            ..Remote::default()
        }
    }

    fn told(
        remote: Option<Remote>,
        spec: Option<RemoteSpec>,
        converges: bool,
        major: u16,
    ) -> String {
        let remotes = remote.map(|remote| ("to".to_owned(), remote)).into_iter().collect();
        let version = Version { major, ..Version::default() };
        let view = View { version, remotes, ..View::default() };
        let clusters = BTreeMap::from([("on".to_owned(), Cluster::Ok(Box::new(view)))]);
        let world = World { clusters, ..World::default() };
        let set = SetSpec::everything_found();
        let scope = Scope { world: &world, set: &set, source: "to", target: "on", only: &[] };
        let connection = Connection::default();
        let to = ClusterSpec { name: "to".to_owned(), uuid: None, remote: spec, connection };
        match due(scope, "on", &to, converges) {
            Ok(None) => "nothing".to_owned(),
            Ok(Some(Action::Remote { settings, .. })) => {
                let keys = settings.as_object().unwrap().iter().filter(|(_, it)| !it.is_null());
                let key = |(key, _): (&String, _)| key["cluster.remote.to.".len()..].to_owned();
                keys.map(key).collect::<Vec<_>>().join("+")
            }
            Ok(Some(other)) => other.word().to_owned(),
            Err(reason) => reason.code.word().to_owned(),
        }
    }

    #[test]
    fn what_a_connection_needs_follows_from_where_it_leads_and_what_the_file_says() {
        let seeds =
            || Some(RemoteSpec { seeds: vec!["a:9300".to_owned()], ..RemoteSpec::default() });
        let proxy =
            || Some(RemoteSpec { proxy: Some("p:9400".to_owned()), ..RemoteSpec::default() });
        let table = [
            // Missing: made as the file says, with the keys that the server knows.
            (None, seeds(), true, 6, "seeds"),
            (None, seeds(), false, 8, "mode+seeds"),
            (None, proxy(), true, 8, "mode+proxy_address"),
            (None, proxy(), true, 6, "no_remote"),
            (None, None, true, 8, "no_remote"),
            // It leads there: taken as it is, or given what the file says.
            (Some(there(&["a:9300", "b:9300"], Some("to"), false)), seeds(), true, 8, "nothing"),
            (Some(there(&["b:9300"], Some("to"), false)), seeds(), true, 6, "seeds"),
            (Some(there(&["b:9300"], Some("to"), false)), seeds(), false, 6, "nothing"),
            (Some(there(&["a:9300"], Some("to"), false)), proxy(), true, 8, "mode+proxy_address"),
            (Some(there(&["a:9300"], Some("to"), false)), proxy(), false, 8, "nothing"),
            (Some(there(&["a:9300"], Some("to"), false)), None, true, 8, "nothing"),
            // Nobody knows where it leads: the file decides, where it says anything.
            (Some(there(&["b:9300"], None, false)), seeds(), false, 8, "mode+seeds"),
            (Some(there(&["b:9300"], None, false)), None, true, 8, "no_remote"),
            // It leads elsewhere, by its followers or by what answers there.
            (Some(there(&["a:9300"], Some("third"), false)), seeds(), true, 8, "wrong_cluster"),
            (Some(there(&["a:9300"], Some("to"), true)), seeds(), true, 8, "wrong_cluster"),
            (Some(there(&["b:9300"], None, true)), seeds(), false, 8, "wrong_cluster"),
        ];
        for (remote, spec, converges, major, wanted) in table {
            let case = format!("{remote:?} {spec:?} {converges} {major}");
            assert_eq!(told(remote, spec, converges, major), wanted, "{case}");
        }
    }
}
