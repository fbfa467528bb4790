//! Made-up problems of any size, the same every time.

use gnomonic::neighbors::Found;
use gnomonic::observer::Silent;
use gnomonic::pca::Pca;
use gnomonic::random::{Purpose, Random};
use gnomonic::{
    Affinities, Embedding, Initialization, LearningRate, Matrix, NeighborMethod, RepulsionMethod, Tsne,
    neighbors,
};

/// Barnes-Hut at its usual angle.
pub(crate) const BARNES_HUT: RepulsionMethod = RepulsionMethod::BarnesHut { angle: RepulsionMethod::ANGLE };

/// P and a map of it.
pub(crate) struct Problem {
    pub(crate) p: Affinities,
    pub(crate) map: Embedding,
}

/// P at perplexity 30 of `n` rows in eight columns, and the map after 500 iterations: as wide and as clustered as maps are.
#[allow(dead_code, reason = "one of the two programs needs it")]
pub(crate) fn problem(n: usize) -> Problem {
    let x = clusters(n, 8);
    let found = Tsne::new().neighbors(&x, &mut Silent).expect("neighbors").neighbors;
    let p = Affinities::from_neighbors(&found, 30.0).expect("affinities");
    let start = Initialization::Pca.embed(&x, 42).expect("a start");
    let map = Tsne::new().iterations(500).fit_affinities(&p, start, &mut Silent).expect("a map").embedding;
    Problem { p, map }
}

/// As [`problem`], with a map that costs next to nothing to make: two principal axes, stretched to a span of some 100 units.
#[allow(dead_code, reason = "one of the two programs needs it")]
pub(crate) fn unfinished(n: usize) -> Problem {
    let x = clusters(n, 8);
    let p =
        Affinities::from_neighbors(&neighbors::exact(&x, 90).expect("neighbors"), 30.0).expect("affinities");
    let mut map = Pca::fit(&x, 2, 42).and_then(|pca| pca.transform(&x)).expect("two axes").into_vec();
    map.iter_mut().for_each(|coordinate| *coordinate *= 10.0);
    Problem { p, map: Embedding::new(map, n, 2).expect("two coordinates for each point") }
}

/// The neighbors at perplexity 30, by this method: data that sends it back to comparing all pairs would show nothing of it.
pub(crate) fn search(x: &Matrix, method: NeighborMethod) -> Found {
    let found = Tsne::new().neighbor_method(method).neighbors(x, &mut Silent).expect("neighbors");
    assert_eq!(found.method, method, "{} rows", x.n_samples());
    found
}

/// A run whose steps are too short to change the map.
pub(crate) fn standing(method: RepulsionMethod) -> Tsne {
    Tsne::new().repulsion(method).early_exaggeration_iterations(0).learning_rate(LearningRate::Fixed(1e-12))
}

/// Ten clusters of 12 dimensions, turned into `d` columns, with a little noise in each: wide data as data are, whose rows lie
/// near few dimensions. Rows of a cluster are far apart in the file.
pub(crate) fn clusters(n: usize, d: usize) -> Matrix {
    const LATENT: usize = 12;
    let mut random = Random::new(7, Purpose::Synthesis);
    let axes: Vec<f64> = (0..LATENT * d).map(|_| random.normal() / (d as f64).sqrt()).collect();
    let centers: Vec<f64> = (0..10 * LATENT).map(|_| 3.0 * random.normal()).collect();
    let mut values = Vec::with_capacity(n * d);
    for i in 0..n {
        let place: Vec<f64> = (0..LATENT).map(|l| centers[i % 10 * LATENT + l] + random.normal()).collect();
        for j in 0..d {
            let projected: f64 = (0..LATENT).map(|l| place[l] * axes[l * d + j]).sum();
            values.push((projected + 0.01 * random.normal()) as f32);
        }
    }
    Matrix::new(values, n, d).expect("n × d finite values")
}

/// A P that ties each point to one other, and costs next to nothing.
pub(crate) fn pairs(n: usize) -> Affinities {
    let indices = (0..n as u32).map(|i| i ^ 1).collect();
    Affinities::new((0..=n).collect(), indices, vec![1.0; n]).expect("an even number of points")
}
