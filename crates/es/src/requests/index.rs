//! Requests that change indices, aliases and documents.

use serde_json::{Map, Value, json};

use super::CHANGE_DEADLINE;
use crate::{
    path::{encode, encode_list},
    transport::{Method, Request},
};

/// `POST /{names}/_close`, one update of the cluster state. Where the server takes the
/// parameter (`takes_wait`, from 7.2) it does not wait for copies: a follower with gaps is
/// red while closed, and 8.x would wait half a minute. `names` must fit a request line.
pub fn close_request<T: AsRef<str>>(names: &[T], takes_wait: bool) -> Request {
    let wait = if takes_wait { "?wait_for_active_shards=0" } else { "" };
    change(Method::Post, format!("/{}/_close{wait}", encode_list(names)))
}

/// `POST /{names}/_open`, waiting for `active_shards` copies of each shard (1: the primary).
pub fn open_request<T: AsRef<str>>(names: &[T], active_shards: u32) -> Request {
    let wait = format!("?wait_for_active_shards={active_shards}");
    change(Method::Post, format!("/{}/_open{wait}", encode_list(names)))
}

/// For how long an index keeps history for a copy that is not heard of; dynamic, from 6.7 on.
pub const LEASE_PERIOD: &str = "index.soft_deletes.retention_lease.period";

/// From now on the index keeps history for an absent copy for so long (`72h`).
pub fn lease_period_request(name: &str, period: &str) -> Request {
    change(Method::Put, format!("/{}/_settings", encode(name)))
        .json(json!({ LEASE_PERIOD: period }))
}

/// `POST /_aliases`: all actions or none. 403 where one index is a follower from 7.3 on.
pub fn aliases_request(actions: &[Value]) -> Request {
    change(Method::Post, "/_aliases".to_owned()).json(json!({ "actions": actions }))
}

/// One `add` action. `properties` are `filter`, `index_routing`, `search_routing`,
/// `is_write_index`, `is_hidden`.
pub fn add_alias_action(index: &str, alias: &str, properties: &Map<String, Value>) -> Value {
    let mut add = Map::new();
    add.insert("index".into(), index.into());
    add.insert("alias".into(), alias.into());
    add.extend(properties.clone());
    json!({ "add": add })
}

/// One `remove` action.
pub fn remove_alias_action(index: &str, alias: &str) -> Value {
    json!({"remove": {"index": index, "alias": alias}})
}

/// `PUT /{name}`. Where mappings carry a type (`has_types`, before 7.0) the body's
/// `mappings` are put under `_doc`.
pub fn create_index_request(name: &str, body: &Value, has_types: bool) -> Request {
    let mut body = body.clone();
    if has_types
        && let Some(mappings) = body.get_mut("mappings")
        && mappings.get("_doc").is_none()
    {
        *mappings = json!({ "_doc": mappings.take() });
    }
    change(Method::Put, format!("/{}", encode(name))).json(body)
}

/// `PUT /{name}/_mapping`, below the type where mappings carry one (`kind`, before 7.0): fields
/// are added, none is taken away, and what cannot be changed is refused.
pub fn put_mapping_request(name: &str, mappings: &Value, kind: Option<&str>) -> Request {
    let kind = kind.map_or_else(String::new, |kind| format!("/{}", encode(kind)));
    change(Method::Put, format!("/{}/_mapping{kind}", encode(name))).json(mappings.clone())
}

/// `PUT /{from}/_clone/{to}`, from 7.4 on: a write-blocked index gets a second one with its
/// content, by links to the same files where the file system has them. The copy takes no
/// writes, has no replicas, no aliases, and no lifecycle policy that would act on it.
pub fn clone_request(from: &str, to: &str) -> Request {
    let settings = json!({
        "index.auto_expand_replicas": "false",
        // Copied along, it would keep the shards from being recovered.
        "index.blocks.read_only": null,
        "index.blocks.write": true,
        "index.lifecycle.name": null,
        "index.number_of_replicas": 0,
    });
    let path = format!("/{}/_clone/{}?wait_for_active_shards=1", encode(from), encode(to));
    change(Method::Put, path).json(json!({ "settings": settings }))
}

/// `POST /_reindex` without waiting for it: documents with their versions into an index that
/// exists. What is not refreshed is not copied; what is there already stays.
pub fn reindex_request(from: &str, to: &str) -> Request {
    let body = json!({
        "conflicts": "proceed",
        "source": {"index": from},
        "dest": {"index": to, "version_type": "external"},
    });
    let path = "/_reindex?wait_for_completion=false&refresh=true".to_owned();
    change(Method::Post, path).json(body)
}

/// `PUT /{index}/_doc/{id}`, searchable and on disk when answered where `refresh`.
pub fn put_doc_request(index: &str, id: &str, document: &Value, refresh: bool) -> Request {
    let refresh = if refresh { "?refresh=true" } else { "" };
    change(Method::Put, format!("/{}/_doc/{}{refresh}", encode(index), encode(id)))
        .json(document.clone())
}

/// `DELETE /{index}/_doc/{id}`.
pub fn delete_doc_request(index: &str, id: &str) -> Request {
    change(Method::Delete, format!("/{}/_doc/{}", encode(index), encode(id)))
}

/// `DELETE /{name}`: the index and all that is in it.
pub fn delete_index_request(name: &str) -> Request {
    change(Method::Delete, format!("/{}", encode(name)))
}

fn change(method: Method, path: String) -> Request {
    Request::new(method, path).within(CHANGE_DEADLINE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Body;

    #[test]
    fn old_servers_refuse_the_wait_of_close() {
        assert_eq!(close_request(&["a", "b"], false).path, "/a,b/_close");
        assert_eq!(close_request(&["a"], true).path, "/a/_close?wait_for_active_shards=0");
    }

    #[test]
    fn mappings_get_a_type_before_7_0_once() {
        let body = json!({"mappings": {"dynamic": false}});
        let typed = json!({"mappings": {"_doc": {"dynamic": false}}});
        let created = create_index_request("s", &body, true).body;
        assert_eq!(created, Some(Body::Json(typed.clone())));
        assert_eq!(create_index_request("s", &typed, true).body, Some(Body::Json(typed)));
        assert_eq!(create_index_request("s", &body, false).body, Some(Body::Json(body)));
    }
}
