//! What the lecture claims, as data: the range of perplexity, the series, and the direction that they should take.

use super::measure::Measure;

/// Which of the lecture's observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// 1. Small perplexity: the distance between clusters grows; large: it shrinks.
    BetweenShrinks,
    /// 2. The smaller the perplexity, the wider the area that the map covers.
    AreaShrinks,
    /// 3. Rising from low values, points within a cluster draw together and clusters move apart.
    ClustersForm,
    /// 4. Beyond 30, the space that the data takes shrinks, and the distances between clusters narrow with it.
    EverythingNarrows,
    /// 5. Beyond 100, clusters may become harder to tell apart.
    ClustersBlur,
}

impl Claim {
    /// All five, in the lecture's order.
    pub const ALL: [Self; 5] = [
        Self::BetweenShrinks,
        Self::AreaShrinks,
        Self::ClustersForm,
        Self::EverythingNarrows,
        Self::ClustersBlur,
    ];

    /// The lecture's number, 1 to 5.
    #[must_use]
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The perplexities that the claim speaks of, both ends included.
    ///
    /// The fifth speaks of what lies beyond 100, which is a comparison with what comes before it: it is read from 75
    /// upward, the last step of the lecture's own nine below 100.
    #[must_use]
    pub fn range(self) -> PerplexityRange {
        let (from, to) = match self {
            Self::BetweenShrinks | Self::AreaShrinks => (None, None),
            Self::ClustersForm => (None, Some(30.0)),
            Self::EverythingNarrows => (Some(30.0), None),
            Self::ClustersBlur => (Some(75.0), None),
        };
        PerplexityRange { from, to }
    }

    /// The ways to take the claim, the one closest to the lecture's words first, and the series that decide each.
    pub(super) fn readings(self) -> Vec<(Basis, Vec<(Measure, Trend)>)> {
        use Basis::{EachLabel, MapUnits, Neighborhoods, Relative, Separation, WholeMap};
        use Trend::{Falls, Rises};
        match self {
            Self::BetweenShrinks => vec![
                (MapUnits, vec![(Measure::Between, Falls)]),
                (Relative, vec![(Measure::BetweenRelative, Falls)]),
            ],
            Self::AreaShrinks => vec![
                (WholeMap, vec![(Measure::Area, Falls)]),
                (EachLabel, vec![(Measure::AreaByLabel, Falls)]),
            ],
            Self::ClustersForm => vec![
                (MapUnits, vec![(Measure::Within, Falls), (Measure::Between, Rises)]),
                (Relative, vec![(Measure::WithinRelative, Falls), (Measure::BetweenRelative, Rises)]),
            ],
            Self::EverythingNarrows => vec![
                (MapUnits, vec![(Measure::Area, Falls), (Measure::Between, Falls)]),
                (Relative, vec![(Measure::BetweenRelative, Falls)]),
            ],
            Self::ClustersBlur => vec![
                (Separation, vec![(Measure::Silhouette, Falls)]),
                (Neighborhoods, vec![(Measure::LabelAccuracy, Falls)]),
            ],
        }
    }
}

/// A range of perplexities; an end that is `None` is open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerplexityRange {
    /// The lower end, included.
    pub from: Option<f64>,
    /// The upper end, included.
    pub to: Option<f64>,
}

impl PerplexityRange {
    /// Whether a perplexity lies in the range.
    #[must_use]
    pub fn contains(&self, perplexity: f64) -> bool {
        self.from.is_none_or(|from| perplexity >= from) && self.to.is_none_or(|to| perplexity <= to)
    }
}

/// How a claim's words are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Lengths and areas in the map's own units.
    MapUnits,
    /// Lengths divided by the RMS radius of their map.
    Relative,
    /// The area of the whole map, in square map units.
    WholeMap,
    /// The areas of the labels, summed, in square map units.
    EachLabel,
    /// How far apart the clusters stand against their width: the silhouette.
    Separation,
    /// Whether the nearest points share the label.
    Neighborhoods,
}

/// The direction in which a claim says that a measure goes as perplexity rises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// It rises.
    Rises,
    /// It falls.
    Falls,
}
