//! Every stage by itself: where a program can enter with its own data, and leave with the result.
//!
//! `cargo run --release -p gnomonic --example doors`

use gnomonic::observer::Silent;
use gnomonic::pca::Pca;
use gnomonic::preprocessing::{MinMaxScaler, sample_without_replacement};
use gnomonic::random::{Purpose, Random};
use gnomonic::{Affinities, Initialization, Matrix, Neighbors, Tsne, affinities, neighbors};

fn main() -> gnomonic::Result<()> {
    // A matrix from anywhere: here, five groups in twenty dimensions.
    let mut random = Random::new(1, Purpose::Synthesis);
    let rows = (0..2000).flat_map(|i| (0..20).map(move |j| if j % 5 == i % 5 { 9.0 } else { 0.0 }));
    let mut x = Matrix::new(rows.map(|center: f64| (center + random.normal()) as f32).collect(), 2000, 20)?;

    // Scale, sample, project.
    MinMaxScaler::fit(&x)?.transform(&mut x)?;
    let rows = sample_without_replacement(x.n_samples(), 1000, 42)?;
    let sample = x.view().select_rows(&rows);
    let projected = Pca::fit(&sample, 10, 42)?.transform(&sample)?;

    // Neighbors: ours, or an index of your own, as n × k indices and squared distances.
    let perplexity = 30.0;
    let k = affinities::n_neighbors(perplexity, projected.n_samples());
    let found = neighbors::exact(&projected, k)?;
    let indices = (0..found.n_samples()).flat_map(|i| found.indices(i).to_vec()).collect();
    let distances = (0..found.n_samples()).flat_map(|i| found.squared_distances(i).to_vec()).collect();
    let foreign = Neighbors::new(found.n_samples(), k, indices, distances)?;

    // Affinities: calibrated on neighbors, or any symmetric sparse matrix of your own.
    let p = Affinities::from_neighbors(&foreign, perplexity)?;

    // The map, from P and a start of your choice.
    let start = Initialization::Pca.embed(&projected, 42)?;
    let fit = Tsne::new().fit_affinities(&p, start, &mut Silent)?;
    println!("{} points, KL divergence {:.3}", fit.embedding.n_samples(), fit.record.kl_divergence);
    println!("the first point lies at {:?}", fit.embedding.row(0));
    Ok(())
}
