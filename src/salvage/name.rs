//! The names of the files.

use crate::files::NAME_BYTES_MAX;

/// Ends the name of the file with an index's documents.
const DOCUMENTS: &str = ".ndjson";

/// Ends the name of the file with an index's deletes.
const DELETES: &str = ".deletes.ndjson";

/// The list of conflicts that an apply leaves beside the files.
pub(super) const CONFLICTS: &str = "conflicts.ndjson";

/// The file with an index's documents. Named by the index; by its UUID where the name is too
/// long, or would be taken for another file.
pub(super) fn documents(index: &str, uuid: &str) -> String {
    stem(index, uuid) + DOCUMENTS
}

/// The file with the documents that were deleted.
pub(super) fn deletes(index: &str, uuid: &str) -> String {
    stem(index, uuid) + DELETES
}

fn stem(index: &str, uuid: &str) -> String {
    let is_long = index.len() + DELETES.len() > NAME_BYTES_MAX;
    let is_plain = !index.is_empty() && !index.contains(['/', '\0']);
    let is_other = index == "conflicts" || index.ends_with(".deletes");
    if is_plain && !is_long && !is_other {
        return index.to_owned();
    }
    let is_tame = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    uuid.chars().map(|c| if is_tame(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_be_too_long_or_another_files_is_the_uuid() {
        assert_eq!(documents("orders-1", "u"), "orders-1.ndjson");
        assert_eq!(deletes("orders-1", "u"), "orders-1.deletes.ndjson");
        for index in [&"n".repeat(241), "conflicts", "orders.deletes", "../x"] {
            assert_eq!(documents(index, "aB-_1/"), "aB-_1_.ndjson");
        }
        assert!(deletes(&"n".repeat(240), "u").len() <= NAME_BYTES_MAX);
    }
}
