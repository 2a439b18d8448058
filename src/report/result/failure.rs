//! An error in three parts.

use crate::report::{
    Failure,
    page::Page,
    style::{Paint, Role},
    text::{safe, sentence},
};

/// What failed, what it means for the data, what to do next.
pub(crate) fn failure(failure: &Failure, width: usize, paint: Paint) -> String {
    let mut page = Page::new(width, paint);
    page.hanging(Role::Problem, "esdr: ", &sentence(&safe(&failure.failed)));
    page.hanging(Role::Plain, "For the data  ", &sentence(&failure.meaning));
    page.hanging(Role::Plain, "Next          ", &safe(&failure.next));
    page.finish()
}
