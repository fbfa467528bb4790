//! Sparse rows and given distances through the whole pipeline, beside the dense rows that they stand for.

use gnomonic::observer::Silent;
use gnomonic::random::{Purpose, Random};
use gnomonic::{
    Distance, Distances, Initialization, Matrix, NeighborMethod, Neighbors, SparseMatrix, Tsne, neighbors,
    quality,
};

/// Three groups of rows, each in columns of its own, a few of which each row has.
fn groups(n: usize) -> Matrix {
    let mut random = Random::new(11, Purpose::Synthesis);
    let mut x = Matrix::zeros(n, 90);
    for (i, row) in x.as_mut_slice().chunks_exact_mut(90).enumerate() {
        for _ in 0..12 {
            row[i % 3 * 30 + random.below(30)] = 1.0 + random.uniform() as f32;
        }
    }
    x
}

fn square(x: &Matrix) -> Matrix {
    let n = x.n_samples();
    let between = |i: usize, j: usize| {
        let squares = x.row(i).iter().zip(x.row(j)).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
        squares.sum::<f64>().sqrt() as f32
    };
    Matrix::new((0..n * n).map(|at| between(at / n, at % n)).collect(), n, n).unwrap()
}

fn short() -> Tsne {
    Tsne::new().perplexity(10.0).iterations(300)
}

fn accuracy(embedding: &gnomonic::Embedding) -> f64 {
    let labels: Vec<u32> = (0..embedding.n_samples() as u32).map(|i| i % 3).collect();
    let nearest = neighbors::exact(embedding.view(), 5).unwrap();
    quality::label_accuracy(&nearest, &labels).unwrap()
}

#[test]
fn maps_of_sparse_rows_and_of_distances_are_those_of_the_rows() {
    let x = groups(240);
    let (sparse, table) = (SparseMatrix::from_dense(&x).unwrap(), square(&x));
    let dense = short().fit(&x).unwrap();
    let of_sparse = short().fit(&sparse).unwrap();
    let of_distances = short().fit(Distances::square(&table).unwrap()).unwrap();
    for fit in [&dense, &of_sparse, &of_distances] {
        assert!(accuracy(&fit.embedding) > 0.99);
        let ratio = fit.record.kl_divergence / dense.record.kl_divergence;
        assert!((ratio - 1.0).abs() < 0.05, "{ratio}");
        assert_eq!(fit.record.initialization, Some(Initialization::Pca));
    }
    assert_eq!((of_sparse.record.n_features, of_distances.record.n_features), (Some(90), None));
    assert_eq!((of_sparse.record.distance, of_distances.record.distance), (Some(Distance::Euclidean), None));
}

#[test]
fn threads_change_no_bit() {
    let sparse = SparseMatrix::from_dense(&groups(200)).unwrap();
    let table = square(&groups(200));
    let distances = Distances::square(&table).unwrap();
    let on = |threads| short().threads(Some(threads));
    assert_eq!(on(1).fit(&sparse).unwrap().embedding, on(3).fit(&sparse).unwrap().embedding);
    assert_eq!(on(1).fit(distances).unwrap().embedding, on(3).fit(distances).unwrap().embedding);
}

#[test]
fn neighbors_of_distances_are_those_of_the_rows_also_as_a_graph() {
    let x = groups(150);
    let table = square(&x);
    let of_rows = short().neighbors(&x, &mut Silent).unwrap();
    let of_distances = short().neighbors(Distances::square(&table).unwrap(), &mut Silent).unwrap();
    assert_eq!(of_distances.n_features, None);
    let k = of_rows.neighbors.k();
    let mut starts = vec![0];
    let (mut columns, mut distances) = (Vec::new(), Vec::new());
    for i in 0..150 {
        assert_eq!(of_rows.neighbors.indices(i)[0], of_distances.neighbors.indices(i)[0]);
        columns.extend_from_slice(of_distances.neighbors.indices(i));
        distances.extend(of_distances.neighbors.squared_distances(i).iter().map(|squared| squared.sqrt()));
        starts.push(columns.len());
    }
    let graph = SparseMatrix::new(starts, columns, distances, 150).unwrap();
    let of_graph = Neighbors::from_graph(&graph, k).unwrap();
    let start = gnomonic::initialization::random(150, 1);
    let fit = short().fit_neighbors(&of_graph, start, &mut Silent).unwrap();
    assert!(accuracy(&fit.embedding) > 0.99);
}

#[test]
fn what_no_map_can_be_made_of_is_refused() {
    let message = |result: gnomonic::Result<gnomonic::Fit>| result.unwrap_err().to_string();
    let sparse = SparseMatrix::from_dense(&groups(60)).unwrap();
    let tsne = short().neighbor_method(NeighborMethod::Clustered);
    assert!(message(tsne.fit(&sparse)).contains("clustered for sparse rows; it must be exact or auto"));
    let table = square(&groups(60));
    assert!(message(tsne.fit(Distances::square(&table).unwrap())).contains("clustered for given distances"));
    assert!(message(short().distance(Distance::Chebyshev).fit(&sparse)).contains("chebyshev"));
    let equal = SparseMatrix::new((0..=40).collect(), vec![3; 40], vec![1.5; 40], 9).unwrap();
    assert!(message(short().fit(&equal)).contains("all 40 rows are equal"));
    let nowhere = Matrix::zeros(40, 40);
    assert!(message(short().fit(Distances::square(&nowhere).unwrap())).contains("all 40 rows are equal"));
    let empty = SparseMatrix::new(vec![0; 41], vec![], vec![], 9).unwrap();
    assert!(message(short().fit(&empty)).contains("all 40 rows are equal"));
    let tiny = SparseMatrix::new((0..=40).collect(), (0..40).collect(), vec![1e-20; 40], 40).unwrap();
    assert!(message(short().fit(&tiny)).contains("below 1e-16"));
}
