//! Ties a run of t-SNE to the terminal: its stages to the progress told, Ctrl-C to the end of the iteration.

use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use gnomonic::observer::{Control, Iteration, Observer, Stage, Warning};

use crate::failure::{Interrupted, Usage};
use crate::interrupt::Interrupt;
use crate::progress::Progress;

/// Watches one run.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    progress: &'a mut Progress,
    interrupt: &'a Interrupt,
    kl_divergence: Option<f64>,
    /// The iterating stage under way: when it began, and after which iteration.
    pace: Option<(Instant, usize)>,
    all_pairs: Option<&'a mut AllPairs>,
    /// Whether an unfinished map is worth keeping.
    keeps_unfinished: bool,
}

/// Whether a run may compare all pairs of rows when the search that was chosen does not suit the data.
#[derive(Debug)]
pub(crate) enum AllPairs {
    Allowed,
    /// That would need too much memory, as the text says.
    Refused(String),
    /// A run has been stopped for it.
    Stopped(String),
}

impl AllPairs {
    /// Why a run was stopped before there was a map: for this, or by the user.
    pub(crate) fn why_stopped(&self) -> anyhow::Error {
        match self {
            Self::Stopped(reason) => Usage(reason.clone()).into(),
            _ => Interrupted("before there was a map; nothing was written".into()).into(),
        }
    }
}

impl<'a> Watch<'a> {
    pub(crate) fn new(progress: &'a mut Progress, interrupt: &'a Interrupt) -> Self {
        Self {
            progress,
            interrupt,
            kl_divergence: None,
            pace: None,
            all_pairs: None,
            keeps_unfinished: false,
        }
    }

    /// Watches over memory too.
    pub(crate) fn over_memory(self, all_pairs: &'a mut AllPairs) -> Self {
        Self { all_pairs: Some(all_pairs), ..self }
    }

    /// Has Ctrl-C wait for the end of the iteration once there are any: the map so far is to be kept.
    pub(crate) fn keeping_unfinished(self) -> Self {
        Self { keeps_unfinished: true, ..self }
    }

    fn control(&self) -> Control {
        let stopped = matches!(self.all_pairs, Some(AllPairs::Stopped(_)));
        if stopped || self.interrupt.requested() { Control::Stop } else { Control::Continue }
    }
}

impl Observer for Watch<'_> {
    fn stage(&mut self, stage: Stage) {
        self.pace = None;
        if self.keeps_unfinished && matches!(stage, Stage::EarlyExaggeration | Stage::Optimization) {
            self.interrupt.defer();
        }
        self.progress.begin(&stage.to_string());
    }

    fn progress(&mut self, _stage: Stage, fraction: f64) -> Control {
        self.progress.advance(fraction);
        self.control()
    }

    fn iteration(&mut self, iteration: &Iteration<'_>) -> Control {
        self.kl_divergence = iteration.kl_divergence.or(self.kl_divergence);
        let (done, total) = (iteration.iteration, iteration.iterations);
        let (began, before) = *self.pace.get_or_insert_with(|| {
            self.progress.continue_from((done - 1) as f64 / total.max(1) as f64);
            (Instant::now(), done)
        });
        let rate = (done - before) as f64 / began.elapsed().as_secs_f64().max(1e-9);
        let kl_divergence = self.kl_divergence;
        if done > before {
            self.progress.iterate(done, total, rate, || {
                kl_divergence.map(|kl| format!("KL {kl:.3}   ")).unwrap_or_default()
            });
        }
        self.control()
    }

    fn warning(&mut self, warning: &Warning) {
        self.progress.warn(&warning.to_string());
        if let (Warning::ExactNeighbors { .. }, Some(all_pairs)) = (warning, &mut self.all_pairs)
            && let AllPairs::Refused(reason) = all_pairs
        {
            **all_pairs = AllPairs::Stopped(mem::take(reason));
        }
    }
}

/// Watches several runs at once, as one stage: all their iterations count together.
#[derive(Debug)]
pub(crate) struct WatchAll<'a> {
    interrupt: &'a Interrupt,
    told: Mutex<Told<'a>>,
}

#[derive(Debug)]
struct Told<'a> {
    progress: &'a mut Progress,
    began: Instant,
    done: usize,
    total: usize,
}

impl<'a> WatchAll<'a> {
    /// `total` iterations, of all runs together.
    pub(crate) fn new(progress: &'a mut Progress, interrupt: &'a Interrupt, total: usize) -> Self {
        let told = Mutex::new(Told { progress, began: Instant::now(), done: 0, total });
        Self { interrupt, told }
    }

    /// Watches one of the runs, the one at `perplexity`.
    pub(crate) fn one(&'a self, perplexity: f64) -> WatchOne<'a> {
        WatchOne { all: self, perplexity }
    }
}

/// Watches one run of several.
#[derive(Debug)]
pub(crate) struct WatchOne<'a> {
    all: &'a WatchAll<'a>,
    perplexity: f64,
}

impl Observer for WatchOne<'_> {
    fn iteration(&mut self, _iteration: &Iteration<'_>) -> Control {
        let told = &mut *self.all.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.done += 1;
        let rate = told.done as f64 / told.began.elapsed().as_secs_f64().max(1e-9);
        told.progress.iterate(told.done.min(told.total), told.total, rate, String::new);
        if self.all.interrupt.requested() { Control::Stop } else { Control::Continue }
    }

    fn warning(&mut self, warning: &Warning) {
        let told = &mut *self.all.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.progress.warn(&match warning {
            // It names the perplexity itself.
            Warning::FewNeighbors { .. } => warning.to_string(),
            _ => format!("perplexity {}: {warning}", self.perplexity),
        });
    }
}
