//! Words of a closed list.

/// One word of a closed list, as it stands in a file.
pub trait Word: Copy + 'static {
    /// The whole list, in the order in which it is shown.
    const ALL: &'static [Self];

    /// The word as it stands in a file.
    fn as_str(self) -> &'static str;

    /// What it means, as a page says it.
    fn meaning(self) -> &'static str;

    /// The word that `text` spells, if it is one of the list.
    fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.as_str() == text)
    }

    /// All words of the list, as they stand in a file.
    fn spellings() -> Vec<&'static str> {
        Self::ALL.iter().map(|word| word.as_str()).collect()
    }
}
