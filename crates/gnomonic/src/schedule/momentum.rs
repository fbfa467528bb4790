//! How much of a step is kept for the next.

use crate::error::{Result, legible, refuse};

/// The share of a step that the next one keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Momentum {
    /// The same in every iteration of the phase.
    Constant(f64),
    /// One less a [`Friction`] that falls, stays low and rises again.
    Settling(Friction),
}

impl Momentum {
    /// Checks the numbers; `name` is the phase's.
    pub(super) fn validate(&self, name: &'static str) -> Result<()> {
        match self {
            Self::Constant(momentum) if (0.0..1.0).contains(momentum) => Ok(()),
            Self::Constant(momentum) => {
                refuse(name, legible(*momentum), "must be at least 0 and below 1; 0.8 is usual")
            }
            Self::Settling(friction) => friction.validate(),
        }
    }

    /// The same with the least friction that suits `n_samples` points.
    pub(super) fn resolve(self, n_samples: usize) -> Self {
        match self {
            Self::Settling(friction) => Self::Settling(Friction {
                least: Some(friction.least.unwrap_or_else(|| Friction::least_for(n_samples))),
                ..friction
            }),
            constant @ Self::Constant(_) => constant,
        }
    }
}

/// A friction, which is one less the momentum, over a phase: it falls from [`first`](Self::first) to [`least`](Self::least),
/// stays there while the map glides, and rises to [`last`](Self::last) while the map settles. It falls and rises geometrically.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Friction {
    /// In the first iteration of the phase. Default 0.5: when exaggeration ends everything expands, and with little friction it
    /// would overshoot.
    pub first: f64,
    /// While the map glides. Default `None`: 0.02 · (2000 / n)^¼, from 0.01 to 0.05 (measured). Clusters drift apart slowly, and
    /// the more slowly the larger the map is: a drift's speed is the learning rate over the friction.
    pub least: Option<f64>,
    /// Towards the end of the phase. Default 0.5: what little friction has let move to and fro comes to rest.
    pub last: f64,
    /// The share of the phase after which the map glides. Default 0.3.
    pub glides_from: f64,
    /// The share of the phase after which the map settles, unless a stop rule has it settle sooner. Default 0.6.
    pub settles_from: f64,
}

impl Default for Friction {
    fn default() -> Self {
        Self { first: 0.5, least: None, last: 0.5, glides_from: 0.3, settles_from: 0.6 }
    }
}

impl Friction {
    /// What [`least`](Self::least) is by itself for so many points.
    #[must_use]
    pub fn least_for(n_samples: usize) -> f64 {
        (0.02 * (2_000.0 / n_samples.max(1) as f64).powf(0.25)).clamp(0.01, 0.05)
    }

    fn validate(&self) -> Result<()> {
        for friction in [self.first, self.last].into_iter().chain(self.least) {
            if !(friction > 0.0 && friction <= 1.0) {
                let bound = "must be above 0 and at most 1; 0.01 to 0.05 is usual while a map glides";
                return refuse("friction", legible(friction), bound);
            }
        }
        let [glides, settles] = [self.glides_from, self.settles_from];
        if !(0.0 <= glides && glides <= settles && settles <= 1.0) {
            let value = format!("to glide from {} and settle from {}", legible(glides), legible(settles));
            return refuse(
                "friction",
                value,
                "must do both within the phase, from 0 to 1, one after the other",
            );
        }
        Ok(())
    }

    /// The friction in iteration `at` of a phase of `length` iterations, of which the map settles from `settles`.
    pub(super) fn at(&self, at: usize, length: usize, settles: usize, n_settling: usize) -> f64 {
        let least = self.least.unwrap_or(self.last);
        let (at, glides) = (at as f64, self.glides_from * length as f64);
        let settled = (at - settles as f64) / n_settling.max(1) as f64;
        if settled >= 0.0 {
            least * (self.last / least).powf(settled.min(1.0))
        } else if at < glides {
            self.first * (least / self.first).powf(at / glides)
        } else {
            least
        }
    }
}
