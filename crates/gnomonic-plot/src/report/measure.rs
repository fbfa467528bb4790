//! The series measured on the maps of a sweep.

use super::SweepRow;

/// A number measured on each map of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// [`SweepRow::kl`].
    Kl,
    /// [`SweepRow::trustworthiness`].
    Trustworthiness,
    /// [`SweepRow::rms_radius`].
    RmsRadius,
    /// [`SweepRow::area`].
    Area,
    /// [`LabelMeasures::area_by_label`](super::LabelMeasures::area_by_label).
    AreaByLabel,
    /// [`LabelMeasures::within`](super::LabelMeasures::within).
    Within,
    /// [`LabelMeasures::between`](super::LabelMeasures::between).
    Between,
    /// Within divided by the RMS radius.
    WithinRelative,
    /// Between divided by the RMS radius.
    BetweenRelative,
    /// [`LabelMeasures::silhouette`](super::LabelMeasures::silhouette).
    Silhouette,
    /// [`LabelMeasures::label_accuracy`](super::LabelMeasures::label_accuracy).
    LabelAccuracy,
}

impl Measure {
    /// All measures, in the order of the page's table.
    pub const ALL: [Self; 11] = [
        Self::RmsRadius,
        Self::Area,
        Self::AreaByLabel,
        Self::Within,
        Self::Between,
        Self::WithinRelative,
        Self::BetweenRelative,
        Self::Silhouette,
        Self::LabelAccuracy,
        Self::Trustworthiness,
        Self::Kl,
    ];

    /// The value for one map; `None` where it was not measured or is not finite.
    #[must_use]
    pub fn of(self, row: &SweepRow) -> Option<f64> {
        let labeled = row.labeled.as_ref();
        let value = match self {
            Self::Kl => Some(row.kl),
            Self::Trustworthiness => row.trustworthiness,
            Self::RmsRadius => Some(row.rms_radius),
            Self::Area => Some(row.area),
            Self::AreaByLabel => labeled.map(|l| l.area_by_label),
            Self::Within => labeled.map(|l| l.within),
            Self::Between => labeled.and_then(|l| l.between),
            Self::WithinRelative => labeled.map(|l| l.within / row.rms_radius),
            Self::BetweenRelative => labeled.and_then(|l| l.between).map(|b| b / row.rms_radius),
            Self::Silhouette => labeled.and_then(|l| l.silhouette),
            Self::LabelAccuracy => labeled.map(|l| l.label_accuracy),
        };
        value.filter(|value| value.is_finite())
    }

    /// Whether the measure is a length, an area or a ratio of lengths: zero then means none at all.
    #[must_use]
    pub fn is_extent(self) -> bool {
        match self {
            Self::RmsRadius
            | Self::Area
            | Self::AreaByLabel
            | Self::Within
            | Self::Between
            | Self::WithinRelative
            | Self::BetweenRelative => true,
            Self::Kl | Self::Trustworthiness | Self::Silhouette | Self::LabelAccuracy => false,
        }
    }
}
