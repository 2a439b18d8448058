//! Which names a list of index patterns selects.

/// Whether a list of patterns selects a name. `*` stands for any characters, also
/// none; a pattern that begins with `-` excludes, and an exclusion always wins,
/// wherever it stands. A list that includes nothing includes everything, so an empty
/// list selects every name, and one of exclusions alone selects all others.
pub fn selects<P: AsRef<str>>(patterns: &[P], name: &str) -> bool {
    let mut includes_any = false;
    let mut included = false;
    for pattern in patterns {
        match exclusion(pattern.as_ref()) {
            Some(excluded) if wildcard_matches(excluded, name) => return false,
            Some(_) => {}
            None => {
                includes_any = true;
                included |= wildcard_matches(pattern.as_ref(), name);
            }
        }
    }
    included || !includes_any
}

/// What a pattern excludes, if it is an exclusion (it begins with `-`).
pub(crate) fn exclusion(pattern: &str) -> Option<&str> {
    pattern.strip_prefix('-')
}

/// Whether one pattern, without a leading `-`, matches a whole name.
pub(crate) fn wildcard_matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = match rest.rsplit_once('*') {
        Some((middle, last)) => (middle, last),
        None => ("", rest),
    };
    for part in middle.split('*').filter(|part| !part.is_empty()) {
        match name.find(part) {
            Some(position) => name = &name[position + part.len()..],
            None => return false,
        }
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, name, matches) in [
            ("orders", "orders", true),
            ("orders", "orders2", false),
            ("orders*", "orders", true),
            ("orders-*", "orders", false),
            ("*-eu", "orders-eu", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("ab*ba", "aba", false),
            ("*", "anything", true),
            ("a**b", "a-b", true),
            ("*x*", "x", true),
        ] {
            assert_eq!(wildcard_matches(pattern, name), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn an_exclusion_wins_wherever_it_stands() {
        for patterns in [["-shop-tmp-*", "shop-*"], ["shop-*", "-shop-tmp-*"]] {
            assert!(selects(&patterns, "shop-eu"));
            assert!(!selects(&patterns, "shop-tmp-1"));
            assert!(!selects(&patterns, "orders"));
        }
    }

    #[test]
    fn a_list_that_includes_nothing_includes_everything() {
        assert!(selects::<&str>(&[], "orders"));
        assert!(selects(&["-tmp-*"], "orders"));
        assert!(!selects(&["-tmp-*"], "tmp-1"));
    }
}
