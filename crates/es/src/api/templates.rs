//! What indices that are born are made with.

use serde_json::Value;

use super::Es;
use crate::{
    error::Error,
    transport::{Method, Request},
};

/// A template of indices, of either kind.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateAnswer {
    pub name: String,
    pub is_legacy: bool,
    /// As it can be put again.
    pub body: Value,
}

impl Es {
    /// `GET /_template`, and where the server knows them (`composable`, from 7.8)
    /// `GET /_index_template`: every template, whole.
    ///
    /// # Errors
    /// Where one of the two kinds cannot be read.
    pub async fn templates(&self, composable: bool) -> Result<Vec<TemplateAnswer>, Error> {
        let legacy = self.send(Request::new(Method::Get, "/_template")).await?;
        let mut all: Vec<TemplateAnswer> = legacy
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, body)| (name.clone(), body.clone()))
            .map(|(name, body)| TemplateAnswer { name, is_legacy: true, body })
            .collect();
        if composable {
            let answer = self.send(Request::new(Method::Get, "/_index_template")).await?;
            let rows = answer["index_templates"].as_array().into_iter().flatten();
            all.extend(rows.filter_map(|row| {
                let name = row["name"].as_str()?.to_owned();
                let body = row["index_template"].clone();
                Some(TemplateAnswer { name, is_legacy: false, body })
            }));
        }
        Ok(all)
    }

    /// `GET /_template`: whether an index would be born with soft deletes, without which it cannot
    /// be followed; `matches` tells the patterns that its name matches. Before 7.0 they are off
    /// unless a template says otherwise; of those that say anything the one of the highest order
    /// decides.
    ///
    /// # Errors
    /// Where the templates cannot be read.
    pub async fn gives_soft_deletes(&self, matches: impl Fn(&str) -> bool) -> Result<bool, Error> {
        let request = Request::new(Method::Get, "/_template?flat_settings=true");
        Ok(read(&self.send(request).await?, matches))
    }
}

fn read(templates: &Value, matches: impl Fn(&str) -> bool) -> bool {
    let takes = |template: &&Value| {
        let patterns = template["index_patterns"].as_array().into_iter().flatten();
        patterns.filter_map(Value::as_str).any(&matches)
    };
    let said = |template: &Value| {
        let value = template["settings"].get("index.soft_deletes.enabled")?;
        let is_on = value.as_bool().unwrap_or_else(|| value == "true");
        Some((template["order"].as_i64().unwrap_or_default(), is_on))
    };
    let all = templates.as_object().into_iter().flat_map(|templates| templates.values());
    let decides = all.filter(takes).filter_map(said).max_by_key(|(order, _)| *order);
    decides.is_some_and(|(_, is_on)| is_on)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_matching_template_of_the_highest_order_that_says_anything_decides() {
        let template = |order: i64, pattern: &str, settings: Value| json!({"order": order, "index_patterns": [pattern], "settings": settings});
        let on = json!({"index.soft_deletes.enabled": "true"});
        let off = json!({"index.soft_deletes.enabled": "false"});
        let matches = |pattern: &str| ["*", "logs-*", "logs-a*", "logs-a-0*"].contains(&pattern);
        let is_on = |templates: Value| read(&templates, matches);
        assert!(!is_on(json!({})));
        assert!(is_on(json!({"one": template(0, "logs-a-0*", on.clone())})));
        assert!(!is_on(json!({"other": template(0, "logs-b-0*", on.clone())})));
        let silent = template(2, "*", json!({"index.number_of_shards": "1"}));
        assert!(is_on(json!({"one": template(1, "logs-*", on.clone()), "silent": silent})));
        assert!(!is_on(
            json!({"one": template(0, "logs-*", on), "last": template(1, "logs-a*", off)})
        ));
    }
}
