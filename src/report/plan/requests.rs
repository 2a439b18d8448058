//! Every literal request of a plan, in order, those that differ by the index only told
//! once and counted.

use serde_json::Value;

use crate::{
    es::transport::{Body, Request},
    plan::{Plan, action::Action},
    report::{
        page::Page,
        style::{Paint, Role},
        text::{count, safe},
    },
};

/// Bodies of at most so many characters stand on the line.
const BODY_MAX: usize = 400;

/// One or more requests that are alike.
struct Group {
    cluster: String,
    line: String,
    shape: String,
    number: usize,
}

/// The whole screen.
pub(crate) fn requests(
    plan: &Plan,
    of: &dyn Fn(&Action) -> Vec<Request>,
    width: usize,
    paint: Paint,
) -> String {
    let mut page = Page::new(width, paint);
    for switch in plan.switches.iter().filter(|switch| !switch.is_empty()) {
        let head = format!(
            "{}, {} -> {}: every request in order",
            switch.set, switch.source, switch.target
        );
        page.painted(Role::Heading, &head);
        for step in switch.steps.iter().filter(|step| !step.actions.is_empty()) {
            page.line(format!("{}:", step.step.verb()));
            for group in groups(&step.actions, of) {
                let alike = match group.number {
                    1 => String::new(),
                    number => format!("    ... {} alike", count(number)),
                };
                page.line(format!("  {}  {}{alike}", group.cluster, group.line));
            }
        }
        page.blank();
    }
    page.finish()
}

fn groups(actions: &[Action], of: &dyn Fn(&Action) -> Vec<Request>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut add = |cluster: &str, line: String, shape: String| {
        let known =
            groups.iter_mut().find(|group| group.cluster == cluster && group.shape == shape);
        match known {
            Some(group) => group.number += 1,
            None => groups.push(Group { cluster: cluster.to_owned(), line, shape, number: 1 }),
        }
    };
    for action in actions {
        if let Action::Hook { name, command } = action {
            let line = format!("{}  ({name})", safe(&command.join(" ")));
            add("here", line.clone(), line);
        }
        if let Action::Prove { source, source_index, target, target_index } = action {
            let line = format!(
                "GET /{source_index}/_stats on {source}, then GET /{target_index}/_stats on {target}, until equal"
            );
            add("both", line, "prove".to_owned());
        }
        for request in of(action) {
            let line = literal(&request);
            let shape = shape(action, &line);
            add(action.cluster().unwrap_or("here"), line, shape);
        }
    }
    groups
}

/// A request as it goes out.
fn literal(request: &Request) -> String {
    let body = match &request.body {
        None | Some(Body::Json(Value::Null)) => String::new(),
        Some(Body::Json(body)) => format!(" {body}"),
        Some(Body::Lines(lines)) => format!(" {}", lines.trim_end().replace('\n', " \\n ")),
    };
    let mut body = safe(&body);
    if body.chars().count() > BODY_MAX {
        body = body.chars().take(BODY_MAX).collect::<String>() + " ...";
    }
    format!("{} {}{body}", request.method.as_str(), safe(&request.path))
}

/// What is left of a request without the name of its index.
fn shape(action: &Action, line: &str) -> String {
    let mut shape = line.to_owned();
    if let Some(index) = action.index() {
        shape = shape.replace(&crate::es::path::encode(index), "*").replace(index, "*");
    }
    if let Action::Follow { leader_index, .. } = action {
        shape = shape.replace(leader_index.as_str(), "*");
    }
    format!("{} {shape}", action.word())
}
