//! Did you mean …? The nearest known word to a mistyped one.

/// The known word that `word` was most likely meant to be, if one is near enough:
/// at most a third of its letters differ (a swap of two neighbours counts as one
/// difference), or one is the beginning of the other. Case does not count.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = word.to_lowercase();
    known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let differences = strsim::damerau_levenshtein(&typed, &lower);
            let longest = typed.chars().count().max(lower.chars().count());
            let near = differences <= (longest / 3).max(1);
            let begins = typed.chars().count() >= 3
                && (lower.starts_with(&typed) || typed.starts_with(&lower) && lower.len() >= 3);
            (near || begins).then_some((differences, candidate))
        })
        .min_by_key(|(differences, _)| *differences)
        .map(|(_, candidate)| candidate)
}

/// The end of a message about an unknown word: `did you mean "standby"?`, or else
/// the list of what is known, or that nothing is.
pub(crate) fn did_you_mean(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(candidate) => format!("did you mean \"{candidate}\"?"),
        None if known.is_empty() => "there are none".to_owned(),
        None => format!("known are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_word_finds_the_one_that_was_meant() {
        let known = ["home", "standby", "indices", "auto_follow", "clusterA", "clusterB"];
        for (typed, meant) in [
            ("standy", Some("standby")),
            ("satndby", Some("standby")),
            ("Home", Some("home")),
            ("auto-follow", Some("auto_follow")),
            ("auto", Some("auto_follow")),
            ("indexes", Some("indices")),
            ("clusterb", Some("clusterB")),
            ("x", None),
            ("password", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
    }

    #[test]
    fn without_a_near_word_all_known_ones_are_listed() {
        assert_eq!(did_you_mean("zzz", &["home", "standby"]), "known are home, standby");
        assert_eq!(did_you_mean("hom", &["home", "standby"]), "did you mean \"home\"?");
        assert_eq!(did_you_mean("zzz", &[]), "there are none");
    }
}
