//! Requests that keep writers off, and let them in again.

use serde_json::{Value, json};

use super::CHANGE_DEADLINE;
use crate::{
    path::{encode, encode_list},
    transport::{Method, Request},
};

const WRITE: &str = "index.blocks.write";
const READ_ONLY: &str = "index.blocks.read_only";

/// Refuses writes: `PUT /{names}/_block/write` where that call drains writes under way
/// (`drains`, from 7.9), else the setting, which 6.8 acknowledges before the last writes. A closed
/// index takes the setting only.
pub fn put_block_request<T: AsRef<str>>(names: &[T], drains: bool) -> Request {
    if drains {
        let path = format!("/{}/_block/write", encode_list(names));
        return Request::new(Method::Put, path).within(CHANGE_DEADLINE);
    }
    settings(names, json!({ WRITE: true }))
}

/// Refuses writes, rollovers and every other change of metadata: both blocks in one call.
pub fn put_blocks_request<T: AsRef<str>>(names: &[T]) -> Request {
    settings(names, json!({ WRITE: true, READ_ONLY: true }))
}

/// Lifts the blocks in one call, for under `index.blocks.read_only` no other setting is taken;
/// but for those that stay (`keeps_write`, `keeps_read_only`).
pub fn lift_blocks_request<T: AsRef<str>>(
    names: &[T],
    keeps_write: bool,
    keeps_read_only: bool,
) -> Request {
    let read_only = if keeps_read_only { json!(true) } else { Value::Null };
    if keeps_write {
        return settings(names, json!({ READ_ONLY: read_only }));
    }
    settings(names, json!({ READ_ONLY: read_only, WRITE: null }))
}

/// The rank of a template that is to win over all others but one.
pub const RANK: u32 = 2_147_483_646;

/// The rank of a template for names that are left out of another of [`RANK`].
pub const RANK_LEFT_OUT: u32 = 2_147_483_647;

/// The number by which a template is known as esdr's: the letters of the name, one byte each.
const VERSION: u32 = 0x6573_6472;

/// The body of a template by which what is born under these patterns is write-blocked, or is not
/// (`blocks`), whatever other templates say. A legacy one (`is_legacy`, before 7.8) merges with
/// others, a composable one stands alone.
pub fn fence_template(patterns: &[String], rank: u32, blocks: bool, is_legacy: bool) -> Value {
    let settings = json!({ WRITE: blocks });
    if is_legacy {
        return json!({"index_patterns": patterns, "order": rank, "version": VERSION, "settings": settings});
    }
    json!({"index_patterns": patterns, "priority": rank, "version": VERSION,
           "template": {"settings": settings}})
}

/// Whether a template, as the server shows it, was made by esdr.
pub fn is_own_template(body: &Value) -> bool {
    body["version"].as_u64() == Some(VERSION.into())
}

/// `PUT /_template/{name}`, or from 7.8 on `PUT /_index_template/{name}`.
pub fn put_template_request(name: &str, body: &Value, is_legacy: bool) -> Request {
    Request::new(Method::Put, template_path(name, is_legacy))
        .json(body.clone())
        .within(CHANGE_DEADLINE)
}

/// `DELETE /_template/{name}`, or from 7.8 on `DELETE /_index_template/{name}`.
pub fn delete_template_request(name: &str, is_legacy: bool) -> Request {
    Request::new(Method::Delete, template_path(name, is_legacy)).within(CHANGE_DEADLINE)
}

/// `POST /{index}/_ilm/retry`: lifecycle management goes on where a block has stopped it; refused
/// where it has not stopped.
pub fn retry_lifecycle_request(index: &str) -> Request {
    Request::new(Method::Post, format!("/{}/_ilm/retry", encode(index))).within(CHANGE_DEADLINE)
}

fn template_path(name: &str, is_legacy: bool) -> String {
    let kind = if is_legacy { "_template" } else { "_index_template" };
    format!("/{kind}/{}", encode(name))
}

fn settings<T: AsRef<str>>(names: &[T], settings: Value) -> Request {
    Request::new(Method::Put, format!("/{}/_settings", encode_list(names)))
        .json(settings)
        .within(CHANGE_DEADLINE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Body;

    fn body(request: Request) -> Option<Value> {
        match request.body {
            Some(Body::Json(body)) => Some(body),
            _ => None,
        }
    }

    #[test]
    fn the_block_is_a_call_where_it_drains_and_a_setting_elsewhere() {
        assert_eq!(put_block_request(&["a"], true).path, "/a/_block/write");
        let setting = put_block_request(&["a"], false);
        assert_eq!(setting.path, "/a/_settings");
        assert_eq!(body(setting), Some(json!({"index.blocks.write": true})));
    }

    #[test]
    fn blocks_are_lifted_in_one_call_and_what_is_not_esdrs_stays() {
        let lifted = |write, read_only| body(lift_blocks_request(&["a", "b"], write, read_only));
        let all = json!({"index.blocks.read_only": null, "index.blocks.write": null});
        assert_eq!(lifted(false, false), Some(all));
        assert_eq!(lifted(true, false), Some(json!({"index.blocks.read_only": null})));
        // Without the first of the two the server would refuse the second.
        let keeps = json!({"index.blocks.read_only": true, "index.blocks.write": null});
        assert_eq!(lifted(false, true), Some(keeps));
    }

    #[test]
    fn a_template_is_known_as_esdrs_by_its_version() {
        for is_legacy in [true, false] {
            let mut body = fence_template(&["a-*".to_owned()], RANK, true, is_legacy);
            assert!(is_own_template(&body));
            body["version"] = json!(1);
            assert!(!is_own_template(&body));
        }
    }
}
