//! Run-time choice of instruction set: the same loops, compiled for what the processor has.
//!
//! The loops themselves are plain Rust with a fixed number of lanes and no fused multiply-add, so their results do not
//! depend on the instruction set. What is written in intrinsics, and the products and transforms of other crates, may.

#![allow(unsafe_code)]

/// Which vector instructions the loops of this crate use; each level has those of the levels before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The best level of the processor that runs this.
#[inline]
pub(crate) fn level() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        // The standard library caches the answers in an atomic.
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
        {
            return Level::Avx512;
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Level::Avx2;
        }
    }
    Level::Baseline
}

/// All levels of the processor that runs this, for tests of each.
#[cfg(test)]
pub(crate) fn levels() -> impl Iterator<Item = Level> {
    #[cfg(target_arch = "x86_64")]
    let all = [Level::Baseline, Level::Avx2, Level::Avx512];
    #[cfg(not(target_arch = "x86_64"))]
    let all = [Level::Baseline];
    all.into_iter().filter(|&each| each <= level())
}

/// The level's name for the record of a run.
pub(crate) fn level_name() -> &'static str {
    match level() {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => "x86-64 with AVX-512",
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => "x86-64 with AVX2",
        Level::Baseline => std::env::consts::ARCH,
    }
}

/// Runs `body` compiled for the best instruction set. For that, everything that `body` calls must be inlined into it:
/// mark those functions `#[inline(always)]`, and a large closure too.
#[inline]
pub(crate) fn vectorized<R>(body: impl FnOnce() -> R) -> R {
    vectorized_at(level(), body)
}

/// [`vectorized`] for instructions up to `most`, which tests choose.
#[inline]
pub(crate) fn vectorized_at<R>(most: Level, body: impl FnOnce() -> R) -> R {
    match most.min(level()) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `level` has just found every feature that `avx512` enables.
        Level::Avx512 => unsafe { avx512(body) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `level` has just found `avx2`'s features, or those of AVX-512, which contain them.
        Level::Avx2 => unsafe { avx2(body) },
        Level::Baseline => body(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
fn avx512<R>(body: impl FnOnce() -> R) -> R {
    body()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Asks for `values` to be brought into the cache, for a read that comes soon.
#[inline]
pub(crate) fn prefetch(values: &[f32]) {
    #[cfg(target_arch = "x86_64")]
    for line in values.chunks(16) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch of any address is allowed; this one is inside the slice.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}
