//! The maps of a sweep: one neighbor search for all perplexities, then each map from its own share of the neighbors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use gnomonic::neighbors::Found;
use gnomonic::{Fit, MatrixRef, Result, Start, Stop, Tsne};
use rayon::ThreadPoolBuilder;

use crate::interrupt::Interrupt;
use crate::plan;
use crate::progress::Progress;
use crate::watch::{AllPairs, Watch, WatchAll};

/// What all maps of a sweep have in common.
#[derive(Debug)]
pub(crate) struct Maps<'a> {
    pub(crate) x: MatrixRef<'a>,
    pub(crate) tsne: &'a Tsne,
    pub(crate) perplexities: &'a [f64],
    /// The threads of the pool that all maps are made on.
    pub(crate) threads: usize,
}

impl Maps<'_> {
    /// Makes the maps, in the order of the perplexities, each turned to the one of the next larger perplexity. After an exact search each
    /// is, but for that turn, to the bit the map that is made alone; after one by a short list its neighbors come from the longer list of
    /// the largest perplexity, so a few more of them are true.
    ///
    /// When the user stops the run once one of them is finished, the finished ones are returned. Until then there is nothing to
    /// keep, and Ctrl-C ends the process at once unless there is something else to lose.
    ///
    /// # Errors
    /// As [`Tsne::fit_observed`], and as cancelled when all pairs would have to be compared and may not.
    pub(crate) fn make(
        &self,
        all_pairs: &mut AllPairs,
        progress: &mut Progress,
        interrupt: &Interrupt,
    ) -> Result<Vec<Fit>> {
        let largest = self.perplexities.iter().copied().fold(0.0, f64::max);
        let search = self.tsne.clone().perplexity(largest).threads(None);
        let found = search.neighbors(self.x, &mut Watch::new(progress, interrupt).over_memory(all_pairs))?;
        progress.begin("initialization");
        let parameters = self.tsne.parameters();
        let start = parameters.initialization.start(self.x, found.axes.as_ref(), parameters.seed)?;
        let mut fits = if plan::side_by_side(self.x.n_samples(), self.perplexities.len(), self.threads) {
            self.side_by_side(&found, &start, progress, interrupt)?
        } else {
            self.one_by_one(&found, &start, progress, interrupt)?
        };
        align(&mut fits)?;
        Ok(fits)
    }

    fn one_by_one(
        &self,
        found: &Found,
        start: &Start,
        progress: &mut Progress,
        interrupt: &Interrupt,
    ) -> Result<Vec<Fit>> {
        let mut fits = Vec::with_capacity(self.perplexities.len());
        for &perplexity in self.perplexities {
            progress.end("");
            progress.note(&format!("\nperplexity {perplexity}"));
            let tsne = self.tsne.clone().perplexity(perplexity).threads(None);
            let fit = tsne.fit_neighbors(found, start.clone(), &mut Watch::new(progress, interrupt))?;
            if fit.record.stop == Stop::Cancelled {
                progress.end("");
                break;
            }
            progress.end(&format!("KL {:.4}", fit.record.kl_divergence));
            fits.push(fit);
            interrupt.defer();
            if interrupt.requested() {
                break;
            }
        }
        Ok(fits)
    }

    /// Each map on one thread, as many at once as there are threads; the largest perplexity, which takes longest, first.
    fn side_by_side(
        &self,
        found: &Found,
        start: &Start,
        progress: &mut Progress,
        interrupt: &Interrupt,
    ) -> Result<Vec<Fit>> {
        let mut order: Vec<usize> = (0..self.perplexities.len()).collect();
        order.sort_by(|&a, &b| self.perplexities[b].total_cmp(&self.perplexities[a]));
        progress.begin("maps");
        let n_iterations = self.tsne.parameters().schedule.plan(self.x.n_samples()).iterations();
        let watch = WatchAll::new(progress, interrupt, order.len().saturating_mul(n_iterations));
        let next = AtomicUsize::new(0);
        let made: Mutex<Vec<(usize, Result<Fit>)>> = Mutex::default();
        let work = || {
            while let Some(&place) = order.get(next.fetch_add(1, Ordering::Relaxed))
                && !interrupt.requested()
            {
                let perplexity = self.perplexities[place];
                let tsne = self.tsne.clone().perplexity(perplexity).threads(None);
                let fit = tsne.fit_neighbors(found, start.clone(), &mut watch.one(perplexity));
                if let Ok(fit) = &fit {
                    if fit.record.stop == Stop::Cancelled {
                        break;
                    }
                    interrupt.defer();
                }
                made.lock().unwrap_or_else(PoisonError::into_inner).push((place, fit));
            }
        };
        thread::scope(|scope| {
            let wanted = self.threads.min(order.len());
            let hired = (0..wanted)
                .take_while(|_| thread::Builder::new().spawn_scoped(scope, || on_one_thread(work)).is_ok());
            // Where the system refuses more threads, this one makes the maps one after another.
            if hired.count() == 0 {
                work();
            }
        });
        progress.end("");
        let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
        made.sort_by_key(|(place, _)| *place);
        made.into_iter().map(|(_, fit)| fit).collect()
    }
}

/// Turns each map to the one of the next larger perplexity, so that they can be compared by eye: turned and mirrored only, which changes
/// no distance. The largest perplexity shows most of the whole, and keeps the directions of the start.
fn align(fits: &mut [Fit]) -> Result<()> {
    let mut order: Vec<usize> = (0..fits.len()).collect();
    let perplexity = |fit: &Fit| fit.record.perplexity.unwrap_or_default();
    order.sort_by(|&a, &b| perplexity(&fits[b]).total_cmp(&perplexity(&fits[a])));
    for pair in order.windows(2) {
        fits[pair[1]].embedding = gnomonic::align(&fits[pair[1]].embedding, &fits[pair[0]].embedding)?;
    }
    Ok(())
}

/// Has `work` do on this thread what it would do in parallel. The thread is good for nothing else afterwards.
fn on_one_thread(work: impl FnOnce()) {
    // Kept until the end. A thread that is part of a pool already, which is refused, works in that.
    let _pool = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    work();
}
