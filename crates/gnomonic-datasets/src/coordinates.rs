//! Which columns of a map are its coordinates, by the names that tools give them.

use crate::error::{ErrorKind, Remedy, Result};
use crate::formats::table::Table;
use crate::shown;

/// What methods are called that make maps, in pieces as names are taken apart.
const METHODS: [&str; 12] = [
    "tsne", "sne", "umap", "phate", "trimap", "pacmap", "mds", "largevis", "isomap", "fitsne", "opentsne",
    "map",
];

/// What coordinates are called.
const COORDINATES: [&str; 12] = [
    "comp",
    "component",
    "dim",
    "dimension",
    "coord",
    "coordinate",
    "axis",
    "emb",
    "embedding",
    "pc",
    "pca",
    "latent",
];

/// A column's name in pieces: runs of letters, in lower case, and runs of digits.
type Pieces = Vec<String>;

/// The columns that are the coordinates, where their names say so.
///
/// # Errors
/// When the names of several pairs do.
pub(crate) fn told(table: &Table<'_>, names: &[String]) -> Result<Option<Vec<usize>>> {
    let pieces: Vec<Pieces> = names.iter().map(|name| take_apart(name)).collect();
    let is = |column: usize, piece: &str| pieces[column].len() == 1 && pieces[column][0] == piece;
    let alone = |piece: &str| (0..names.len()).find(|&column| is(column, piece));
    if let (Some(x), Some(y)) = (alone("x"), alone("y")) {
        return Ok(Some([Some(x), Some(y), alone("z")].into_iter().flatten().collect()));
    }
    if let Some(columns) = counted_from_one(&pieces) {
        return Ok(Some(columns));
    }
    let pairs = pairs(&pieces);
    let called = |words: &[&str]| -> Vec<&(usize, usize, Option<usize>)> {
        let is_one = |column: usize| pieces[column].iter().any(|piece| words.contains(&piece.as_str()));
        pairs.iter().filter(|(first, ..)| is_one(*first)).collect()
    };
    for (words, whole) in [(METHODS.as_slice(), true), (&COORDINATES, false)] {
        // Of many principal components the first two are no map.
        let found: Vec<_> =
            called(words).into_iter().filter(|(.., third)| whole || third.is_none()).collect();
        match found.as_slice() {
            [] => {}
            [(first, second, third)] => {
                return Ok(Some([Some(*first), Some(*second), *third].into_iter().flatten().collect()));
            }
            several => {
                let named = |&&(first, second, _): &&(usize, usize, _)| {
                    format!("{} and {}", shown::text(&names[first]), shown::text(&names[second]))
                };
                let listed: Vec<String> = several.iter().take(6).map(named).collect();
                let message = format!("holds several maps: {}; name the columns of one", listed.join(", "));
                let error = table.error(ErrorKind::UnknownColumn, message);
                return Err(error.remedied_by(&[Remedy::Coordinates]));
            }
        }
    }
    Ok(None)
}

/// The columns of a map of other dimensions as gnomonic writes it, with its `index` before them: `x` alone, or `x1`, `x2`, … of at least four.
fn counted_from_one(pieces: &[Pieces]) -> Option<Vec<usize>> {
    let place = |wanted: &[&str]| pieces.iter().position(|name| name.iter().eq(wanted.iter()));
    if place(&["index"]) != Some(0) {
        return None;
    }
    if let Some(x) = place(&["x"]) {
        return Some(vec![x]);
    }
    let columns: Vec<usize> = (1..).map_while(|number: usize| place(&["x", &number.to_string()])).collect();
    (columns.len() > 3).then_some(columns)
}

/// Columns whose names differ in one piece only, which is 1 and 2 (or x and y), and the third of them where there is one.
fn pairs(pieces: &[Pieces]) -> Vec<(usize, usize, Option<usize>)> {
    let mut pairs = Vec::new();
    for (first, name) in pieces.iter().enumerate() {
        for (place, piece) in name.iter().enumerate() {
            let (second, third) = match piece.as_str() {
                "1" => ("2", "3"),
                "x" => ("y", "z"),
                _ => continue,
            };
            let with = |piece: &str| {
                pieces.iter().position(|other| {
                    other.len() == name.len()
                        && other
                            .iter()
                            .zip(name)
                            .enumerate()
                            .all(|(at, (a, b))| if at == place { a == piece } else { a == b })
                })
            };
            if let Some(second) = with(second) {
                pairs.push((first, second, with(third)));
            }
        }
    }
    pairs
}

fn take_apart(name: &str) -> Pieces {
    let mut pieces: Pieces = Vec::new();
    let mut last = None;
    for character in name.chars() {
        let kind = match character {
            c if c.is_ascii_digit() => Some(0),
            c if c.is_alphabetic() => Some(1),
            _ => None,
        };
        if kind.is_some() && kind != last {
            pieces.push(String::new());
        }
        if let (Some(_), Some(piece)) = (kind, pieces.last_mut()) {
            piece.extend(character.to_lowercase());
        }
        last = kind;
    }
    // t-SNE is taken apart into t and sne; what is left of that is the same as tSNE.
    let is_t_sne = pieces.windows(2).position(|pair| pair[0] == "t" && pair[1] == "sne");
    if let Some(at) = is_t_sne {
        pieces.splice(at..at + 2, ["tsne".to_owned()]);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        assert_eq!(take_apart("TSNE-1"), ["tsne", "1"]);
        assert_eq!(take_apart("t-SNE_1"), ["tsne", "1"]);
        assert_eq!(take_apart("tSNE_1_7aHn"), ["tsne", "1", "7", "ahn"]);
        assert_eq!(take_apart(""), Vec::<String>::new());
    }

    #[test]
    fn pairs_differ_in_one_piece() {
        let of = |names: &[&str]| pairs(&names.iter().map(|name| take_apart(name)).collect::<Vec<_>>());
        assert_eq!(of(&["Barcode", "TSNE-1", "TSNE-2"]), [(1, 2, None)]);
        assert_eq!(of(&["umap_x", "id", "umap_y"]), [(0, 2, None)]);
        assert_eq!(of(&["PC2", "PC1", "PC3"]), [(1, 0, Some(2))]);
        assert_eq!(of(&["CD4", "CD8"]), []);
    }
}
