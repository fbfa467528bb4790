//! Enums that users name in text: parsing, printing, and a suggestion when the name is misspelled.

/// Gives a field-less enum `ALL`, `name`, `Display` and a `FromStr` that suggests the nearest name.
macro_rules! named {
    ($type:ident, $what:literal, { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every variant, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name that parses to this variant.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::Error;

            /// Parses a name, whatever its case.
            ///
            /// # Errors
            ///
            /// [`UnknownName`](crate::Error::UnknownName), with the nearest known name.
            fn from_str(name: &str) -> crate::Result<Self> {
                let wanted = name.trim().to_lowercase();
                Self::ALL
                    .iter()
                    .copied()
                    .find(|variant| variant.name() == wanted)
                    .ok_or_else(|| crate::Error::UnknownName {
                        what: $what,
                        name: name.to_string(),
                        nearest: crate::names::nearest(&wanted, Self::NAMES),
                        known: Self::NAMES,
                    })
            }
        }
    };
}
pub(crate) use named;

/// The known name with the fewest edits from `name`, unless more than half of the letters would change.
pub(crate) fn nearest(name: &str, known: &'static [&'static str]) -> Option<&'static str> {
    known
        .iter()
        .map(|candidate| (edits(name, candidate), *candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| 2 * distance <= candidate.chars().count())
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`.
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().collect();
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        assert_eq!(edits("muted", "muted"), 0);
        assert_eq!(edits("mutde", "muted"), 1);
        assert_eq!(edits("", "deep"), 4);
        assert_eq!(edits("brigth", "bright"), 1);
        assert_eq!(edits("colourblind", "colorblind"), 1);
    }

    #[test]
    fn suggests_only_what_is_near() {
        let known = &["deep", "muted", "colorblind"];
        assert_eq!(nearest("mute", known), Some("muted"));
        assert_eq!(nearest("colour-blind", known), Some("colorblind"));
        assert_eq!(nearest("viridis", known), None);
    }
}
