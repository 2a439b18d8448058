//! `[sets.NAME]`, `[bidi.NAME]` and their hooks.

use super::{keys, names};
use crate::{
    model::{
        index_pattern::exclusion,
        topology::{BidiSpec, ClusterSpec, Hooks, LEADER_INDEX, SetSpec},
    },
    toml_reader::{Fault, Mistake, Table, Value},
};

/// One set.
pub(super) fn parse(
    name: &Value,
    table: &Table,
    clusters: &[ClusterSpec],
) -> Result<SetSpec, Mistake> {
    table.allow(&keys::SET.names())?;
    let home = cluster(&table.need("home")?, clusters)?;
    let standby_value = table.need("standby")?;
    let standby = cluster(&standby_value, clusters)?;
    if standby == home {
        return Err(standby_value.invalid(format!("\"{home}\" is home already; name another")));
    }
    let indices_value = table.need("indices")?;
    let indices = indices_value
        .some_members()?
        .iter()
        .map(names::index_pattern)
        .collect::<Result<Vec<_>, _>>()?;
    if indices.iter().all(|pattern| exclusion(pattern).is_some()) {
        return Err(indices_value.invalid("only excludes; name what belongs to the set too"));
    }
    Ok(SetSpec {
        name: set_name(name)?,
        home: Some(home),
        standby: Some(standby),
        indices,
        except: Vec::new(),
        follower: match table.get("follower") {
            Some(value) => follower(&value)?,
            None => LEADER_INDEX.to_owned(),
        },
        auto_follow: match table.get("auto_follow") {
            Some(value) => value.boolean()?,
            None => false,
        },
        priority: match table.get("priority") {
            Some(value) => value.integer()?,
            None => 0,
        },
        alias: table.get("alias").map(|value| names::index_name(&value)).transpose()?,
        hooks: table.get("hooks").map(|value| parse_hooks(&value.table()?)).transpose()?,
        bidi: None,
    })
}

/// One bi-directional alias.
pub(super) fn parse_bidi(
    name: &Value,
    table: &Table,
    clusters: &[ClusterSpec],
) -> Result<BidiSpec, Mistake> {
    table.allow(&keys::BIDI.names())?;
    let value = table.need("clusters")?;
    let names = value
        .members()?
        .iter()
        .map(|name| cluster(name, clusters))
        .collect::<Result<Vec<_>, _>>()?;
    let [first, second] = names.as_slice() else {
        return Err(value.invalid(format!("must name two clusters, not {}", names.len())));
    };
    if first == second {
        return Err(value.invalid(format!("names \"{first}\" twice")));
    }
    let history = table.get("history").map(|value| value.duration()).transpose()?;
    let clusters = [first.clone(), second.clone()];
    let bidi = BidiSpec { name: set_name(name)?, clusters, history };
    names::check(name, &bidi.name, &bidi.name)?;
    let [one, other] = bidi.directions().map(|direction| direction.name);
    for index in [&one, &other] {
        names::check(name, index, index)?;
    }
    let [first, second] = &bidi.clusters;
    if bidi.is_written_by(first, &other) || bidi.is_written_by(second, &one) {
        return Err(value.invalid(format!("would both write into the index \"{one}\"")));
    }
    Ok(bidi)
}

/// The operator's programs; each entry is a text split at white space, or a list of
/// arguments as they stand.
pub(super) fn parse_hooks(table: &Table) -> Result<Hooks, Mistake> {
    table.allow(&keys::HOOKS.names())?;
    let programs = |key: &str| match table.get(key) {
        Some(value) => value.members()?.iter().map(Value::command_line).collect(),
        None => Ok(Vec::new()),
    };
    Ok(Hooks {
        before_fence: programs("before_fence")?,
        after_promote: programs("after_promote")?,
        on_undo: programs("on_undo")?,
    })
}

fn set_name(value: &Value) -> Result<String, Mistake> {
    match value.key() {
        "" => Err(value.mistake_at_key(Fault::InvalidTable {
            within: "a set".to_owned(),
            why: "its name must not be empty".to_owned(),
        })),
        name => Ok(name.to_owned()),
    }
}

/// The name of a cluster that the file defines.
fn cluster(value: &Value, clusters: &[ClusterSpec]) -> Result<String, Mistake> {
    let name = value.text()?;
    if clusters.iter().any(|cluster| cluster.name == name) {
        return Ok(name.to_owned());
    }
    Err(value.mistake(Fault::UnknownName {
        key: value.key().to_owned(),
        kind: "cluster",
        name: name.to_owned(),
        known: clusters.iter().map(|cluster| cluster.name.clone()).collect(),
    }))
}

/// The template for names of followers.
fn follower(value: &Value) -> Result<String, Mistake> {
    let template = value.name()?;
    if template.matches(LEADER_INDEX).count() != 1 {
        return Err(value.invalid(format!("must have {LEADER_INDEX} in it once")));
    }
    names::check(value, template, &template.replacen(LEADER_INDEX, "x", 1))?;
    Ok(template.to_owned())
}
