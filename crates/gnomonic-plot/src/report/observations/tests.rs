use super::super::made_up::{self, PERPLEXITIES};
use super::*;

fn verdicts(sweep: &[SweepRow]) -> Vec<Vec<Verdict>> {
    observations(sweep)
        .iter()
        .map(|observation| observation.readings.iter().map(|reading| reading.verdict).collect())
        .collect()
}

fn set_between(sweep: &mut [SweepRow], between: impl Fn(usize) -> f64) {
    for (at, row) in sweep.iter_mut().enumerate() {
        if let Some(labeled) = &mut row.labeled {
            labeled.between = Some(between(at));
        }
    }
}

#[test]
fn falling_series_bear_out_falling_claims_only() {
    use Verdict::{DoesNotHold, Holds};
    let sweep = made_up::sweep();
    // All lengths shrink by one factor, so nothing changes relative to the map's size.
    assert_eq!(
        verdicts(&sweep),
        [
            vec![Holds, DoesNotHold],
            vec![Holds, Holds],
            vec![DoesNotHold, DoesNotHold],
            vec![Holds, DoesNotHold],
            vec![Holds, Holds],
        ]
    );
    let [first, second, third, ..] = observations(&sweep);
    assert_eq!(first.outcome(), Outcome::ReadingsDisagree);
    assert_eq!(second.outcome(), Outcome::Holds);
    assert_eq!(third.outcome(), Outcome::DoesNotHold);
    assert_eq!(first.readings[0].evidence[0].correlation, Some(-1.0));
    assert_eq!(first.readings[1].evidence[0].correlation, None, "a constant has no rank correlation");
}

#[test]
fn a_claim_is_read_in_its_own_range() {
    let mut sweep = made_up::sweep();
    // Rises up to 30, falls beyond: the third and the fourth claim hold, the first does not.
    set_between(&mut sweep, |at| 20.0 - (at as f64 - 4.0).abs());
    let [first, _, third, fourth, fifth] = observations(&sweep);
    assert_eq!(first.verdict(), Verdict::DoesNotHold);
    assert_eq!(third.verdict(), Verdict::Holds);
    assert_eq!(fourth.verdict(), Verdict::Holds);
    let range = |observation: &Observation| -> Vec<f64> {
        observation.readings[0].evidence[0].series.iter().map(|point| point.0).collect()
    };
    assert_eq!(range(&first), PERPLEXITIES);
    assert_eq!(range(&third), [2.0, 5.0, 10.0, 20.0, 30.0]);
    assert_eq!(range(&fourth), [30.0, 50.0, 75.0, 100.0, 150.0]);
    assert_eq!(range(&fifth), [75.0, 100.0, 150.0]);
}

#[test]
fn a_correlation_of_exactly_the_threshold_counts() {
    let mut sweep = made_up::sweep();
    // Ranks 2 1 4 3 5: Σd² = 4, ρ = 1 − 6 · 4 / (5 · 24) = 0.8.
    set_between(&mut sweep, |at| [2.0, 1.0, 4.0, 3.0, 5.0, 6.0, 7.0, 8.0, 9.0][at]);
    assert_eq!(observations(&sweep)[2].readings[0].verdict, Verdict::Holds);
    // Ranks 3 1 2 4 5: Σd² = 6, ρ = 0.7.
    set_between(&mut sweep, |at| [3.0, 1.0, 2.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0][at]);
    let third = &observations(&sweep)[2].readings[0];
    assert_eq!(third.verdict, Verdict::DoesNotHold);
    assert!((third.evidence[1].correlation.unwrap() - 0.7).abs() < 1e-12);
}

#[test]
fn without_labels_only_the_area_is_judged() {
    let lesson = made_up::without_labels(made_up::lesson(super::super::Language::English));
    let missing = Verdict::Undecidable(Undecidable::NotMeasured);
    assert_eq!(
        verdicts(&lesson.sweep),
        [
            vec![missing, missing],
            vec![Verdict::Holds, missing],
            vec![missing, missing],
            // The area falls, but the distances that should narrow with it were not measured.
            vec![missing, missing],
            vec![missing, missing],
        ]
    );
    assert_eq!(observations(&lesson.sweep)[0].outcome(), Outcome::Undecidable);
    // A rising area refutes the fourth claim even so.
    let mut rising = lesson.sweep;
    rising.iter_mut().for_each(|row| row.area = row.perplexity);
    assert_eq!(observations(&rising)[3].verdict(), Verdict::DoesNotHold);
}

#[test]
fn two_maps_show_no_trend() {
    let sweep: Vec<_> = [30.0, 50.0].iter().enumerate().map(|(at, &p)| made_up::row(at, p)).collect();
    let few = Verdict::Undecidable(Undecidable::TooFewMaps);
    for observation in observations(&sweep) {
        assert!(observation.readings.iter().all(|reading| reading.verdict == few));
    }
    assert_eq!(observations(&[]).map(|o| o.outcome()), [Outcome::Undecidable; 5]);
}

#[test]
fn values_that_are_not_finite_are_left_out() {
    let mut sweep = made_up::sweep();
    sweep[0].area = f64::NAN;
    let second = &observations(&sweep)[1].readings[0];
    assert_eq!(second.evidence[0].series.len(), 8);
    assert_eq!(second.verdict, Verdict::Holds);
}

#[test]
fn chance_by_counting_all_orders() {
    assert_eq!(chance(2), None);
    assert_eq!(chance(3), Some(1.0 / 6.0));
    assert_eq!(chance(4), Some(4.0 / 24.0));
    assert_eq!(chance(5), Some(8.0 / 120.0));
    assert!((0.005..0.01).contains(&chance(9).unwrap()));
    assert_eq!(chance(10), None);
}
