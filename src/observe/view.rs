//! From answers to a view. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::index::{add_aliases, add_followers, add_shards, index};
use crate::{
    es::{
        api::{
            AutoFollow, CatIndex, ClusterSettings, FollowTask, FollowerInfo, Health, IndexAliases,
            IndexSettings, IndexStats, License as LicenseAnswer, RemoteInfo, Root, TaskParams,
            TemplateAnswer,
        },
        error::Error,
        requests::is_own_template,
    },
    model::{
        template::Template,
        unread::Part,
        world::{License, Pattern, Remote, Version, View},
    },
};

/// Why a cluster without a master is ill, for people.
pub(super) const NO_MASTER: &str = "it has no master";

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The version by its three numbers.
pub(super) fn version(root: &Root) -> Version {
    let (major, minor, patch) = root.version_numbers();
    Version { major, minor, patch }
}

/// What one cluster answered. Without one of the results the cluster is ill.
pub(super) struct Answers {
    pub(super) health: Result<Health, Error>,
    pub(super) settings: Result<ClusterSettings, Error>,
    pub(super) indices: Result<Vec<CatIndex>, Error>,
    pub(super) index_settings: Result<BTreeMap<String, IndexSettings>, Error>,
    pub(super) stats: Result<BTreeMap<String, IndexStats>, Error>,
    pub(super) aliases: Result<BTreeMap<String, IndexAliases>, Error>,
    pub(super) followers: Result<Vec<FollowerInfo>, Error>,
    pub(super) license: Option<LicenseAnswer>,
    pub(super) remotes: Option<BTreeMap<String, RemoteInfo>>,
    pub(super) tasks: Option<BTreeMap<String, Vec<FollowTask>>>,
    pub(super) params: Option<Vec<TaskParams>>,
    pub(super) patterns: Option<Vec<AutoFollow>>,
    pub(super) restoring: Option<BTreeMap<String, u64>>,
    pub(super) unread: BTreeSet<Part>,
    pub(super) templates: Option<Vec<TemplateAnswer>>,
}

impl Answers {
    /// What must not be missing and is, for people: no master explains all of it, and
    /// otherwise the first failure stands for the others.
    pub(super) fn illness(&self) -> Option<String> {
        let errors = [
            self.health.as_ref().err(),
            self.settings.as_ref().err(),
            self.indices.as_ref().err(),
            self.index_settings.as_ref().err(),
            self.stats.as_ref().err(),
            self.aliases.as_ref().err(),
            self.followers.as_ref().err(),
        ];
        let errors: Vec<&Error> = errors.into_iter().flatten().collect();
        if errors.iter().any(|error| error.is_no_master()) {
            return Some(NO_MASTER.to_owned());
        }
        let (first, others) = errors.split_first()?;
        Some(match others.len() {
            0 => without_query(first),
            count => format!("{}, and {count} more answers are missing", without_query(first)),
        })
    }
}

/// The query of a read is noise to people.
fn without_query(error: &Error) -> String {
    let text = error.to_string();
    match (text.find('?'), text.find(": ")) {
        (Some(mark), Some(colon)) if mark < colon => format!("{}{}", &text[..mark], &text[colon..]),
        _ => text,
    }
}

/// The view that these answers make; what is missing is empty.
pub(super) fn view(root: &Root, answers: Answers, now_ms: i64) -> View {
    let version = version(root);
    let settings = answers.index_settings.unwrap_or_default();
    let is_full = |it: &IndexSettings| it.is_true("index.blocks.read_only_allow_delete");
    let mut view = View {
        uuid: root.cluster_uuid.clone(),
        cluster_name: root.cluster_name.clone(),
        version,
        health: answers.health.map(|health| health.status).unwrap_or_default(),
        license: answers.license.map(|it| license(&it, now_ms)).unwrap_or_default(),
        remotes: remotes(&answers.settings.unwrap_or_default(), answers.remotes),
        patterns: answers.patterns.map(|list| list.into_iter().map(pattern).collect()),
        unread: answers.unread,
        templates: answers.templates.map(|list| list.into_iter().map(template).collect()),
        disk_full: settings.values().any(is_full),
        ..View::default()
    };
    for row in answers.indices.unwrap_or_default() {
        let own = settings.get(&row.index).cloned().unwrap_or_default();
        view.indices.insert(row.index.clone(), index(row, &own, version));
    }
    add_aliases(&mut view, answers.aliases.unwrap_or_default());
    add_shards(&mut view, answers.stats.unwrap_or_default());
    for (name, restored_bytes) in answers.restoring.unwrap_or_default() {
        if let Some(index) = view.indices.get_mut(&name) {
            index.restoring = true;
            index.restored_bytes = restored_bytes;
        }
    }
    let tasks = answers.tasks.unwrap_or_default();
    let params = answers.params.unwrap_or_default();
    add_followers(&mut view, answers.followers.unwrap_or_default(), tasks, &params);
    view
}

fn license(answer: &LicenseAnswer, now_ms: i64) -> License {
    License {
        kind: answer.kind.clone(),
        status: answer.status.clone(),
        days_left: answer.expiry_date_in_millis.map(|end_ms| (end_ms - now_ms).div_euclid(DAY_MS)),
    }
}

/// Remotes by the settings, and those that only the node's own file configures.
fn remotes(
    settings: &ClusterSettings,
    infos: Option<BTreeMap<String, RemoteInfo>>,
) -> BTreeMap<String, Remote> {
    let infos = infos.unwrap_or_default();
    let aliases: BTreeSet<String> =
        settings.remote_aliases().into_iter().chain(infos.keys().cloned()).collect();
    let text = |key: String| settings.get(&key).and_then(Value::as_str).map(str::to_owned);
    let remote = |alias: &String| {
        let info = infos.get(alias).cloned().unwrap_or_default();
        let seeds = settings.list(&format!("cluster.remote.{alias}.seeds"));
        let proxy = text(format!("cluster.remote.{alias}.proxy_address"));
        Remote {
            seeds: if seeds.is_empty() { info.seeds } else { seeds },
            proxy: proxy.or(info.proxy_address),
            connected: info.connected,
            leads_to: None,
            misses: None,
        }
    };
    aliases.iter().map(|alias| (alias.clone(), remote(alias))).collect()
}

fn template(answer: TemplateAnswer) -> Template {
    let TemplateAnswer { name, is_legacy, body } = answer;
    let patterns = body["index_patterns"].as_array().into_iter().flatten();
    Template {
        patterns: patterns.filter_map(Value::as_str).map(str::to_owned).collect(),
        rank: body[if is_legacy { "order" } else { "priority" }].as_i64().unwrap_or_default(),
        is_own: is_own_template(&body),
        name,
        is_legacy,
        body,
    }
}

fn pattern(answer: AutoFollow) -> Pattern {
    let mut body = answer.pattern;
    let list = |body: &Map<String, Value>, key: &str| -> Vec<String> {
        let items = body.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let exclusions = list(&body, "leader_index_exclusion_patterns");
    // The call that puts it back knows neither a state nor, before 7.14, exclusions.
    let active = body.shift_remove("active").and_then(|it| it.as_bool()).unwrap_or(true);
    if exclusions.is_empty() {
        body.shift_remove("leader_index_exclusion_patterns");
    }
    Pattern {
        name: answer.name,
        active,
        remote: body["remote_cluster"].as_str().unwrap_or_default().to_owned(),
        leader_patterns: list(&body, "leader_index_patterns"),
        exclusions,
        body: Value::Object(body),
    }
}
