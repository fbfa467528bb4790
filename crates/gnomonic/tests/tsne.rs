//! The whole pipeline on small data: invariants, unusual input, bad input.

use gnomonic::observer::{Control, Iteration, Observer, Silent, Stage, Warning};
use gnomonic::random::{Purpose, Random};
use gnomonic::{
    Affinities, Embedding, ErrorKind, Initialization, LearningRate, Matrix, RepulsionMethod, Stop, Tsne,
    initialization, neighbors,
};

/// Three groups of `n / 3` points in five dimensions, far apart.
fn groups(n: usize) -> Matrix {
    let mut random = Random::new(9, Purpose::Synthesis);
    let data =
        (0..n).flat_map(|i| [(i % 3) as f64 * 20.0; 5]).map(|center| (center + random.normal()) as f32);
    Matrix::new(data.collect(), n, 5).unwrap()
}

const METHODS: [RepulsionMethod; 3] = [
    RepulsionMethod::Exact,
    RepulsionMethod::Field,
    RepulsionMethod::BarnesHut { angle: RepulsionMethod::ANGLE },
];

fn short() -> Tsne {
    Tsne::new().perplexity(8.0).iterations(300).early_exaggeration_iterations(100)
}

#[test]
fn groups_stay_together_under_every_repulsion() {
    let x = groups(300);
    for method in METHODS {
        let fit = short().repulsion(method).fit(&x).unwrap();
        let nearest = neighbors::exact(fit.embedding.view(), 5).unwrap();
        let at_home = (0..300).flat_map(|i| nearest.indices(i).iter().map(move |&j| (i, j as usize)));
        assert!(at_home.clone().all(|(i, j)| i % 3 == j % 3), "{method}");
        assert_eq!(fit.record.repulsion, method.resolve(300));
        assert_eq!(fit.record.stop, Stop::Iterations);
        assert_eq!(fit.record.iterations_done, 300);
    }
}

#[test]
fn bits_do_not_depend_on_threads_or_time() {
    let x = groups(1500);
    for method in METHODS {
        let run = |threads| short().iterations(60).repulsion(method).threads(Some(threads)).fit(&x).unwrap();
        let one = run(1);
        for threads in [1, 2, 7] {
            assert_eq!(one, run(threads), "{method} on {threads} threads");
        }
    }
}

#[test]
fn the_seed_matters_only_where_numbers_are_drawn() {
    let x = groups(90);
    let run =
        |seed, start| short().iterations(30).seed(seed).initialization(start).fit(&x).unwrap().embedding;
    assert_eq!(run(1, Initialization::Pca), run(2, Initialization::Pca));
    assert_ne!(run(1, Initialization::Random), run(2, Initialization::Random));
    assert_eq!(run(1, Initialization::Random), run(1, Initialization::Random));
}

#[test]
fn permuting_the_samples_permutes_the_map() {
    // Only few iterations: rounding differs with the order of additions, and the descent amplifies it.
    let x = groups(120);
    let order: Vec<usize> = (0..120).map(|i| (i * 7) % 120).collect();
    let run = |x: &Matrix| short().iterations(20).fit(x).unwrap().embedding;
    let (plain, permuted) = (run(&x), run(&x.view().select_rows(&order)));
    let size = plain.as_slice().iter().fold(0.0_f32, |size, value| size.max(value.abs()));
    for (place, &i) in order.iter().enumerate() {
        for axis in 0..2 {
            let difference = (permuted.row(place)[axis] - plain.row(i)[axis]).abs();
            assert!(difference < 1e-2 * size, "sample {i}: {difference} of {size}");
        }
    }
}

#[test]
fn every_door_leads_to_the_same_map() {
    let x = groups(120);
    let tsne = short().iterations(50);
    let whole = tsne.fit(&x).unwrap();
    let found = tsne.neighbors(&x, &mut Silent).unwrap().neighbors;
    let start = Initialization::Pca.embed(&x, 42).unwrap();
    assert_eq!(tsne.fit_neighbors(&found, start.clone(), &mut Silent).unwrap().embedding, whole.embedding);
    let more = neighbors::exact(&x, 60).unwrap();
    assert_eq!(tsne.fit_neighbors(&more, start.clone(), &mut Silent).unwrap().embedding, whole.embedding);
    let p = Affinities::from_neighbors(&found, 8.0).unwrap();
    let last = tsne.fit_affinities(&p, start, &mut Silent).unwrap();
    assert_eq!(last.embedding, whole.embedding);
    assert_eq!((last.record.perplexity, last.record.n_features), (None, None));
    // Entered at any door with what it found itself, a run has the same record.
    let found = tsne.neighbors(&x, &mut Silent).unwrap();
    let start = Initialization::Pca.start(&x, found.axes.as_ref(), 42).unwrap();
    assert_eq!(tsne.fit_neighbors(&found, start, &mut Silent).unwrap(), whole);
}

#[test]
fn unusual_data_is_mapped() {
    let constant_columns = {
        let x = groups(60);
        let rows = x.view().rows().flat_map(|row| [7.0, row[0], 7.0, row[1]].into_iter());
        Matrix::new(rows.collect(), 60, 4).unwrap()
    };
    let single_column = Matrix::new((0..60).map(|i| (i * i) as f32).collect(), 60, 1).unwrap();
    let duplicates = groups(60).view().select_rows(&(0..200).map(|i| i % 60).collect::<Vec<_>>());
    let nearly_all_equal = {
        let mut data = vec![1.0; 120];
        data[7] = 2.0;
        Matrix::new(data, 60, 2).unwrap()
    };
    let four_rows = Matrix::new(vec![0.0, 1.0, 5.0, 6.0], 4, 1).unwrap();
    let offset = {
        let x = groups(60);
        Matrix::new(x.as_slice().iter().map(|value| value + 1e5).collect(), 60, 5).unwrap()
    };
    let huge = Matrix::new(groups(60).as_slice().iter().map(|value| value * 1e13).collect(), 60, 5).unwrap();
    let tiny = Matrix::new(groups(60).as_slice().iter().map(|value| value * 1e-14).collect(), 60, 5).unwrap();
    for (name, x, perplexity) in [
        ("constant columns", constant_columns, 8.0),
        ("a single column", single_column, 8.0),
        ("duplicates", duplicates, 8.0),
        ("all rows but one equal", nearly_all_equal, 8.0),
        ("four rows", four_rows, 1.0),
        ("a common offset", offset, 8.0),
        ("huge values", huge, 8.0),
        ("tiny values", tiny, 8.0),
    ] {
        for method in METHODS {
            let fit = Tsne::new().perplexity(perplexity).repulsion(method).fit(&x);
            let fit = fit.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(fit.embedding.as_slice().iter().all(|value| value.is_finite()), "{name}");
            assert!(fit.record.kl_divergence.is_finite() && fit.record.kl_divergence > -1e-3, "{name}");
            let extent = fit.embedding.as_slice().iter().fold(0.0_f32, |most, value| most.max(value.abs()));
            assert!(extent > 0.1, "{name}: the map has collapsed to {extent}");
            assert!(extent < 1e4, "{name}: the map has exploded to {extent}");
        }
    }
}

#[test]
fn a_perplexity_beyond_a_third_uses_all_neighbors_and_says_so() {
    struct Listener(Vec<Warning>);
    impl Observer for Listener {
        fn warning(&mut self, warning: &Warning) {
            self.0.push(warning.clone());
        }
    }
    let mut listener = Listener(Vec::new());
    let fit = short().perplexity(40.0).fit_observed(&groups(60), &mut listener).unwrap();
    let expected = Warning::FewNeighbors { perplexity: 40.0, n_neighbors: 59 };
    assert_eq!(listener.0, fit.record.warnings);
    assert_eq!(listener.0, [expected]);
    assert_eq!(fit.record.n_neighbors, Some(59));
}

#[test]
fn bad_input_is_named() {
    let x = groups(60);
    let message = |tsne: Tsne, x: &Matrix| tsne.fit(x).unwrap_err().to_string();
    for perplexity in [0.0, 0.5, -3.0, f64::NAN, f64::INFINITY, 60.0, 1e9] {
        let text = message(Tsne::new().perplexity(perplexity), &x);
        assert!(text.contains("perplexity") && text.contains("60"), "{text}");
    }
    for n in 0..4 {
        let text = message(Tsne::new().perplexity(1.0), &Matrix::zeros(n, 3));
        let rows = if n == 1 { "row" } else { "rows" };
        assert!(text.starts_with(&format!("{n} {rows}; at least 4")), "{text}");
    }
    assert!(message(short(), &Matrix::zeros(50, 3)).contains("all 50 rows are equal"));
    assert!(message(short(), &Matrix::zeros(50, 0)).contains("no columns"));
    let tiny = Matrix::new(x.as_slice().iter().map(|value| value * 1e-20).collect(), 60, 5).unwrap();
    assert!(message(short(), &tiny).contains("scale the data first"));
    let mut data = groups(60);
    data.as_mut_slice()[12] = f32::NAN;
    assert!(message(short(), &data).contains("row 3, column 3 is NaN"));
    for (tsne, name) in [
        (short().iterations(0), "iterations"),
        (short().early_exaggeration(0.5), "early exaggeration"),
        (short().early_exaggeration(f64::NAN), "early exaggeration"),
        (short().early_exaggeration(1e39), "early exaggeration"),
        (short().learning_rate(LearningRate::Fixed(1e37)), "learning rate"),
        (short().repulsion(RepulsionMethod::BarnesHut { angle: 2.0 }), "angle is 2; it must be"),
        (short().repulsion(RepulsionMethod::BarnesHut { angle: -0.1 }), "angle"),
        (short().repulsion(RepulsionMethod::BarnesHut { angle: f64::NAN }), "angle"),
        (short().learning_rate(LearningRate::Fixed(0.0)), "learning rate"),
        (short().threads(Some(0)), "threads"),
        (short().threads(Some(1_000_000)), "threads"),
        (short().min_gradient_norm(Some(-1.0)), "gradient norm"),
        (short().min_relative_progress(Some(f64::NAN)), "relative progress"),
    ] {
        assert!(message(tsne, &x).contains(name));
    }
    let start = Embedding::new(vec![0.0; 10], 5, 2).unwrap();
    let found = neighbors::exact(&x, 24).unwrap();
    assert!(short().fit_neighbors(&found, start, &mut Silent).is_err());
    let start = Embedding::new(vec![0.0; 60], 60, 1).unwrap();
    assert!(short().fit_neighbors(&found, start, &mut Silent).is_err());
}

/// Counts what it is told and stops after some iterations.
struct Stopper {
    after: usize,
    iterations: usize,
    stages: Vec<Stage>,
    divergences: Vec<f64>,
}

impl Observer for Stopper {
    fn stage(&mut self, stage: Stage) {
        self.stages.push(stage);
    }

    fn iteration(&mut self, iteration: &Iteration<'_>) -> Control {
        self.iterations += 1;
        assert_eq!(iteration.iteration, self.iterations);
        self.divergences.extend(iteration.kl_divergence);
        if self.iterations == self.after { Control::Stop } else { Control::Continue }
    }
}

#[test]
fn an_observer_sees_every_stage_and_may_stop() {
    let stopper = |after| Stopper { after, iterations: 0, stages: Vec::new(), divergences: Vec::new() };
    let mut all = stopper(usize::MAX);
    let fit = short().fit_observed(&groups(60), &mut all).unwrap();
    assert_eq!(
        all.stages,
        [
            Stage::Neighbors,
            Stage::Affinities,
            Stage::Initialization,
            Stage::EarlyExaggeration,
            Stage::Optimization,
            Stage::FinalDivergence
        ]
    );
    assert_eq!((all.iterations, all.divergences.len()), (300, 6));
    // Being watched changes nothing.
    assert_eq!(fit, short().fit(&groups(60)).unwrap());
    assert!(fit.record.kl_divergence < all.divergences[3]);

    let mut early = stopper(70);
    let stopped = short().fit_observed(&groups(60), &mut early).unwrap();
    assert_eq!(stopped.record.stop, Stop::Cancelled);
    assert_eq!((stopped.record.iterations_done, stopped.record.settled), (70, false));
    // A wish that comes with the last iteration stops nothing.
    let late = short().fit_observed(&groups(60), &mut stopper(300)).unwrap().record;
    assert_eq!((late.stop, late.settled), (Stop::Iterations, true));
    // While all is exaggerated, a longer run passes through the same positions; what comes later depends on how long it will take.
    let same = short().iterations(70).early_exaggeration_iterations(70).fit(&groups(60)).unwrap();
    assert_eq!(stopped.embedding, same.embedding);

    struct Impatient;
    impl Observer for Impatient {
        fn progress(&mut self, _: Stage, _: f64) -> Control {
            Control::Stop
        }
    }
    let refused = short().fit_observed(&groups(60), &mut Impatient).unwrap_err();
    assert_eq!(refused.kind(), &ErrorKind::Cancelled);
}

#[test]
fn a_stop_rule_has_the_map_settle_and_only_when_asked() {
    let x = groups(90);
    let whole = Tsne::new().fit(&x).unwrap().record;
    assert_eq!((whole.iterations_done, whole.settled, whole.stop), (500, true, Stop::Iterations));
    let settling = whole.schedule.n_settling();
    assert_eq!((whole.schedule.settles_from(), settling), (350, 150));

    let slow = Tsne::new().min_relative_progress(Some(0.5)).fit(&x).unwrap().record;
    assert_eq!((slow.stop, slow.settled), (Stop::RelativeProgress, true));
    // The rule looks every 50 iterations from the one where friction is least, and compares with the time before.
    assert_eq!(slow.iterations_done, 250 + settling);
    let short = Tsne::new().iterations(350).min_relative_progress(Some(0.5)).fit(&x).unwrap().record;
    assert_eq!(
        (short.stop, short.iterations_done),
        (Stop::RelativeProgress, 200 + short.schedule.n_settling())
    );
    let flat = Tsne::new().min_gradient_norm(Some(1.0)).fit(&x).unwrap().record;
    assert_eq!((flat.stop, flat.settled, flat.iterations_done), (Stop::GradientNorm, true, 239 + settling));
    for stopped in [&slow, &flat] {
        assert!(stopped.kl_divergence < whole.kl_divergence + 0.05, "{stopped:?}");
    }
    // Where nothing settles there is nothing to wait for.
    let textbook = Tsne::classic().min_gradient_norm(Some(1.0)).fit(&x).unwrap().record;
    assert_eq!((textbook.stop, textbook.iterations_done, textbook.settled), (Stop::GradientNorm, 251, true));
    // A map that has hardly left its start is not judged.
    let from_start = Tsne::classic().early_exaggeration_iterations(0).min_gradient_norm(Some(1.0));
    assert_eq!(from_start.fit(&x).unwrap().record.iterations_done, 51);
}

#[test]
fn the_record_repeats_the_run() {
    let x = groups(90);
    let asked = Tsne::new().perplexity(7.0).iterations(120).early_exaggeration(4.0).seed(3);
    let first = asked.min_gradient_norm(Some(0.0)).repulsion(RepulsionMethod::Exact).fit(&x).unwrap();
    let again = Tsne::new().with_parameters(first.record.parameters.clone()).fit(&x).unwrap();
    assert_eq!(first, again);
}

#[test]
fn random_starts_need_no_data() {
    let p = Affinities::from_neighbors(&neighbors::exact(&groups(60), 24).unwrap(), 8.0).unwrap();
    let fit = short().fit_affinities(&p, initialization::random(60, 3), &mut Silent).unwrap();
    assert!(fit.record.kl_divergence < 1.0);
}
