//! Real MNIST, when `GNOMONIC_DATA` names the folder that holds it.

use gnomonic::preprocessing::sample_without_replacement;
use gnomonic::{Affinities, Matrix, NeighborMethod, RepulsionMethod, Tsne, neighbors, quality};
use gnomonic_datasets::Sources;
use std::env;
use std::ops::ControlFlow;

/// `n` of the 70,000 digits, scaled to [0, 1]; none when there is no data, which only a developer's machine may lack.
fn digits(n: usize) -> Option<Matrix> {
    if env::var_os("GNOMONIC_DATA").is_none_or(|folder| folder.is_empty()) {
        assert!(
            env::var("CI").as_deref() != Ok("true"),
            "CI must set GNOMONIC_DATA to a folder that holds mnist/"
        );
        return None;
    }
    let all = gnomonic_datasets::named("mnist:all", &Sources::from_env(), &mut |_| ControlFlow::Continue(()));
    let all = all.unwrap().matrix;
    let rows = sample_without_replacement(70_000, n, 42).unwrap();
    let mut sample = all.view().select_rows(&rows);
    sample.as_mut_slice().iter_mut().for_each(|value| *value /= 255.0);
    Some(sample)
}

#[test]
fn ten_thousand_digits_are_mapped_as_well_as_promised() {
    let Some(x) = digits(10_000) else { return };
    let fit = Tsne::new().fit(&x).unwrap();
    assert_eq!(fit.record.neighbor_method, Some(NeighborMethod::Shortlist));
    assert_eq!(fit.record.repulsion, RepulsionMethod::Field);
    let p = Affinities::from_neighbors(&neighbors::exact(&x, 90).unwrap(), 30.0).unwrap();
    let judged = quality::kl_divergence(&p, fit.embedding.view()).unwrap();
    assert!(judged < 1.84, "{judged}");
    // The run's own P lacks less than one neighbor in a hundred.
    assert!(
        (judged - fit.record.kl_divergence).abs() < 5e-3,
        "{judged} against {}",
        fit.record.kl_divergence
    );
}

#[test]
fn recall_is_estimated_well() {
    let Some(x) = digits(10_000) else { return };
    let found = neighbors::shortlist(&x, 90).unwrap();
    let exact = neighbors::exact(&x, 90).unwrap();
    let recall = quality::neighbor_recall(&exact, &found.neighbors).unwrap();
    let off = (recall - found.recall.estimate).abs();
    assert!(recall > 0.985 && off < 3.5 * found.recall.standard_error, "{recall} against {:?}", found.recall);
}

#[test]
fn bits_do_not_depend_on_threads() {
    let Some(x) = digits(6_000) else { return };
    let run = |threads| Tsne::new().iterations(60).threads(Some(threads)).fit(&x).unwrap();
    let one = run(1);
    for threads in [2, 5] {
        assert_eq!(one, run(threads));
    }
}
