//! Tables with a row for each feature, as of genes by cells: rows and columns change places.

use gnomonic::Matrix;

use crate::dataset::{Carried, Dataset};
use crate::error::{ErrorKind, Result};
use crate::memory::Memory;
use crate::source::Source;

/// Rows and columns that are exchanged at a time, so that both sides stay in the cache.
const BLOCK: usize = 32;

/// Exchanges rows and columns, and their names. Takes as much memory again as the values.
///
/// # Errors
/// When that is more than `most` bytes.
pub(crate) fn transposed(dataset: Dataset, source: &Source, most: Option<u64>) -> Result<Dataset> {
    let (n, d) = (dataset.matrix.n_samples(), dataset.matrix.n_features());
    let memory = Memory::new(most);
    let mut values: Vec<f32> = Vec::new();
    let room = memory.take(4 * (n * d) as u64).and_then(|()| memory.reserve(&mut values, n * d, n * d));
    room.map_err(|no_room| source.no_room(no_room))?;
    values.resize(n * d, 0.0);
    let x = dataset.matrix.as_slice();
    for first in (0..n).step_by(BLOCK) {
        for column in 0..d {
            for row in first..(first + BLOCK).min(n) {
                values[column * n + row] = x[row * d + column];
            }
        }
    }
    let matrix = Matrix::new(values, d, n);
    let matrix = matrix.map_err(|error| source.error(ErrorKind::Malformed, error.to_string()))?;
    let mut dialect = dataset.dialect;
    dialect.push("transposed".to_owned());
    let beside = dataset.carried.iter().filter(|column| !column.names_rows).count();
    match beside {
        0 => {}
        1 => dialect.push("1 column of text left out".to_owned()),
        several => dialect.push(format!("{several} columns of text left out")),
    }
    let column_names =
        dataset.carried.into_iter().find(|column| column.names_rows).map(|column| column.texts);
    let names = |texts| Carried { name: "name".to_owned(), texts, names_rows: true };
    Ok(Dataset {
        matrix: matrix.into(),
        labels: None,
        left_out: None,
        numbers: None,
        column_names,
        carried: dataset.column_names.map(names).into_iter().collect(),
        dialect,
        ..dataset
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns_with_their_names() {
        let (n, d) = (70, 41);
        let values: Vec<f32> = (0..n * d).map(|i| i as f32).collect();
        let mut data = Dataset::new("data", Matrix::new(values, n, d).unwrap());
        let names: Vec<String> = (0..d).map(|j| format!("cell{j}")).collect();
        data.column_names = Some(names.iter().map(String::as_str).collect());
        let source = Source::file("data");
        let turned = transposed(data.clone(), &source, None).unwrap();
        assert_eq!((turned.matrix.n_samples(), turned.matrix.n_features()), (d, n));
        for i in 0..d {
            assert!((0..n).all(|j| turned.matrix.row(i)[j] == (j * d + i) as f32));
        }
        assert_eq!(turned.row_names().unwrap().get(3), "cell3");
        assert_eq!(transposed(turned, &source, None).unwrap().matrix, data.matrix);
        assert_eq!(transposed(data, &source, Some(1_000)).unwrap_err().kind(), ErrorKind::TooLarge);
    }
}
