//! The part of the query language that esdr and its tests use.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::{refusal::Refusal, search::Hit, wildcard};

/// A query that can be asked of one document.
#[derive(Clone, Debug)]
pub(super) enum Query {
    All,
    None,
    Ids(Vec<String>),
    Terms(String, Vec<Value>),
    Prefix(String, String),
    Wildcard(String, String),
    Exists(String),
    Range(String, Vec<(Bound, Value)>),
    Every(Vec<Query>),
    Any(Vec<Query>),
    Not(Box<Query>),
}

/// One side of a range.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Bound {
    Gt,
    Gte,
    Lt,
    Lte,
}

impl Query {
    /// Reads a query clause.
    pub(super) fn parse(clause: &Value) -> Result<Self, Refusal> {
        let Some((kind, body)) = clause.as_object().and_then(|clause| clause.iter().next()) else {
            return Err(parsing("query malformed, empty clause found"));
        };
        match kind.as_str() {
            "match_all" => Ok(Self::All),
            "match_none" => Ok(Self::None),
            "ids" => Ok(Self::Ids(texts(&body["values"]))),
            "term" | "match" | "match_phrase" => {
                let (field, value) = field(body)?;
                let value =
                    value.get("value").or_else(|| value.get("query")).unwrap_or(value).clone();
                Ok(Self::Terms(field, vec![value]))
            }
            "terms" => {
                let (field, value) = field(body)?;
                Ok(Self::Terms(field, value.as_array().cloned().unwrap_or_default()))
            }
            "prefix" | "wildcard" => {
                let (field, value) = field(body)?;
                let text =
                    value.get("value").unwrap_or(value).as_str().unwrap_or_default().to_owned();
                Ok(if kind == "prefix" {
                    Self::Prefix(field, text)
                } else {
                    Self::Wildcard(field, text)
                })
            }
            "exists" => Ok(Self::Exists(body["field"].as_str().unwrap_or_default().to_owned())),
            "range" => range(body),
            "bool" => boolean(body),
            "constant_score" => Self::parse(&body["filter"]),
            other => Err(parsing(&format!("unknown query [{other}]"))),
        }
    }

    /// No document with a sequence number outside these, both included, matches.
    pub(super) fn seq_nos(&self) -> (i64, i64) {
        match self {
            Self::Range(field, bounds) if field == "_seq_no" => {
                let limits = bounds.iter().filter_map(|(bound, limit)| {
                    let limit = limit.as_i64()?;
                    Some(match bound {
                        Bound::Gt => (limit.saturating_add(1), i64::MAX),
                        Bound::Gte => (limit, i64::MAX),
                        Bound::Lt => (0, limit.saturating_sub(1)),
                        Bound::Lte => (0, limit),
                    })
                });
                limits.fold((0, i64::MAX), meet)
            }
            Self::Every(queries) => queries.iter().map(Self::seq_nos).fold((0, i64::MAX), meet),
            _ => (0, i64::MAX),
        }
    }

    /// Whether a document matches.
    pub(super) fn matches(&self, hit: &Hit) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Ids(ids) => ids.contains(&hit.id),
            Self::Terms(field, wanted) => {
                let found = values(hit, field);
                wanted.iter().any(|wanted| found.iter().any(|value| same(value, wanted)))
            }
            Self::Prefix(field, prefix) => values(hit, field)
                .iter()
                .any(|value| value.as_str().is_some_and(|text| text.starts_with(prefix))),
            Self::Wildcard(field, pattern) => values(hit, field)
                .iter()
                .any(|value| value.as_str().is_some_and(|text| wildcard::matches(pattern, text))),
            Self::Exists(field) => values(hit, field).iter().any(|value| !value.is_null()),
            Self::Range(field, bounds) => values(hit, field)
                .iter()
                .any(|value| bounds.iter().all(|(bound, limit)| within(value, *bound, limit))),
            Self::Every(queries) => queries.iter().all(|query| query.matches(hit)),
            Self::Any(queries) => queries.iter().any(|query| query.matches(hit)),
            Self::Not(query) => !query.matches(hit),
        }
    }
}

fn meet(one: (i64, i64), other: (i64, i64)) -> (i64, i64) {
    (one.0.max(other.0), one.1.min(other.1))
}

fn parsing(why: &str) -> Refusal {
    Refusal::new(400, "parsing_exception", why)
}

fn field(body: &Value) -> Result<(String, &Value), Refusal> {
    body.as_object()
        .and_then(|body| body.iter().find(|(key, _)| *key != "boost"))
        .map(|(field, value)| (field.clone(), value))
        .ok_or_else(|| parsing("a field is missing"))
}

fn range(body: &Value) -> Result<Query, Refusal> {
    let (field, limits) = field(body)?;
    let mut bounds = Vec::new();
    for (key, value) in limits.as_object().into_iter().flatten() {
        let bound = match key.as_str() {
            "gt" => Bound::Gt,
            "gte" | "from" => Bound::Gte,
            "lt" => Bound::Lt,
            "lte" | "to" => Bound::Lte,
            "boost" | "format" | "time_zone" => continue,
            other => {
                return Err(parsing(&format!("[range] query does not support [{other}]")));
            }
        };
        bounds.push((bound, value.clone()));
    }
    Ok(Query::Range(field, bounds))
}

fn boolean(body: &Value) -> Result<Query, Refusal> {
    let clauses = |key: &str| -> Result<Vec<Query>, Refusal> {
        match body.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(Query::parse).collect(),
            Some(one) => Ok(vec![Query::parse(one)?]),
        }
    };
    let mut every = clauses("must")?;
    every.extend(clauses("filter")?);
    every.extend(clauses("must_not")?.into_iter().map(|query| Query::Not(Box::new(query))));
    let any = clauses("should")?;
    let optional = body.get("must").is_some() || body.get("filter").is_some();
    if !any.is_empty() && (!optional || body.get("minimum_should_match").is_some()) {
        every.push(Query::Any(any));
    }
    Ok(Query::Every(every))
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The values of a field; `_id`, `_seq_no`, `_version` and `_index` are fields too, and a
/// `.keyword` subfield is its parent.
pub(super) fn values(hit: &Hit, field: &str) -> Vec<Value> {
    match field {
        "_id" => return vec![json!(hit.id)],
        "_seq_no" => return vec![json!(hit.seq_no)],
        "_version" => return vec![json!(hit.version)],
        "_index" => return vec![json!(hit.index)],
        _ => {}
    }
    let mut at: &Value = &hit.source;
    for part in field.trim_end_matches(".keyword").split('.') {
        match at.get(part) {
            Some(inner) => at = inner,
            None => return hit.source.get(field).cloned().into_iter().collect(),
        }
    }
    match at {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    }
}

fn same(value: &Value, wanted: &Value) -> bool {
    value == wanted || (!value.is_null() && text(value).eq_ignore_ascii_case(&text(wanted)))
}

fn within(value: &Value, bound: Bound, limit: &Value) -> bool {
    if value.is_null() || limit.is_null() {
        return limit.is_null();
    }
    let order = compare(value, limit);
    match bound {
        Bound::Gt => order == Ordering::Greater,
        Bound::Gte => order != Ordering::Less,
        Bound::Lt => order == Ordering::Less,
        Bound::Lte => order != Ordering::Greater,
    }
}

/// Orders two values: numbers by size, everything else as text, `null` last.
pub(super) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left.is_null(), right.is_null()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let number = |value: &Value| {
        value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
    };
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        return left.cmp(&right);
    }
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => text(left).cmp(&text(right)),
    }
}
