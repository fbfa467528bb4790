//! P as the descent reads it: index and value of an entry in 32 bits, rows in the order of the map.

use super::cross_entropy::watched_row_sum;
use super::force_on;
use crate::affinities::Affinities;
use crate::parallel;
use crate::simd;
use rayon::prelude::*;

/// Bits of the exponent of a packed value: from the greatest entry of P down to 2⁻³¹ of it. What is smaller counts as that.
pub(super) const EXPONENT_BITS: u32 = 5;

/// Fewest bits of the mantissa that are kept.
const LEAST_MANTISSA_BITS: u32 = 3;

const F32_MANTISSA_BITS: u32 = 23;

/// The exponent field of values from 1 to 2 in `f32`, which the greatest entry is brought to.
const F32_ONE: u32 = 127;

/// What a packed value of zero stands for, as the bits of an `f32`: 2⁻³¹.
pub(super) const LEAST: u32 = (F32_ONE + 1 - (1 << EXPONENT_BITS)) << F32_MANTISSA_BITS;

/// A value stands in the highest bits of an edge: shifted by this, its exponent is where `f32` has it.
pub(super) const SHIFT: u32 = u32::BITS - EXPONENT_BITS - F32_MANTISSA_BITS;

/// How an entry of P is written into 32 bits: the index of the other point in the lowest, as many as n needs; above them the
/// mantissa of the value, rounded to what room there is (15 − 5 bits at 70,000 points, 12 − 5 at a million), and 5 bits of
/// exponent.
///
/// p_ij and p_ji are rounded alike, so forces still sum to zero. Rounding by a relative δ moves the minimum of the KL divergence
/// by something of the order of δ², 1e-6 for a million points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packing {
    /// 2ᵇ − 1: the bits of the index.
    index_mask: u32,
    /// A power of two: a value is what stands in the edge times this.
    pub(super) unit: f32,
    /// Its reciprocal, exact.
    per_unit: f32,
}

impl Packing {
    /// None when the indices of the points leave too little room for values, beyond 16.8 million points.
    pub(super) fn new(affinities: &Affinities) -> Option<Self> {
        Self::with_index_bits(
            affinities,
            usize::BITS - affinities.n_samples().saturating_sub(1).leading_zeros(),
        )
    }

    /// With as many bits for the index as asked for, at least those that it needs.
    pub(super) fn with_index_bits(affinities: &Affinities, index_bits: u32) -> Option<Self> {
        let n = affinities.n_samples();
        if index_bits + EXPONENT_BITS + LEAST_MANTISSA_BITS > u32::BITS {
            return None;
        }
        let greatest = (0..n).into_par_iter().map(|i| row_maximum(affinities, i)).reduce(|| 0.0, f32::max);
        // The power of two at or below the greatest entry; of a subnormal one, zero, which then packs all entries as the greatest.
        let unit = f32::from_bits(greatest.to_bits() & !((1 << F32_MANTISSA_BITS) - 1));
        let unit = unit.max(f32::MIN_POSITIVE);
        Some(Self { index_mask: (1 << index_bits) - 1, unit, per_unit: 1.0 / unit })
    }

    pub(super) fn pack(self, index: u32, value: f32) -> u32 {
        let value_mask = !self.index_mask;
        let bits = (value * self.per_unit).to_bits().saturating_sub(LEAST);
        // Half of the last place that is kept, which may carry into the exponent; not beyond the greatest.
        let half = (self.index_mask + 1) >> 1;
        let rounded = (u64::from(bits) << SHIFT) + u64::from(half);
        (rounded.min(u64::from(u32::MAX)) as u32 & value_mask) | index
    }

    /// Index and value of an edge; the value in units.
    #[inline(always)]
    pub(super) fn unpack(self, edge: u32) -> (usize, f32) {
        let value = f32::from_bits(((edge & !self.index_mask) >> SHIFT) + LEAST);
        ((edge & self.index_mask) as usize, value)
    }
}

fn row_maximum(affinities: &Affinities, i: usize) -> f32 {
    affinities.row(i).1.iter().fold(0.0, |greatest, &value| value.max(greatest))
}

/// The packed rows, in an order of their own.
pub(super) struct Edges {
    packing: Packing,
    /// The point at each place.
    order: Vec<u32>,
    /// The row at place r is at `starts[r]..starts[r + 1]` of `edges`.
    starts: Vec<usize>,
    /// Indices are places; a row keeps the order of P's columns.
    edges: Vec<u32>,
    /// Positions by place; as many as an index can tell apart, so that every index is one of these.
    points: Vec<[f32; 2]>,
}

impl Edges {
    /// Packs P with the points in their own order.
    pub(super) fn new(affinities: &Affinities, packing: Packing) -> Self {
        let n = affinities.n_samples();
        let mut edges = Self {
            packing,
            order: Vec::new(),
            starts: Vec::new(),
            edges: vec![0; affinities.n_entries()],
            points: vec![[0.0; 2]; packing.index_mask as usize + 1],
        };
        edges.arrange(affinities, (0..n as u32).collect());
        edges
    }

    /// Packs P again, with the points in the given order.
    pub(super) fn arrange(&mut self, affinities: &Affinities, order: Vec<u32>) {
        let mut rank = vec![0; order.len()];
        for (place, &point) in order.iter().enumerate() {
            rank[point as usize] = place as u32;
        }
        self.starts.clear();
        self.starts.push(0);
        let mut end = 0;
        for &point in &order {
            end += affinities.row(point as usize).0.len();
            self.starts.push(end);
        }
        let packing = self.packing;
        let mut rows = Vec::with_capacity(order.len().div_ceil(parallel::CHUNK));
        let mut rest = self.edges.as_mut_slice();
        for (chunk, places) in order.chunks(parallel::CHUNK).enumerate() {
            let first = chunk * parallel::CHUNK;
            let length = self.starts[first + places.len()] - self.starts[first];
            let (edges, after) = rest.split_at_mut(length);
            rows.push((places, edges));
            rest = after;
        }
        rows.into_par_iter().for_each(|(places, edges)| {
            let entries = places.iter().flat_map(|&point| {
                let (columns, values) = affinities.row(point as usize);
                columns.iter().zip(values)
            });
            for (edge, (&column, &value)) in edges.iter_mut().zip(entries) {
                *edge = packing.pack(rank[column as usize], value);
            }
        });
        self.order = order;
    }

    /// The point at each place.
    pub(super) fn order(&self) -> &[u32] {
        &self.order
    }

    /// Writes the pull on every point. Positions and forces are by place.
    pub(super) fn forces(&mut self, points: &[[f32; 2]], forces: &mut [[f32; 2]]) {
        self.take(points);
        #[cfg(target_arch = "x86_64")]
        if let Some(gather) = super::avx512::Gather::new(&self.points) {
            let unit = self.packing.unit;
            self.each_row(forces, |place, edges| gather.force_on(place, edges).map(|force| force * unit));
            return;
        }
        #[cfg(target_arch = "x86_64")]
        if self.loaded_pull(forces) {
            return;
        }
        self.portable_pull(forces);
    }

    /// [`forces`](Self::forces) in AVX2, at the positions of its last call; false when the processor lacks it.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn loaded_pull(&self, forces: &mut [[f32; 2]]) -> bool {
        let Some(loads) = super::avx2::Loads::new(&self.points) else { return false };
        let unit = self.packing.unit;
        self.each_row(forces, |place, edges| loads.force_on(place, edges).map(|force| force * unit));
        true
    }

    /// [`forces`](Self::forces) without intrinsics, at the positions of its last call.
    pub(super) fn portable_pull(&self, forces: &mut [[f32; 2]]) {
        let (packing, points) = (self.packing, &self.points);
        self.each_row(forces, |place, edges| {
            let entry = |at: usize| packing.unpack(edges[at]);
            simd::vectorize!(force_on(points[place], edges.len(), entry, points))
                .map(|force| force * packing.unit)
        });
    }

    fn take(&mut self, points: &[[f32; 2]]) {
        let own = self.points[..points.len()].par_chunks_mut(parallel::CHUNK);
        own.zip(points.par_chunks(parallel::CHUNK)).for_each(|(own, points)| own.copy_from_slice(points));
    }

    /// Writes what `force_on` makes of the place and the edges of each row.
    fn each_row(&self, forces: &mut [[f32; 2]], force_on: impl Fn(usize, &[u32]) -> [f32; 2] + Sync) {
        forces.par_chunks_mut(parallel::CHUNK).enumerate().for_each(|(chunk, forces)| {
            for (row, force) in forces.iter_mut().enumerate() {
                let place = chunk * parallel::CHUNK + row;
                *force = force_on(place, self.row(place));
            }
        });
    }

    fn row(&self, place: usize) -> &[u32] {
        &self.edges[self.starts[place]..self.starts[place + 1]]
    }

    /// Σ p_ij ln(1 + r²_ij) at the positions of the last forces: a row in `f32`, their sum in `f64`.
    pub(super) fn cross_entropy(&self) -> f64 {
        let (packing, points) = (self.packing, &self.points);
        let [sum] = parallel::sum(self.order.len(), |places| {
            let row = |place: usize| -> f64 {
                let edges = self.row(place);
                let entry = |at: usize| packing.unpack(edges[at]);
                f64::from(simd::vectorize!(watched_row_sum(points[place], edges.len(), entry, points)))
            };
            [places.map(row).sum()]
        });
        sum * f64::from(packing.unit)
    }
}
