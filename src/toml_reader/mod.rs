//! TOML read strictly: every mistake is told with its file, line and column, and with
//! the nearest known word. Pure: text in, values or one [`Mistake`] out.

mod document;
mod key;
mod mistake;
mod table;
mod value;
mod word;

pub use document::Document;
pub use key::{Absent, Key, Kind};
pub use mistake::{Fault, Mistake};
pub use table::Table;
pub use value::Value;
pub use word::Word;
