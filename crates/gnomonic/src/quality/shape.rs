//! The size of a map and the distances between its parts, in map units and relative to the whole.

use std::collections::BTreeMap;

use super::check_rows;
use crate::error::{ErrorKind, Result};
use crate::matrix::MatrixRef;

/// What [`map_shape`] measures. Distances are in map units, areas in their square.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MapShape {
    /// Root of the mean squared distance of the points to their centroid: the size of the map.
    pub rms_radius: f64,
    /// Area of the convex hull of the 95 % of the points that are nearest to their centroid.
    pub area: f64,
    /// The same area of each label's points (about their own centroid), summed over the labels. `None` without labels,
    /// as all that follows.
    pub area_by_label: Option<f64>,
    /// Mean distance of a point to the centroid of its label.
    pub within: Option<f64>,
    /// Mean distance of the centroids of two labels. `None` also when there is one label.
    pub between: Option<f64>,
    /// `within` divided by the RMS radius. `None` also when all points coincide.
    pub relative_within: Option<f64>,
    /// `between` divided by the RMS radius. `None` also when there is one label or all points coincide.
    pub relative_between: Option<f64>,
}

/// Measures the map `y` (n × 2), with a label for each point or without.
///
/// The hull leaves out the 5 % (rounded down) of points that lie farthest from the centroid, since a few strays would
/// decide it. O(n log n + labels²).
///
/// # Errors
/// When there are no points, they do not have two coordinates, one is not finite or beyond ±1e15, or the number of
/// labels is not that of points.
pub fn map_shape<'a>(y: impl Into<MatrixRef<'a>>, labels: Option<&[u32]>) -> Result<MapShape> {
    let y = y.into();
    y.check(1)?;
    if y.n_features() != 2 {
        return Err(ErrorKind::Parameter {
            name: "number of coordinates",
            value: y.n_features().to_string(),
            bound: "must be 2: areas are measured in the plane".into(),
        }
        .into());
    }
    let points: Vec<Point> = y.rows().map(|row| [f64::from(row[0]), f64::from(row[1])]).collect();
    let center = centroid(&points);
    let squares: f64 = points.iter().map(|&point| distance(point, center).powi(2)).sum();
    let rms_radius = (squares / points.len() as f64).sqrt();
    let mut shape = MapShape {
        rms_radius,
        area: central_area(&points),
        area_by_label: None,
        within: None,
        between: None,
        relative_within: None,
        relative_between: None,
    };
    if let Some(labels) = labels {
        check_rows("labels", labels.len(), points.len())?;
        shape.add_labels(&points, labels);
    }
    Ok(shape)
}

impl MapShape {
    fn add_labels(&mut self, points: &[Point], labels: &[u32]) {
        let mut clusters: BTreeMap<u32, Vec<Point>> = BTreeMap::new();
        for (&label, &point) in labels.iter().zip(points) {
            clusters.entry(label).or_default().push(point);
        }
        let centers: Vec<Point> = clusters.values().map(|cluster| centroid(cluster)).collect();
        let to_own: f64 = (clusters.values().zip(&centers))
            .flat_map(|(cluster, &center)| cluster.iter().map(move |&point| distance(point, center)))
            .sum();
        let within = to_own / points.len() as f64;
        let pairs = (0..centers.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
        let (sum, count) = pairs
            .fold((0.0, 0_usize), |(sum, count), (a, b)| (sum + distance(centers[a], centers[b]), count + 1));
        let between = (count > 0).then(|| sum / count as f64);

        let scale = (self.rms_radius > 0.0).then_some(self.rms_radius);
        self.relative_within = scale.map(|scale| within / scale);
        self.relative_between = between.zip(scale).map(|(between, scale)| between / scale);
        self.area_by_label = Some(clusters.values().map(|cluster| central_area(cluster)).sum());
        self.within = Some(within);
        self.between = between;
    }
}

type Point = [f64; 2];

fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn centroid(points: &[Point]) -> Point {
    let sum = points.iter().fold([0.0, 0.0], |sum, point| [sum[0] + point[0], sum[1] + point[1]]);
    sum.map(|coordinate| coordinate / points.len() as f64)
}

/// Area of the convex hull of the points that remain when the farthest 5 % are left out.
fn central_area(points: &[Point]) -> f64 {
    let center = centroid(points);
    let mut central = points.to_vec();
    central.sort_by(|&a, &b| distance(a, center).total_cmp(&distance(b, center)));
    central.truncate(points.len() - points.len() / 20);
    hull_area(central)
}

/// Area of the convex hull: upper and lower chain over the points from left to right (Andrew 1979,
/// doi:10.1016/0020-0190(79)90072-3), then the trapezoid rule.
fn hull_area(mut points: Vec<Point>) -> f64 {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    if points.len() < 3 {
        return 0.0;
    }
    let lower = chain(points.iter().copied());
    let upper = chain(points.iter().rev().copied());
    let origin = points[0];
    let outline: Vec<Point> =
        lower[..lower.len() - 1].iter().chain(&upper[..upper.len() - 1]).copied().collect();
    let doubled: f64 =
        (0..outline.len()).map(|i| turn(origin, outline[i], outline[(i + 1) % outline.len()])).sum();
    (0.5 * doubled).max(0.0)
}

/// The points of a sorted sequence that turn left only.
fn chain(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut chain: Vec<Point> = Vec::new();
    for point in points {
        while let [.., a, b] = chain[..]
            && turn(a, b, point) <= 0.0
        {
            chain.pop();
        }
        chain.push(point);
    }
    chain
}

/// Twice the area of the triangle, positive when a → b → c turns left.
fn turn(a: Point, b: Point, c: Point) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::random::{Purpose, Random};

    fn matrix(points: &[[f32; 2]]) -> Matrix {
        Matrix::new(points.concat(), points.len(), 2).unwrap()
    }

    #[test]
    fn a_square_is_measured() {
        // Corners, an inner point, a point on an edge, a duplicate.
        let y = matrix(&[[0., 0.], [2., 0.], [2., 2.], [0., 2.], [1., 1.], [1., 0.], [2., 2.]]);
        let shape = map_shape(&y, None).unwrap();
        assert_eq!(shape.area, 4.0);
        assert!(shape.within.is_none() && shape.area_by_label.is_none());
    }

    #[test]
    fn labels_are_measured_about_their_own_centers() {
        let points = [[0., 0.], [2., 0.], [2., 2.], [0., 2.], [10., 1.], [12., 1.]];
        let shape = map_shape(&matrix(&points), Some(&[4, 4, 4, 4, 9, 9])).unwrap();
        assert_eq!(shape.area_by_label, Some(4.0));
        let within = (4.0 * 2.0_f64.sqrt() + 2.0) / 6.0;
        assert!((shape.within.unwrap() - within).abs() < 1e-15);
        assert_eq!(shape.between, Some(10.0));
        assert_eq!(shape.relative_between, Some(10.0 / shape.rms_radius));
        assert_eq!(shape.relative_within, Some(shape.within.unwrap() / shape.rms_radius));
    }

    #[test]
    fn strays_do_not_decide_the_area() {
        let mut points: Vec<[f32; 2]> = (0..19).map(|i| [(i % 5) as f32, (i / 5) as f32]).collect();
        let before = map_shape(&matrix(&points), None).unwrap().area;
        points.push([1e6, 1e6]);
        // One in twenty may be left out; the nineteen are all kept.
        assert!((map_shape(&matrix(&points), None).unwrap().area - before).abs() < 1e-9);
    }

    #[test]
    fn turning_keeps_and_scaling_scales() {
        let mut random = Random::new(1, Purpose::Synthesis);
        let points: Vec<[f32; 2]> =
            (0..200).map(|_| [random.normal() as f32, random.normal() as f32]).collect();
        let turned: Vec<[f32; 2]> = points.iter().map(|p| [-2.0 * p[1], 2.0 * p[0]]).collect();
        let labels: Vec<u32> = (0..200).map(|i| i % 3).collect();
        let a = map_shape(&matrix(&points), Some(&labels)).unwrap();
        let b = map_shape(&matrix(&turned), Some(&labels)).unwrap();
        let close = |x: f64, y: f64| (x / y - 1.0).abs() < 1e-12;
        assert!(close(b.area, 4.0 * a.area) && close(b.rms_radius, 2.0 * a.rms_radius));
        assert!(close(b.between.unwrap(), 2.0 * a.between.unwrap()));
        assert!(close(b.relative_within.unwrap(), a.relative_within.unwrap()));
    }

    #[test]
    fn degenerate_maps_have_no_nan() {
        let point = map_shape(&matrix(&[[3., 4.]]), Some(&[0])).unwrap();
        assert_eq!((point.rms_radius, point.area, point.within), (0.0, 0.0, Some(0.0)));
        assert_eq!((point.between, point.relative_within), (None, None));
        let line: Vec<[f32; 2]> = (0..30).map(|i| [i as f32, 0.5 * i as f32]).collect();
        assert_eq!(map_shape(&matrix(&line), None).unwrap().area, 0.0);
    }

    #[test]
    fn bad_input_is_named() {
        assert!(map_shape(&Matrix::zeros(0, 2), None).is_err());
        assert!(map_shape(&Matrix::zeros(5, 3), None).is_err());
        assert!(map_shape(&Matrix::zeros(5, 2), Some(&[1, 2])).is_err());
    }
}
