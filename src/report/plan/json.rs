//! A plan, as events of the type `plan`: one a set, and with the requests one a step.

use serde_json::{Value, json};

use crate::report::{self, comparison::json::comparison, event::json::Fields};
use crate::{
    es::transport::{Body, Request},
    plan::{Plan, PlannedStep, Switch, action::Action},
    report::text::rfc3339,
};

/// One line a set: what would be done, and everything that speaks against it.
pub(crate) fn plan(plan: &Plan) -> Vec<String> {
    plan.switches.iter().map(|switch| line(plan, switch, "", overview(plan, switch))).collect()
}

/// One line a step, with its literal requests in order.
pub(crate) fn plan_requests(
    plan: &Plan,
    requests: &dyn Fn(&Action) -> Vec<Request>,
) -> Vec<String> {
    let mut lines = Vec::new();
    for switch in &plan.switches {
        for step in switch.steps.iter().filter(|step| !step.actions.is_empty()) {
            let calls: Vec<Value> = step
                .actions
                .iter()
                .flat_map(|action| {
                    let cluster = action.cluster().unwrap_or_default().to_owned();
                    requests(action).into_iter().map(move |request| call(&cluster, &request))
                })
                .collect();
            let detail = json!({"what": "requests", "requests": calls, "programs": programs(step)});
            lines.push(line(plan, switch, step.step.verb().to_string().as_str(), detail));
        }
    }
    lines
}

fn line(plan: &Plan, switch: &Switch, step: &str, detail: Value) -> String {
    let fields = Fields {
        at: rfc3339(plan.at_ms),
        run: &plan.request.run,
        set: &switch.set,
        step,
        cluster: &switch.target,
        indices: switch.members.iter().map(|member| member.source_index.as_str()).collect(),
        detail,
    };
    report::json::line("plan", fields)
}

fn overview(plan: &Plan, switch: &Switch) -> Value {
    let steps: Vec<Value> = switch
        .steps
        .iter()
        .map(|step| {
            json!({
                "do": step.step.verb().to_string(),
                "within_ms": step.step.within.map(|within| within.as_millis()),
                "actions": step.actions.len(),
            })
        })
        .collect();
    json!({
        "what": "switch",
        "source": switch.source,
        "target": switch.target,
        "steps": steps,
        "line_of_no_return": switch.no_return(),
        "blocked": switch.blocked,
        "problems": switch.problems,
        "unproved": switch.unproved,
        "comparison": comparison(plan, switch),
        "complete": switch.complete,
        "left_out": switch.left_out,
        "lag_ops": switch.lag_ops,
        "evidence": switch.evidence,
    })
}

fn call(cluster: &str, request: &Request) -> Value {
    let body = match &request.body {
        None => Value::Null,
        Some(Body::Json(body)) => body.clone(),
        Some(Body::Lines(lines)) => Value::String(lines.clone()),
    };
    json!({
        "cluster": cluster,
        "method": request.method.as_str(),
        "path": request.path,
        "body": body,
    })
}

fn programs(step: &PlannedStep) -> Vec<&Vec<String>> {
    let mut programs = Vec::new();
    for action in &step.actions {
        if let Action::Hook { command, .. } = action {
            programs.push(command);
        }
    }
    programs
}
