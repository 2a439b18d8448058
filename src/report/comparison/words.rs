//! What is said of one index in a line as in a paragraph.

use crate::{
    model::comparison::{Compared, Finding},
    plan::Plan,
    report::{
        columns::Mark,
        text::{counted, known},
    },
};

/// What the operator chose for an index, as one word.
pub(in crate::report) fn chosen(plan: &Plan, compared: &Compared) -> Option<String> {
    plan.choice(compared)?.rsplit_once('=').map(|(_, word)| word.to_owned())
}

/// Whether it wants the operator's word, or is not known.
pub(in crate::report) fn mark(plan: &Plan, compared: &Compared) -> Mark {
    let waits =
        || !["delete", "restore"].contains(&chosen(plan, compared).as_deref().unwrap_or(""));
    match &compared.finding {
        Finding::Deleted(_) if waits() => Mark::Action,
        Finding::Unrelated => Mark::Action,
        Finding::Unknown { .. } => Mark::Unknown,
        _ => Mark::Fine,
    }
}

/// So many documents, where that is known.
pub(in crate::report) fn documents_of(number: Option<u64>) -> String {
    match number {
        Some(number) => {
            counted(usize::try_from(number).unwrap_or(usize::MAX), "document", "documents")
        }
        None => format!("{} documents", known(None)),
    }
}
