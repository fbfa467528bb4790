//! The nearest of a stream of rows.

/// The nearest rows of those offered, by distance and, between equal distances, by index.
pub(super) struct Best {
    keep: usize,
    /// Room for twice as many as are kept, so that the list is cut seldom.
    rows: Vec<(f64, u32)>,
    limit: f64,
}

impl Best {
    /// For the nearest `keep`, at least one.
    pub(super) fn new(keep: usize) -> Self {
        Self { keep, rows: Vec::with_capacity(2 * keep), limit: f64::INFINITY }
    }

    /// A row at a greater distance is not among the nearest.
    #[inline]
    pub(super) fn limit(&self) -> f64 {
        self.limit
    }

    /// Offers row `j`.
    #[inline]
    pub(super) fn offer(&mut self, distance: f64, j: u32) {
        if distance <= self.limit {
            self.rows.push((distance, j));
            if self.rows.len() == 2 * self.keep {
                self.cut();
            }
        }
    }

    fn cut(&mut self) {
        if self.rows.len() > self.keep {
            self.rows.select_nth_unstable_by(self.keep - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            self.rows.truncate(self.keep);
        }
        self.limit = self.rows.last().map_or(f64::INFINITY, |&(distance, _)| distance);
    }

    /// The nearest in order.
    pub(super) fn finish(mut self) -> Vec<(f64, u32)> {
        self.cut();
        self.rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        self.rows
    }
}
