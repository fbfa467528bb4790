//! Whole runs in one and three dimensions, and with other degrees of freedom.

use gnomonic::observer::{Control, Iteration, Observer};
use gnomonic::{Embedding, Matrix, MatrixRef, Model, RepulsionMethod, Tsne, neighbors, quality};
use std::ops::ControlFlow;

/// Every other one of the bundled digits, with their labels.
fn digits() -> (Matrix, Vec<u32>) {
    let sources = gnomonic_datasets::Sources::default();
    let digits = gnomonic_datasets::named("digits", &sources, &mut |_| ControlFlow::Continue(())).unwrap();
    let x = MatrixRef::new(digits.matrix.as_slice(), digits.matrix.n_samples(), 64).unwrap();
    let rows: Vec<usize> = (0..x.n_samples()).step_by(2).collect();
    let labels = digits.labels.unwrap().classes;
    (x.select_rows(&rows), rows.iter().map(|&row| labels[row]).collect())
}

/// The divergences that a run reports once exaggeration is over.
#[derive(Default)]
struct Divergences(Vec<f64>);

impl Observer for Divergences {
    fn iteration(&mut self, iteration: &Iteration<'_>) -> Control {
        self.0.extend(iteration.kl_divergence.filter(|_| iteration.exaggeration == 1.0));
        Control::Continue
    }
}

#[test]
fn digits_part_in_every_space() {
    let (x, labels) = digits();
    let run = |n_components, dof, method| {
        let mut divergences = Divergences::default();
        let tsne = Tsne::new().components(n_components).dof(dof).repulsion(method);
        let fit = tsne.fit_observed(&x, &mut divergences).unwrap();
        assert_eq!(fit.embedding.n_components(), n_components);
        let parameters = &fit.record.parameters;
        assert_eq!((parameters.n_components, parameters.dof), (n_components, dof));
        let (first, last) = (divergences.0[0], *divergences.0.last().unwrap());
        assert!(last.is_finite() && last < first, "{n_components}, {dof}: {first} to {last}");
        let near = neighbors::exact(fit.embedding.view(), 10).unwrap();
        let accuracy = quality::label_accuracy(&near, &labels).unwrap();
        assert!(accuracy > 0.9, "{n_components}, {dof}: {accuracy}");
        fit.record.kl_divergence
    };
    let exact = RepulsionMethod::Exact;
    let divergences = [1, 2, 3].map(|n_components| run(n_components, 1.0, exact));
    assert!(divergences[2] < divergences[1] && divergences[1] < divergences[0], "{divergences:?}");
    let field = run(3, 1.0, RepulsionMethod::Field);
    assert!(field < 1.02 * divergences[2], "{field} for {}", divergences[2]);
    run(2, 0.5, RepulsionMethod::Field);
    run(2, 2.0, RepulsionMethod::Field);
}

#[test]
fn bits_of_a_run_do_not_depend_on_threads() {
    let (x, _) = digits();
    for n_components in [1, 3] {
        for method in [RepulsionMethod::Exact, RepulsionMethod::Field] {
            let run = |threads| {
                let tsne = Tsne::new().components(n_components).repulsion(method).iterations(60);
                tsne.threads(Some(threads)).fit(&x).unwrap()
            };
            let one = run(1);
            assert!(one == run(2) && one == run(7), "{method} in {n_components}");
        }
    }
}

#[test]
fn what_has_no_such_space_says_so() {
    let (x, _) = digits();
    let message = |tsne: Tsne| tsne.fit(&x).unwrap_err().to_string();
    let barnes_hut = RepulsionMethod::BarnesHut { angle: 0.5 };
    for (tsne, expected) in [
        (Tsne::new().components(0), "must be at least 1"),
        (Tsne::new().dof(0.0), "degrees of freedom"),
        (Tsne::new().dof(f64::NAN), "degrees of freedom"),
        (Tsne::new().components(4).repulsion(RepulsionMethod::Field), "at most three dimensions"),
        (Tsne::new().components(3).repulsion(barnes_hut), "two dimensions"),
        (Tsne::new().dof(2.0).repulsion(barnes_hut), "one degree of freedom"),
    ] {
        let text = message(tsne);
        assert!(text.contains(expected), "{text}");
    }
    let map = Embedding::new(vec![0.5; 3 * x.n_samples()], x.n_samples(), 3).unwrap();
    assert!(Model::new(x, map, 30.0).unwrap_err().to_string().contains("must be 2"));
}
