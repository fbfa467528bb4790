//! What a run will need, known before it begins: memory stage by stage, and time.
//!
//! The counts follow from n, d, k and the methods; what is only known from the data (the entries of P, how far the map
//! will spread) is set to what large real data gave. All constants stand in [`memory`] and [`time`], each beside the stage
//! that it is of. `gnomonic-cli` tests the memory against what whole runs took, as the system counts it.

use crate::affinities;
use crate::distance::Distance;
use crate::gradient::repulsion::RepulsionMethod;
use crate::gradient::space::Space;
use crate::initialization::Initialization;
use crate::neighbors::{MOST_FEATURES, NeighborMethod};
use crate::observer::Stage;

/// What [`Tsne::fit`](crate::Tsne::fit) will need; [`Tsne::estimate`](crate::Tsne::estimate) makes it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// Number of points, n.
    pub n_samples: usize,
    /// Number of columns of the data, d.
    pub n_features: usize,
    /// Neighbors of each point, k.
    pub n_neighbors: usize,
    /// How they will be found.
    pub neighbor_method: NeighborMethod,
    /// How the sums over all pairs will be formed.
    pub repulsion: RepulsionMethod,
    /// Entries of P to be expected, each pair twice: between n k and 2 n k, depending on how mutual neighbors are.
    pub n_affinities: u64,
    /// Bytes of the data, 4 n d, which the caller holds.
    pub data_bytes: u64,
    /// Bytes of every stage that another run beside this one, from the same neighbors, does not take again: the code, the
    /// threads' stacks, and what the allocator keeps of the search.
    pub shared_bytes: u64,
    /// What each stage needs, in their order.
    pub stages: Vec<StageEstimate>,
}

/// What one stage will need.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct StageEstimate {
    /// The stage; [`Stage::Optimization`] stands for all iterations, exaggerated or not.
    pub stage: Stage,
    /// The most bytes that it and what was kept for it take at a time, beside the data.
    pub bytes: u64,
    /// Seconds of processor time, of all threads together, on a processor like the one where the constants were measured. A
    /// rough figure: processors differ by a factor of two and more.
    pub processor_seconds: f64,
}

impl Estimate {
    /// The stage that needs most.
    #[must_use]
    pub fn largest_stage(&self) -> StageEstimate {
        let none = StageEstimate { stage: Stage::Neighbors, bytes: 0, processor_seconds: 0.0 };
        self.stages
            .iter()
            .copied()
            .fold(none, |most, stage| if stage.bytes > most.bytes { stage } else { most })
    }

    /// The most bytes at a time, the data included.
    #[must_use]
    pub fn peak_bytes(&self) -> u64 {
        self.data_bytes.saturating_add(self.largest_stage().bytes)
    }

    /// The most bytes at a time that a run from `first` on has still to be given, the data left out.
    pub(crate) fn still_needed(&self, first: Stage) -> u64 {
        let stages = self.stages.iter().skip_while(|stage| stage.stage != first);
        stages.map(|stage| stage.bytes).max().unwrap_or(0).saturating_sub(self.shared_bytes)
    }

    /// Seconds of processor time of the whole run: see [`StageEstimate::processor_seconds`].
    #[must_use]
    pub fn processor_seconds(&self) -> f64 {
        self.stages.iter().map(|stage| stage.processor_seconds).sum()
    }
}

/// What the estimate depends on, methods resolved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) n_samples: usize,
    pub(crate) n_features: usize,
    pub(crate) rows: Rows,
    pub(crate) n_neighbors: usize,
    pub(crate) neighbor_method: NeighborMethod,
    pub(crate) repulsion: RepulsionMethod,
    pub(crate) space: Space,
    pub(crate) initialization: Initialization,
    pub(crate) iterations: usize,
    pub(crate) threads: usize,
}

/// What is searched for a distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// The rows as they are.
    Given,
    /// A copy, normalized.
    Normalized,
    /// A copy, whitened.
    Whitened,
    /// All pairs, by a loop for the distance.
    Measured,
}

impl From<&Distance> for Rows {
    fn from(distance: &Distance) -> Self {
        match distance {
            Distance::Mahalanobis => Self::Whitened,
            distance if distance.is_prepared() => Self::Normalized,
            distance if distance.is_euclidean_in_disguise() => Self::Given,
            _ => Self::Measured,
        }
    }
}

/// The factor from n k to the entries of P: 1.44 on the 70,000 digits of MNIST, 1.42 on a million made from them.
const ENTRIES_PER_NEIGHBOR: f64 = 1.45;

/// The estimate for `request`. All in `f64`, which no product of sizes overflows.
pub(crate) fn estimate(request: Request) -> Estimate {
    let Request { n_samples, n_features, n_neighbors, neighbor_method, repulsion, .. } = request;
    let (n, d, k) = (n_samples as f64, n_features as f64, n_neighbors as f64);
    let entries = (ENTRIES_PER_NEIGHBOR * n * k).min(n * (n - 1.0));
    let stage = |stage, bytes: f64, processor_seconds| StageEstimate {
        stage,
        // A cast from floating point saturates.
        bytes: bytes.ceil() as u64,
        processor_seconds,
    };
    let searching = memory::neighbors(&request, n, d, k);
    let retained = memory::retained_of_neighbors(&request, searching);
    let kept = memory::affinities_kept(n, entries) + retained;
    let stages = vec![
        stage(Stage::Neighbors, searching, time::neighbors(&request, n, d, k)),
        stage(
            Stage::Affinities,
            memory::affinities(&request, n, k, entries) + retained,
            time::affinities(n, k),
        ),
        stage(
            Stage::Initialization,
            kept + memory::initialization(&request, n, d),
            time::initialization(&request, n, d),
        ),
        stage(
            Stage::Optimization,
            kept + memory::optimization(&request, n, entries),
            time::optimization(&request, n, entries),
        ),
        stage(
            Stage::FinalDivergence,
            kept + memory::optimization(&request, n, entries),
            time::final_divergence(&request, n, entries),
        ),
    ];
    Estimate {
        n_samples,
        n_features,
        n_neighbors,
        neighbor_method,
        repulsion,
        n_affinities: entries as u64,
        data_bytes: (4.0 * n * d) as u64,
        shared_bytes: (memory::PROCESS + retained) as u64,
        stages,
    }
}

/// Bytes, stage by stage, beside the data.
mod memory {
    use super::{
        Initialization, MOST_FEATURES, NeighborMethod, RepulsionMethod, Request, Rows, affinities,
        lattice_nodes,
    };

    /// The code, the threads' stacks and what every allocator keeps.
    pub(super) const PROCESS: f64 = 18e6;

    /// An index and a squared distance.
    const NEIGHBOR: f64 = 8.0;
    /// An exact search keeps candidates beyond k, …
    const EXACT_MARGIN: f64 = 16.0;
    /// … each in a list that may be twice as long while it grows, …
    const EXACT_CANDIDATE: f64 = 16.0;
    /// … and for each row a list, its norm and its threshold.
    const SEARCH_ROW: f64 = 64.0;
    /// Rows of a block whose products are formed at once; a thread holds two such blocks and their products.
    const BLOCK: f64 = 512.0;
    /// Rows that are compared with all others by themselves: a list for each of 16 pieces of the data, of the candidates to keep and
    /// 256 more, for 256 rows in `f32`, or 128 in `f64`.
    const DIRECT_LISTS: f64 = 16.0 * 256.0 * 8.0;
    const DIRECT_CANDIDATES: f64 = EXACT_MARGIN + 256.0;
    /// Places on the axes of a short list: as found, turned, and as bytes; a row's norm, place and score.
    const SHORTLIST_AXES: f64 = 128.0;
    const SHORTLIST_ROW: f64 = 32.0;
    /// What the sample that a short list is tuned on takes beside its lists: measured on the whole process.
    const SAMPLED: f64 = 7e6;
    /// Values of at least so many columns may be bytes, which only the data tells, and are then copied as such, in lines of so many.
    const LINE_OF_BYTES: f64 = 64.0;
    const MOST_BYTES: f64 = 66_052.0;
    /// Rows of a thread's panel, each with room for three times 5/3 k candidates and twice that in their ranking.
    const PANEL: f64 = 128.0;
    const PANEL_CANDIDATE: f64 = 5.0 / 3.0 * (3.0 + 3.0) * 8.0;
    /// Columns up to which a search among clusters copies the data; beyond, it keeps principal axes, as all and as those used, …
    const CLUSTERED_WIDE: f64 = 160.0;
    const CLUSTERED_AXES: f64 = 2.0 * 96.0;
    /// … and for each cell of about 100 rows a center.
    const CELL: f64 = 100.0;
    /// A thread's products of the up to 16 cells of a group with those regarded, all at most, and their order.
    const CELLS_AT_ONCE: f64 = 4.0 * 16.0 + 12.0;
    /// Rows of a group, for which a thread has lists and a ranking of up to 2 k candidates, and a batch its results.
    const GROUP: f64 = 512.0;
    const GROUP_CANDIDATE: f64 = 2.0 * (4.0 + 3.0) * 8.0;
    const BATCH: f64 = 64.0;

    /// A search that measures pairs keeps the lists of a batch of rows, each with room for twice its neighbors.
    const MEASURED_BATCH: f64 = 1_024.0;
    const MEASURED_CANDIDATE: f64 = 2.0 * 16.0;
    /// The covariance, its factor's inverse, and what a product of them takes.
    const WHITENING: f64 = 24.0;

    pub(super) fn neighbors(request: &Request, n: f64, d: f64, k: f64) -> f64 {
        let threads = request.threads as f64;
        let found = NEIGHBOR * n * k;
        let copy = match request.rows {
            Rows::Given => 0.0,
            Rows::Normalized => 4.0 * n * d,
            Rows::Whitened => 4.0 * n * d + WHITENING * d * d,
            Rows::Measured => return PROCESS + found + MEASURED_CANDIDATE * k * MEASURED_BATCH.min(n),
        };
        // Of rows that are compared by themselves: those of samples, and those that an exact search is not certain of.
        let direct =
            DIRECT_LISTS * (k + DIRECT_CANDIDATES).min(n / 16.0) + threads * 4.0 * BLOCK * (d + 256.0);
        let search = match request.neighbor_method {
            NeighborMethod::Clustered => {
                let columns = if d < CLUSTERED_WIDE { d } else { CLUSTERED_AXES };
                let cells = n / CELL * (4.0 * d.min(CLUSTERED_WIDE) + threads * CELLS_AT_ONCE);
                let group = GROUP.min(n) * (GROUP_CANDIDATE * k + 16.0 * d.min(CLUSTERED_WIDE));
                let batch = (BATCH * GROUP).min(n) * NEIGHBOR * k;
                let probing = cells + threads * group + batch + found;
                n * (SEARCH_ROW + 4.0 * columns) + direct.max(probing) + covariance(request, d)
            }
            NeighborMethod::Shortlist => {
                let axes = SHORTLIST_AXES.min(d);
                let before = 8.0 * axes * n + direct + bytes(n, d);
                let batch = (32.0 * PANEL).max(n / 100.0).min(n) * NEIGHBOR * k;
                let scanning = threads * PANEL * PANEL_CANDIDATE * k + batch + found + bytes(n, d);
                SAMPLED + n * (SHORTLIST_ROW + axes) + before.max(scanning) + covariance(request, d)
            }
            _ if request.n_features <= MOST_FEATURES => n * SEARCH_ROW + found,
            _ => {
                let block = BLOCK.min(n);
                let blocks = threads * 4.0 * (2.0 * block * d + block * block);
                // The lists come before the result, but while they are ranked the ranked neighbors stand beside them. Rows are
                // searched again when they are gone.
                let lists = EXACT_CANDIDATE * (k + EXACT_MARGIN).min(n) * n + blocks;
                n * SEARCH_ROW + lists.max(direct) + found
            }
        };
        PROCESS + copy + search
    }

    /// The copy of values that are bytes, and a count for each row: the most that a short list may need beside the data.
    fn bytes(n: f64, d: f64) -> f64 {
        if !(LINE_OF_BYTES..MOST_BYTES).contains(&d) {
            0.0
        } else {
            n * ((d / LINE_OF_BYTES).ceil() * LINE_OF_BYTES + 4.0)
        }
    }

    /// The probabilities of neighbors by column, beside those that stand in the place of their distances.
    const TRANSPOSED: f64 = 8.0;
    /// An index and a value of P.
    const ENTRY: f64 = 8.0;
    /// The parts of P grow by doubling: on average a third is still empty.
    const PARTS_SLACK: f64 = 1.35;
    /// P is made in stripes, one for each of up to 8 threads at once, in as many rounds as there are for so many rows, or fewer
    /// where that would be fewer rows to a thread.
    const STRIPE_ROWS: f64 = 1_024.0;
    const MOST_STRIPES: usize = 8;

    pub(super) fn affinities(request: &Request, n: f64, k: f64, entries: f64) -> f64 {
        let stripes = request.threads.min(MOST_STRIPES) as f64;
        let at_once =
            (stripes * STRIPE_ROWS / n).clamp(1.0 / affinities::rounds(request.n_samples) as f64, 1.0);
        let parts = n * k * TRANSPOSED + PARTS_SLACK * ENTRY * entries;
        // What comes first is laid beside the others when what it was made of is gone.
        let making =
            if at_once < 1.0 { ENTRY * entries + at_once * parts } else { parts.max(2.0 * ENTRY * entries) };
        PROCESS + n * k * NEIGHBOR + making + 24.0 * n
    }

    /// P, once it is there.
    pub(super) fn affinities_kept(n: f64, entries: f64) -> f64 {
        PROCESS + ENTRY * entries + 8.0 * n
    }

    /// What the allocator keeps of a search beyond what the next stages take from it: of the many small lists of an exact one most.
    pub(super) fn retained_of_neighbors(request: &Request, searching: f64) -> f64 {
        let share = match request.neighbor_method {
            NeighborMethod::Exact if request.n_features > MOST_FEATURES => 0.4,
            NeighborMethod::Shortlist => 0.2,
            _ => 0.05,
        };
        share * (searching - PROCESS)
    }

    /// Principal axes: the covariance and what the iteration on it needs, for data that is not too wide for it.
    fn covariance(request: &Request, d: f64) -> f64 {
        let blocks = request.threads as f64 * 8.0 * d * 256.0;
        blocks + if d <= 2_048.0 { 20.0 * d * d } else { 8.0 * d * 200.0 }
    }

    pub(super) fn initialization(request: &Request, n: f64, d: f64) -> f64 {
        match request.initialization {
            Initialization::Random => 8.0 * n,
            Initialization::Pca => 16.0 * n + covariance(request, d),
        }
    }

    /// P is held a second time, packed and in the order of the map.
    const PACKED_ENTRY: f64 = 4.0;
    /// Positions, velocities, gains, attraction and gradient of a point, and what the packed P keeps for it.
    const POINT: f64 = 76.0;
    /// A point's places in the field's bins, and what is read for it; in a tree, its cells.
    const FIELD_POINT: f64 = 44.0;
    const TREE_POINT: f64 = 120.0;
    /// A node of the field's grid: its charges, their transforms, the kernel's.
    const NODE: f64 = 56.0;

    /// In other spaces: a coordinate, five times, a point's readings and place in the order of slabs, and a node of the grid.
    const COORDINATE: f64 = 28.0;
    const LATTICE_POINT: f64 = 32.0;
    const LATTICE_NODE: f64 = 36.0;

    pub(super) fn optimization(request: &Request, n: f64, entries: f64) -> f64 {
        if !request.space.is_usual() {
            let lattice = match request.repulsion {
                RepulsionMethod::Exact => 0.0,
                _ => LATTICE_POINT * n + LATTICE_NODE * lattice_nodes(request.space.n_components, n),
            };
            return COORDINATE * request.space.n_components as f64 * n + lattice;
        }
        let repulsion = match request.repulsion {
            RepulsionMethod::Exact => 0.0,
            RepulsionMethod::BarnesHut { .. } => TREE_POINT * n,
            _ => field(n),
        };
        PACKED_ENTRY * entries + POINT * n + repulsion
    }

    /// Nodes along an axis grow with the map until the grid becomes coarser instead.
    fn field(n: f64) -> f64 {
        let nodes = (2.5 * n.sqrt()).clamp(128.0, 2_048.0);
        FIELD_POINT * n + NODE * nodes * nodes
    }
}

/// Nodes of the grid in other spaces than the usual: a map grows with the root of its points, of as many dimensions as it has.
fn lattice_nodes(n_components: usize, n: f64) -> f64 {
    match n_components {
        1 => (2.0 * n).clamp(256.0, 1.0e6),
        2 => (2.5 * n.sqrt()).clamp(64.0, 2_048.0).powi(2),
        _ => (1.8 * n.cbrt()).clamp(32.0, 128.0).powi(3),
    }
}

/// Seconds of processor time, stage by stage: measured on one core of an AVX-512 server processor.
mod time {
    use super::{
        Initialization, MOST_FEATURES, NeighborMethod, RepulsionMethod, Request, Rows, lattice_nodes,
    };

    /// A multiplication and addition in a product of blocks, and what else a pair of rows costs.
    const MULTIPLY_ADD: f64 = 2.2e-11;
    const PAIR: f64 = 6e-10;
    /// A row beside another on the axes of a short list, of which most are not compared at all where rows are many.
    const LISTED: f64 = 3.2e-10;
    /// A value of a candidate in its ranking by products of bytes, as images have them; other values take several times as long.
    const RANKED_BYTE: f64 = 4e-11;
    const FEWEST_BYTES: f64 = 64.0;
    /// The axes of a short list need not be as exact as others.
    const SHORTLIST_AXES: f64 = 0.4;
    /// A row, and each of its columns, in a search among clusters.
    const CLUSTERED_ROW: f64 = 2.5e-5;
    const CLUSTERED_COLUMN: f64 = 4.9e-7;
    /// Beyond a million rows each takes longer, by this power of their number: of ten million, 1.6 times as long.
    const CLUSTERED_GROWTH: f64 = 0.2;
    /// A value of a row in the ranking of candidates by their full distances.
    const RANKED_VALUE: f64 = 2.5e-10;

    /// A value of a pair of rows, each pair twice, in the loop of a distance, and what else a pair costs.
    const MEASURED_VALUE: f64 = 1e-10;
    const MEASURED_PAIR: f64 = 4e-9;

    pub(super) fn neighbors(request: &Request, n: f64, d: f64, k: f64) -> f64 {
        let copy = match request.rows {
            Rows::Given => 0.0,
            Rows::Normalized => n * d * RANKED_VALUE,
            Rows::Whitened => 3.0 * n * d * d * MULTIPLY_ADD * 2.0 + 6e-10 * d * d * d,
            Rows::Measured => return n * n * (d * MEASURED_VALUE + MEASURED_PAIR),
        };
        copy + euclidean(request, n, d, k)
    }

    fn euclidean(request: &Request, n: f64, d: f64, k: f64) -> f64 {
        let pairs = n * n / 2.0;
        match request.neighbor_method {
            NeighborMethod::Clustered => {
                let axes =
                    if d < 160.0 { 0.0 } else { principal_axes(n, d) + 2.0 * k * n * d * RANKED_VALUE };
                n * (CLUSTERED_ROW + d.min(96.0) * CLUSTERED_COLUMN) * beyond_a_million(n, CLUSTERED_GROWTH)
                    + axes
            }
            _ if request.n_features <= MOST_FEATURES => 4e-8 * n * k,
            NeighborMethod::Shortlist => {
                // Fewer columns are never taken for bytes.
                let ranked = (d.min(FEWEST_BYTES) * RANKED_VALUE).max(d * RANKED_BYTE);
                n * n * LISTED + 2.0 * k * n * ranked + SHORTLIST_AXES * principal_axes(n, d)
            }
            _ => pairs * (d * MULTIPLY_ADD + PAIR) + k * n * d * RANKED_VALUE,
        }
    }

    fn beyond_a_million(n: f64, power: f64) -> f64 {
        (n / 1e6).max(1.0).powf(power)
    }

    /// A neighbor in the search for bandwidths and in P: where there are few rounds, and where there are more; of ten million rows 2.4
    /// times as long.
    const AFFINITY: f64 = 6.2e-8;
    const AFFINITY_FAR: f64 = 9e-8;
    const AFFINITY_GROWTH: f64 = 0.375;

    pub(super) fn affinities(n: f64, k: f64) -> f64 {
        let neighbor = if n < FAR_FROM { AFFINITY } else { AFFINITY_FAR };
        n * k * neighbor * beyond_a_million(n, AFFINITY_GROWTH)
    }

    fn principal_axes(n: f64, d: f64) -> f64 {
        if d <= 2_048.0 { 0.6 * n * d * d * MULTIPLY_ADD * 2.0 + 6e-10 * d * d * d } else { n * d * 4e-8 }
    }

    /// A value of the data in the projection on axes that the search has found.
    const PROJECTED_VALUE: f64 = 2.6e-9;

    pub(super) fn initialization(request: &Request, n: f64, d: f64) -> f64 {
        match request.initialization {
            Initialization::Random => 4e-8 * n,
            // The axes of a copy are not those of the data.
            Initialization::Pca
                if request.neighbor_method == NeighborMethod::Shortlist && request.rows == Rows::Given =>
            {
                PROJECTED_VALUE * n * d
            }
            Initialization::Pca => principal_axes(n, d),
        }
    }

    /// An entry of P in one iteration: where the map fits a core's cache, and where it does not.
    const ENTRY: f64 = 6e-10;
    const ENTRY_FAR: f64 = 8.5e-10;
    const FAR_FROM: f64 = 3e5;
    /// A point in one iteration of the field, its moves included.
    const POINT: f64 = 9.5e-8;
    const EXACT_PAIR: f64 = 1.4e-10;
    /// A point in one evaluation of the tree, its place in it included, and each cell that it is compared with, …
    const TREE_POINT: f64 = 1.3e-7;
    const TREE_CELL: f64 = 7.2e-9;
    /// … which with a small angle become all the points.
    const TREE_PAIR: f64 = 2.1e-10;

    /// In other spaces: an entry of P, a pair of the exact sum, a point in the field and a node of its grid.
    const GENERAL_ENTRY: f64 = 2.4e-9;
    const GENERAL_PAIR: f64 = 5e-10;
    const LATTICE_POINT: f64 = 2.5e-7;
    const LATTICE_NODE: f64 = 2e-7;

    fn repulsion_in_general(request: &Request, n: f64) -> f64 {
        match request.repulsion {
            RepulsionMethod::Exact => GENERAL_PAIR * n * n,
            _ => LATTICE_POINT * n + LATTICE_NODE * lattice_nodes(request.space.n_components, n),
        }
    }

    pub(super) fn optimization(request: &Request, n: f64, entries: f64) -> f64 {
        if !request.space.is_usual() {
            let iteration = GENERAL_ENTRY * entries + repulsion_in_general(request, n);
            return request.iterations as f64 * iteration;
        }
        let entry = if n < FAR_FROM { ENTRY } else { ENTRY_FAR };
        let repulsion = match request.repulsion {
            RepulsionMethod::Exact => EXACT_PAIR * n * n,
            RepulsionMethod::BarnesHut { angle } => tree(n, angle),
            _ => POINT * n,
        };
        request.iterations as f64 * (entry * entries + repulsion)
    }

    /// At each level of the tree a point is compared with some 1 / angle² cells.
    pub(super) fn tree(n: f64, angle: f64) -> f64 {
        let square = angle * angle;
        let cells = (n * square).ln().max(1.0) / square;
        n * (TREE_POINT + (TREE_CELL * cells).min(TREE_PAIR * n))
    }

    pub(super) fn final_divergence(request: &Request, n: f64, entries: f64) -> f64 {
        if !request.space.is_usual() {
            let pairs = if n <= 50_000.0 { GENERAL_PAIR * n * n } else { repulsion_in_general(request, n) };
            return 8.0 * GENERAL_ENTRY * entries + pairs;
        }
        let normalizer = if n <= 50_000.0 { EXACT_PAIR * n * n } else { POINT * n };
        8.0 * ENTRY * entries + normalizer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Schedule;

    fn request(n_samples: usize, n_features: usize, n_neighbors: usize) -> Request {
        Request {
            n_samples,
            n_features,
            rows: Rows::Given,
            n_neighbors,
            neighbor_method: NeighborMethod::Auto.resolve(n_samples, n_features),
            repulsion: RepulsionMethod::Auto.resolve(n_samples),
            space: Space::USUAL,
            initialization: Initialization::Pca,
            iterations: 500,
            threads: 2,
        }
    }

    #[test]
    fn more_of_anything_needs_more() {
        let peak = |n, d, k| estimate(request(n, d, k)).peak_bytes();
        let time = |n, d, k| estimate(request(n, d, k)).processor_seconds();
        for n in [500, 4_000, 50_000, 1_000_000, 10_000_000] {
            assert!(peak(2 * n, 50, 90) > peak(n, 50, 90));
            assert!(peak(n, 100, 90) > peak(n, 50, 90));
            assert!(peak(n, 50, 150) > peak(n, 50, 90));
            // Less than twice where a cheaper search takes over.
            assert!(time(2 * n, 50, 90) > 1.8 * time(n, 50, 90));
            assert!(time(n, 100, 90) >= time(n, 50, 90) && time(n, 50, 150) > time(n, 50, 90));
        }
    }

    #[test]
    fn nothing_is_less_than_what_must_be_held() {
        for (n, d, k) in [(4, 1, 3), (1_000, 784, 90), (70_000, 784, 90), (1_000_000, 50, 90)] {
            let estimate = estimate(request(n, d, k));
            assert_eq!(estimate.data_bytes, 4 * (n * d) as u64);
            let optimization =
                estimate.stages.iter().find(|stage| stage.stage == Stage::Optimization).unwrap();
            assert!(optimization.bytes > 8 * estimate.n_affinities + 40 * n as u64);
            assert!(estimate.n_affinities <= (n * (n - 1)) as u64);
            assert!(estimate.peak_bytes() > estimate.data_bytes + 16 * (n * k) as u64);
            assert!(estimate.stages.iter().all(|stage| stage.processor_seconds >= 0.0));
            if estimate.neighbor_method == NeighborMethod::Shortlist {
                // The values may be bytes, of which a search keeps a copy beside its result.
                assert!(estimate.stages[0].bytes > (n * d + 8 * n * k) as u64);
            }
        }
    }

    #[test]
    fn memory_is_that_which_was_measured() {
        // The peak of a run that was stopped after 20 iterations, with two threads; the pages of the mapped data are in both.
        let peak = estimate(request(10_000_000, 50, 90)).peak_bytes() as f64;
        assert!((1.0..1.15).contains(&(peak / 20.3e9)), "{peak:e}");
    }

    #[test]
    fn times_are_those_that_were_measured() {
        // Wall time of two cores, which were busy for 0.95 of it (docs/performance.md).
        for (n, d, measured) in [
            (10_000, 784, [0.146, 0.024, 0.298]),
            (70_000, 784, [1.34, 0.224, 2.04]),
            (1_000_000, 50, [22.9, 4.36, 52.6]),
        ] {
            let iterations = Schedule::iterations_for(n);
            let estimate = estimate(Request { iterations, ..request(n, d, 90) });
            for (stage, measured) in
                [Stage::Neighbors, Stage::Affinities, Stage::Optimization].into_iter().zip(measured)
            {
                let same = estimate.stages.iter().find(|other| other.stage == stage).unwrap();
                let ratio = same.processor_seconds / (2.0 * 0.95 * measured);
                assert!((0.75..1.35).contains(&ratio), "{n} × {d}, {stage}: a factor of {ratio:.2}");
            }
        }
    }

    #[test]
    fn the_time_of_ten_million_rows_is_that_which_was_measured() {
        // Of the iterations only the first twenty, which take longer than later ones.
        let estimate = estimate(request(10_000_000, 50, 90));
        for (stage, measured) in [(Stage::Neighbors, 420.0), (Stage::Affinities, 101.0)] {
            let same = estimate.stages.iter().find(|other| other.stage == stage).unwrap();
            let ratio = same.processor_seconds / (2.0 * 0.95 * measured);
            assert!((0.75..1.35).contains(&ratio), "{stage}: a factor of {ratio:.2}");
        }
    }

    #[test]
    fn a_tree_takes_longer_at_a_smaller_angle_as_measured() {
        // Milliseconds of one thread, one evaluation (docs/performance.md).
        for (n, angle, measured) in [
            (10_000.0, 0.2, 8.9),
            (10_000.0, 0.5, 4.0),
            (10_000.0, 0.8, 2.7),
            (70_000.0, 0.2, 103.0),
            (70_000.0, 0.5, 30.0),
            (70_000.0, 0.8, 17.0),
            (1e6, 0.5, 535.0),
        ] {
            let ratio = 1e3 * time::tree(n, angle) / measured;
            assert!((0.7..1.4).contains(&ratio), "{n} points, {angle}: a factor of {ratio:.2}");
        }
        let seconds = |angle| {
            let repulsion = RepulsionMethod::BarnesHut { angle };
            estimate(Request { repulsion, ..request(10_000, 50, 90) }).processor_seconds()
        };
        assert!(seconds(0.0) > seconds(0.2) && seconds(0.2) > seconds(0.5) && seconds(0.5) > seconds(1.0));
        assert!(time::tree(2_000.0, 0.0).is_finite());
    }

    #[test]
    fn no_size_overflows() {
        let estimate = estimate(request(usize::MAX, usize::MAX, usize::MAX - 1));
        assert_eq!(estimate.peak_bytes(), u64::MAX);
        assert!(estimate.processor_seconds().is_finite());
    }
}
