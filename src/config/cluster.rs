//! `[clusters.NAME]`.

use std::path::{Path, PathBuf};

use super::keys;
use crate::{
    model::topology::{Auth, ClusterSpec, Connection, RemoteSpec, Secret, Tls},
    toml_reader::{Mistake, Table, Value},
};

/// One cluster; paths in it are relative to `folder`.
pub(super) fn parse(name: &Value, table: &Table, folder: &Path) -> Result<ClusterSpec, Mistake> {
    table.allow(&keys::CLUSTER.names())?;
    let urls = table.need("urls")?.some_members()?;
    let connection = Connection {
        urls: urls.iter().map(url).collect::<Result<_, _>>()?,
        auth: optional(table, "auth", |table| auth(table, folder))?,
        tls: optional(table, "tls", |table| tls(table, folder))?.unwrap_or_default(),
    };
    let uuid = match table.get("uuid") {
        Some(value) => Some(value.name()?.to_owned()),
        None => None,
    };
    let remote = optional(table, "remote", remote)?;
    let cluster = ClusterSpec { name: name.key().to_owned(), uuid, remote, connection };
    if let Some(bad) = unfit_for_alias(&cluster.remote_alias()) {
        let why =
            format!("as the name of a remote connection it may not have {bad}; set remote.name");
        return Err(table.invalid(why));
    }
    Ok(cluster)
}

fn optional<T>(
    table: &Table,
    key: &str,
    parse: impl FnOnce(&Table) -> Result<T, Mistake>,
) -> Result<Option<T>, Mistake> {
    table.get(key).map(|value| parse(&value.table()?)).transpose()
}

fn url(value: &Value) -> Result<String, Mistake> {
    let text = value.name()?;
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(value.invalid(format!("\"{text}\" has no scheme; write https://{text}")));
    };
    if !["http", "https"].contains(&scheme) {
        return Err(
            value.invalid(format!("\"{scheme}\" is no scheme of esdr's; known are https, http"))
        );
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return Err(value.invalid("a user or password never stands in a url; use auth"));
    }
    if host.is_empty() || host.starts_with(':') || text.contains(char::is_whitespace) {
        return Err(value.invalid(format!("\"{text}\" names no host")));
    }
    if rest.contains(['?', '#']) {
        return Err(value.invalid(format!("\"{text}\" has more than host, port and path")));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn auth(table: &Table, folder: &Path) -> Result<Auth, Mistake> {
    for key in ["password", "api_key"] {
        if let Some(value) = table.get(key) {
            return Err(value.invalid(format!(
                "a secret never stands in the file; use {key}_env, {key}_file or {key}_command"
            )));
        }
    }
    table.allow(&keys::AUTH.names())?;
    let username = table.get("username");
    let password = secret(table, "password", folder)?;
    let api_key = secret(table, "api_key", folder)?;
    match (username, password, api_key) {
        (Some(username), Some(password), None) => {
            Ok(Auth::Basic { username: username.name()?.to_owned(), password })
        }
        (None, None, Some(key)) => Ok(Auth::ApiKey(key)),
        (_, _, Some(_)) => Err(table.invalid("has a password and an API key; keep one of them")),
        (Some(_), None, None) => {
            Err(table.invalid("lacks password_env, password_file or password_command"))
        }
        (None, Some(_), None) => Err(table.missing("username")),
        (None, None, None) => {
            Err(table.invalid("is empty; give username and password_env, or api_key_env"))
        }
    }
}

/// The one place that a secret is said to be in.
fn secret(table: &Table, kind: &str, folder: &Path) -> Result<Option<Secret>, Mistake> {
    let [env, file, command] =
        ["env", "file", "command"].map(|place| table.get(&format!("{kind}_{place}")));
    match (env, file, command) {
        (None, None, None) => Ok(None),
        (Some(value), None, None) => match value.name()? {
            name if name.contains(['=', '\0', ' ']) => {
                Err(value.invalid("must be the name of an environment variable"))
            }
            name => Ok(Some(Secret::Env(name.to_owned()))),
        },
        (None, Some(value), None) => Ok(Some(Secret::File(path(&value, folder)?))),
        (None, None, Some(value)) => Ok(Some(Secret::Command(value.command_line()?))),
        _ => Err(table.invalid(format!("names two places for one {kind}; keep one"))),
    }
}

fn tls(table: &Table, folder: &Path) -> Result<Tls, Mistake> {
    table.allow(&keys::TLS.names())?;
    let file = |key: &str| table.get(key).map(|value| path(&value, folder)).transpose();
    let (ca, cert, key) = (file("ca")?, file("cert")?, file("key")?);
    let insecure = table.get("insecure");
    if let Some(value) = &insecure
        && !value.boolean()?
    {
        return Err(value.invalid("is false anyway unless it is true; leave it out"));
    }
    if insecure.is_some() && ca.is_some() {
        return Err(
            table.invalid("insecure checks no certificate, so ca would do nothing; keep one")
        );
    }
    match (&cert, &key) {
        (Some(_), None) => Err(table.missing("key")),
        (None, Some(_)) => Err(table.missing("cert")),
        _ => Ok(Tls { ca, cert, key, insecure: insecure.is_some() }),
    }
}

fn path(value: &Value, folder: &Path) -> Result<PathBuf, Mistake> {
    Ok(folder.join(value.name()?))
}

fn remote(table: &Table) -> Result<RemoteSpec, Mistake> {
    table.allow(&keys::REMOTE.names())?;
    let name = match table.get("name") {
        Some(value) => match unfit_for_alias(value.name()?) {
            Some(bad) => return Err(value.invalid(format!("may not have {bad}"))),
            None => Some(value.name()?.to_owned()),
        },
        None => None,
    };
    let seeds = match table.get("seeds") {
        Some(value) => value.some_members()?.iter().map(address).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let proxy = table.get("proxy").map(|value| address(&value)).transpose()?;
    let server_name = match table.get("server_name") {
        Some(value) if proxy.is_none() => {
            return Err(value.invalid("is used with proxy only"));
        }
        Some(value) => Some(value.name()?.to_owned()),
        None => None,
    };
    if !seeds.is_empty() && proxy.is_some() {
        return Err(table.invalid("has seeds (sniff mode) and proxy (proxy mode); keep one"));
    }
    if seeds.is_empty() && proxy.is_none() && name.is_none() {
        return Err(table.invalid("is empty; give seeds, proxy or name"));
    }
    Ok(RemoteSpec { name, seeds, proxy, server_name })
}

/// A transport address, `host:port`.
fn address(value: &Value) -> Result<String, Mistake> {
    let text = value.name()?;
    if text.contains("://") {
        return Err(value.invalid("is a transport address, host:port, without a scheme"));
    }
    match text.rsplit_once(':') {
        Some((host, port))
            if !host.is_empty()
                && port.parse::<u16>().is_ok_and(|port| port > 0)
                && !text.contains(char::is_whitespace) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(value.invalid(format!(
            "\"{text}\" is no transport address; write host:port, such as a1.example:9300"
        ))),
    }
}

/// What the name of a remote connection may not have, and this one has.
fn unfit_for_alias(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("nothing in it".to_owned());
    }
    name.chars().find(|c| c.is_whitespace() || c.is_control() || ".:,*\"\\/?<>|#".contains(*c)).map(
        |bad| {
            if bad.is_whitespace() { "white space".to_owned() } else { format!("\"{bad}\"") }
        },
    )
}
