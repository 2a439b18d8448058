//! The creation of indices, by request or by a first write.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    flat::Flat,
    index::{Index, Recovery},
    refusal::Refusal,
    reply::{Handled, ok},
    settings,
    shard::Shard,
    site::Site,
    templates,
    world::World,
};

/// `PUT /{index}`
pub(super) fn put(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["wait_for_active_shards", "master_timeout", "timeout", "include_type_name"])?;
    let body = ask.object()?;
    let name = ask.segment(0).to_owned();
    let given = body.get("settings").map(settings::from_body).unwrap_or_default();
    let is_old = world.at(site).personality.is_old();
    if !is_old && ask.parameter("include_type_name").is_some() {
        ask.allow(&["wait_for_active_shards", "master_timeout", "timeout"])?;
    }
    let is_typed = is_old && ask.parameter("include_type_name") != Some("false");
    let mappings = body.get("mappings").cloned().unwrap_or_else(|| json!({}));
    let mappings = untyped(mappings, is_typed)?;
    let mut aliases = Map::new();
    if let Some(Value::Object(map)) = body.get("aliases") {
        aliases.clone_from(map);
    }
    world.create(site, &name, given, mappings, aliases)?;
    ok(json!({"acknowledged": true, "shards_acknowledged": true, "index": name}))
}

/// The mappings of a new index without the type that 6.8 wants above them, unless it is told
/// otherwise, and that later versions do not know.
fn untyped(mappings: Value, is_typed: bool) -> Result<Value, Refusal> {
    let Value::Object(mut map) = mappings else {
        return Ok(mappings);
    };
    if !is_typed {
        if map.get("_doc").is_some_and(Value::is_object) {
            return Err(Refusal::argument(
                "The mapping definition cannot be nested under a type [_doc] unless \
                 include_type_name is set to true.",
            ));
        }
        return Ok(Value::Object(map));
    }
    if let Some(value) = map.values().find(|value| !value.is_object()) {
        let class = match value {
            Value::Bool(_) => "java.lang.Boolean",
            Value::Number(_) => "java.lang.Integer",
            Value::Array(_) => "java.util.ArrayList",
            _ => "java.lang.String",
        };
        let reason = format!("{class} cannot be cast to java.util.Map");
        return Err(Refusal::new(500, "class_cast_exception", reason));
    }
    if let Some(fields) = map.get("properties").and_then(Value::as_object) {
        let list: Vec<String> =
            fields.iter().map(|(name, field)| format!("[{name} : {field}]")).collect();
        let list = list.join(" ");
        let why = format!("Root mapping definition has unsupported parameters:  {list}");
        let reason = format!("Failed to parse mapping [properties]: {why}");
        return Err(Refusal::new(400, "mapper_parsing_exception", reason));
    }
    let first = map.keys().next().cloned();
    Ok(first.and_then(|kind| map.shift_remove(&kind)).unwrap_or_else(|| json!({})))
}

/// Whether a name may be given to a new index.
pub(super) fn check_name(cluster: &Cluster, name: &str) -> Result<(), Refusal> {
    let invalid = |why: &str| {
        let reason = format!("Invalid index name [{name}], {why}");
        let cause = json!({"type": "invalid_index_name_exception", "reason": reason,
                           "index_uuid": "_na_", "index": name});
        Err(Refusal::caused(400, cause))
    };
    if name != name.to_lowercase() {
        return invalid("must be lowercase");
    }
    if name.starts_with(['_', '-', '+']) {
        return invalid("must not start with '_', '-', or '+'");
    }
    if name.is_empty()
        || name.contains(['\\', '/', '*', '?', '"', '<', '>', '|', ' ', ',', '#', ':'])
    {
        return invalid(
            "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]",
        );
    }
    if name.len() > 255 {
        return invalid("index name is too long, (256 > 255)");
    }
    if !cluster.behind(name).is_empty() {
        return invalid("already exists as alias");
    }
    Ok(())
}

/// Whether no index bears the name.
pub(super) fn check_free(cluster: &Cluster, name: &str) -> Result<(), Refusal> {
    let Some(index) = cluster.indices.get(name) else { return Ok(()) };
    let uuid = &index.uuid;
    let reason = format!("index [{name}/{uuid}] already exists");
    let cause = json!({"type": "resource_already_exists_exception", "reason": reason,
                       "index_uuid": uuid, "index": name});
    Err(Refusal::caused(400, cause))
}

impl World {
    /// Creates a regular index; `given` settings have complete keys.
    pub(super) fn create(
        &mut self,
        site: Site,
        name: &str,
        given: Flat,
        mappings: Value,
        given_aliases: Map<String, Value>,
    ) -> Result<(), Refusal> {
        check_name(self.at(site), name)?;
        check_free(self.at(site), name)?;
        let personality = self.at(site).personality;
        if !personality.is_old() && given.get("index.soft_deletes.enabled") == Some(&json!("false"))
        {
            return Err(Refusal::argument(
                "Creating indices with soft-deletes disabled is no longer supported. Please do \
                 not specify a value for setting [index.soft_deletes.enabled].",
            ));
        }
        let templates::Template { mut settings, mut aliases } =
            templates::template_for(self.at(site), name);
        settings.extend(given);
        aliases.extend(given_aliases);
        for (alias, body) in &aliases {
            super::alias::check_write_flag(self.at(site), alias, name, body)?;
        }
        let index = self.regular(site, name, settings, mappings, aliases)?;
        self.at_mut(site).indices.insert(name.to_owned(), index);
        self.touch(site);
        Ok(())
    }

    fn regular(
        &mut self,
        site: Site,
        name: &str,
        given: Flat,
        mappings: Value,
        aliases: Map<String, Value>,
    ) -> Result<Index, Refusal> {
        let (uuid, now_ms) = (self.uuid(), self.now_ms());
        let personality = self.at(site).personality;
        let default_shards = if personality.is_old() { "5" } else { "1" };
        let mut settings = Flat::new();
        let mut put = |key: &str, value: &str| settings.insert(key.to_owned(), json!(value));
        put("index.number_of_shards", default_shards);
        put("index.number_of_replicas", "1");
        if !personality.is_old() {
            put("index.routing.allocation.include._tier_preference", "data_content");
        }
        put("index.creation_date", &now_ms.to_string());
        put("index.provided_name", name);
        put("index.uuid", &uuid);
        put("index.version.created", personality.created());
        settings.extend(given.into_iter().filter(|(_, value)| !value.is_null()));
        let count = settings["index.number_of_shards"].as_str().and_then(|text| text.parse().ok());
        let Some(count) = count.filter(|count| (1..=1024).contains(count)) else {
            let reason = format!(
                "Failed to parse value {} for setting [index.number_of_shards] must be >= 1",
                settings["index.number_of_shards"]
            );
            return Err(Refusal::argument(reason));
        };
        let shards: Vec<Shard> =
            (0..count).map(|_| Shard::new(self.uuid(), self.uuid(), 1)).collect();
        Ok(Index {
            name: name.to_owned(),
            uuid,
            open: true,
            settings,
            settings_version: 1,
            mappings,
            mapping_version: 1,
            aliases: aliases
                .into_iter()
                .map(|(alias, body)| (alias, super::alias::stored(&body)))
                .collect(),
            aliases_version: 1,
            routing_shards: personality.routing_shards(count),
            shards,
            following: None,
            recovery: Recovery {
                remote: None,
                leader: String::new(),
                restore_uuid: String::new(),
                started_ms: now_ms,
                bytes: 0,
            },
            red: false,
            given_up: false,
            half_copied: false,
            restoring: 0,
            starting: 0,
            warming: 0,
            blocked_ms: None,
        })
    }
}
