use super::plan::FIRST_WATCHED;
use super::*;

/// A schedule whose second phase settles, over 10 and 100 iterations.
fn settling(friction: Friction) -> Schedule {
    let mut schedule = Schedule::default();
    (schedule.iterations, schedule.early_iterations) = (Some(110), Some(10));
    schedule.normal.momentum = Momentum::Settling(friction);
    schedule
}

#[test]
fn phases_follow_each_other_and_share_the_iterations() {
    let planned = |iterations, early| {
        let mut schedule = Schedule::classic();
        (schedule.iterations, schedule.early_iterations) = (Some(iterations), Some(early));
        let plan = schedule.plan(1_000);
        (plan.early.iterations, plan.normal.iterations)
    };
    assert_eq!(planned(1_000, 250), (250, 750));
    assert_eq!(planned(100, 250), (100, 0));
    assert_eq!(planned(100, 0), (0, 100));
    let plan = Schedule::classic().plan(1_000);
    let factors = [0, 249, 250, 999].map(|iteration| plan.at(iteration, 1_000, 1.0).exaggeration);
    assert_eq!(factors, [12.0, 12.0, 1.0, 1.0]);
    assert_eq!([249, 250].map(|iteration| plan.at(iteration, 1_000, 1.0).momentum), [0.5, 0.8]);
}

#[test]
fn the_classic_rate_is_that_of_scikit_learn() {
    let rates = |n| {
        let plan = Schedule::classic().plan(n);
        [plan.early.learning_rate, plan.normal.learning_rate]
    };
    assert_eq!(rates(1_000), [50.0; 2]);
    assert_eq!(rates(48_000), [1_000.0; 2]);
}

#[test]
fn friction_falls_glides_and_rises_as_its_formula_says() {
    let plan = settling(Friction { least: Some(0.02), ..Friction::default() }).plan(1_000);
    assert_eq!((plan.settles_from(), plan.n_settling(), plan.watched_from()), (70, 40, FIRST_WATCHED));
    for t in 0..100 {
        let u = f64::from(t) / 100.0;
        let friction = if u < 0.3 {
            0.5 * (0.02_f64 / 0.5).powf(u / 0.3)
        } else if u < 0.6 {
            0.02
        } else {
            0.02 * (0.5_f64 / 0.02).powf((u - 0.6) / 0.4)
        };
        let momentum = plan.at(10 + t as usize, 70, 1.0).momentum;
        assert!((momentum - (1.0 - friction)).abs() < 1e-12, "{t}: {momentum} for {}", 1.0 - friction);
    }
}

#[test]
fn settling_may_be_brought_forward_and_is_then_the_same() {
    let plan = settling(Friction { least: Some(0.02), ..Friction::default() }).plan(1_000);
    for t in 0..40 {
        assert_eq!(plan.at(70 + t, 70, 1.0), plan.at(45 + t, 45, 1.0));
    }
    assert_eq!(plan.at(44, 45, 1.0).momentum, 0.98);
}

#[test]
fn the_least_friction_follows_the_number_of_points() {
    let least = |n| match settling(Friction::default()).plan(n).normal.momentum {
        Momentum::Settling(friction) => friction.least.unwrap(),
        Momentum::Constant(_) => unreachable!(),
    };
    assert!((least(2_000) - 0.02).abs() < 1e-12 && (least(178) - 0.0366).abs() < 1e-4);
    assert_eq!([4, 70_000, 10_000_000].map(least), [0.05, 0.01, 0.01]);
}

#[test]
fn phases_without_iterations_and_extreme_shares_stay_finite() {
    for (glides_from, settles_from) in [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.5, 0.5)] {
        let friction = Friction { glides_from, settles_from, ..Friction::default() };
        for (iterations, early) in [(1, 0), (1, 1), (2, 1), (7, 3)] {
            let mut schedule = settling(friction);
            (schedule.iterations, schedule.early_iterations) = (Some(iterations), Some(early));
            schedule.early.momentum = Momentum::Settling(friction);
            schedule.validate().unwrap();
            let plan = schedule.plan(500);
            assert!(plan.settles_from() <= plan.iterations());
            for iteration in 0..iterations {
                let momentum = plan.at(iteration, plan.settles_from(), 0.0).momentum;
                assert!((0.0..1.0).contains(&momentum), "{iteration} of {iterations}: {momentum}");
            }
        }
    }
}

#[test]
fn the_longest_step_follows_the_radius_within_its_bounds() {
    let mut schedule = Schedule::default();
    schedule.normal.step_bound = StepBound { share: Some(0.05), least: 0.25, most: 5.0 };
    let plan = schedule.plan(1_000);
    let longest = |radius| plan.at(500, 750, radius).longest_step;
    assert_eq!([0.0, 1.0, 20.0, 60.0, 1e9].map(longest), [0.25, 0.25, 1.0, 3.0, 5.0]);
    assert_eq!(plan.at(0, 750, 1e-4).longest_step, 5.0);
}

#[test]
fn every_number_has_its_bounds() {
    let refused = |change: &dyn Fn(&mut Schedule), name: &str| {
        let mut schedule = settling(Friction::default());
        schedule.validate().unwrap();
        change(&mut schedule);
        let message = schedule.validate().unwrap_err().to_string();
        assert!(message.contains(name), "{message}");
    };
    refused(&|s| s.iterations = Some(0), "iterations");
    for bad in [f64::NAN, 0.5, f64::INFINITY] {
        refused(&|s| s.early.exaggeration = bad, "early exaggeration");
        refused(&|s| s.normal.exaggeration = bad, "exaggeration");
    }
    for bad in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
        refused(&|s| s.normal.learning_rate = LearningRate::Fixed(bad), "learning rate");
        refused(&|s| s.early.step_bound.most = if bad.is_infinite() { -bad } else { bad }, "longest step");
        refused(&|s| s.normal.step_bound.share = Some(bad), "share of the radius");
        refused(
            &|s| s.normal.momentum = Momentum::Settling(Friction { least: Some(bad), ..Friction::default() }),
            "friction",
        );
    }
    for bad in [f64::NAN, 1.0, -0.1] {
        refused(&|s| s.early.momentum = Momentum::Constant(bad), "early momentum");
    }
    for (glides_from, settles_from) in [(0.7, 0.6), (-0.1, 0.6), (0.3, 1.1), (f64::NAN, 0.6)] {
        let friction = Friction { glides_from, settles_from, ..Friction::default() };
        refused(&|s| s.normal.momentum = Momentum::Settling(friction), "within the phase");
    }
    refused(&|s| s.normal.step_bound.least = 6.0, "least bound");
    refused(&|s| s.normal.most_gain = 0.5, "largest gain");
    refused(&|s| s.gains.growth = -1.0, "growth");
    refused(&|s| s.gains.decay = 0.0, "decay");
    refused(&|s| s.gains.least = f64::NAN, "least gain");
    refused(&|s| s.stop.min_gradient_norm = Some(-1.0), "gradient norm");
    refused(&|s| s.stop.min_relative_progress = Some(f64::NAN), "relative progress");
}

#[test]
fn iterations_follow_the_number_of_points_and_exaggeration_takes_a_quarter() {
    let iterations = |n| {
        let plan = Schedule::default().plan(n);
        (plan.early.iterations, plan.iterations())
    };
    assert_eq!([4, 9_999, 100_000, 10_000_000].map(iterations), [(125, 500); 4]);
    assert_eq!([10_000, 99_999].map(iterations), [(87, 350); 2]);
    let asked = |iterations| {
        Schedule { iterations: Some(iterations), ..Schedule::default() }.plan(50).early.iterations
    };
    assert_eq!([1, 20, 100, 1_000].map(asked), [0, 5, 25, 125]);
}

#[test]
fn the_defaults_are_those_of_the_documents() {
    let plan = Schedule::default().plan(2_400);
    let early = plan.at(0, 350, 1e9);
    assert_eq!((early.exaggeration, early.learning_rate, early.momentum), (6.0, 100.0, 0.9));
    assert_eq!((early.longest_step, early.most_gain), (5.0, 1.0));
    assert_eq!((early.gains.growth, early.gains.decay, early.gains.least), (0.1, 0.9, 0.01));
    let first = plan.at(125, 350, 20.0);
    assert_eq!((first.exaggeration, first.learning_rate, first.momentum), (1.0, 2_400.0, 0.5));
    assert_eq!((first.longest_step, first.most_gain), (0.06 * 20.0, f64::INFINITY));
    let longest = [0.0, 1e9].map(|radius| plan.at(125, 350, radius).longest_step);
    assert_eq!(longest, [0.25, 3.0]);
}
