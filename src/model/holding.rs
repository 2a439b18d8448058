//! What one copy of an index holds, said to somebody who must choose between two of them.

use super::world::Index;

/// In operations (what was written, changed and deleted), and whether it takes more of them:
/// `4 operations, takes writes`. A closed index's positions cannot be read on 6.8.
pub(crate) fn holding(index: &Index) -> String {
    let writes = match (index.open, index.write_block) {
        (false, _) => "closed",
        (true, true) => "refuses writes",
        (true, false) => "takes writes",
    };
    match index.ops() {
        Some(ops) => format!("{ops} operations, {writes}"),
        None => format!("{writes}, positions unknown"),
    }
}
