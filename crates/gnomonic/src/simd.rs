//! Run-time choice of instruction set: the same loops, compiled for what the processor has.
//!
//! The loops themselves are plain Rust with a fixed number of lanes and no fused multiply-add, so their results do not
//! depend on the instruction set. What is written in intrinsics, and the products and transforms of other crates, may.
//!
//! All detection of this crate's own loops goes through here, so that one variable of the environment, [`VARIABLE`], shows how it works
//! on lesser processors: `avx512`, `avx2` or `baseline` are the most that is used of what the processor has, and nothing that has no
//! name there, such as products of bytes. Other crates' products and transforms detect for themselves.

#![allow(unsafe_code)]

use crate::error::{ErrorKind, Result};
use std::env;
use std::sync::OnceLock;

/// Names the level that bounds what is used. Read once, at the first use.
const VARIABLE: &str = "GNOMONIC_SIMD";

/// Which vector instructions the loops of this crate use; each level has those of the levels before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The level of that name, in capitals or not.
    fn from_name(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "baseline" => Some(Self::Baseline),
            #[cfg(target_arch = "x86_64")]
            "avx2" => Some(Self::Avx2),
            #[cfg(target_arch = "x86_64")]
            "avx512" => Some(Self::Avx512),
            // One setting may serve all machines.
            #[cfg(not(target_arch = "x86_64"))]
            "avx2" | "avx512" => Some(Self::Baseline),
            _ => None,
        }
    }

    /// The best level of the processor.
    fn detected() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            // In this order each level contains those before it.
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                let avx512 = is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("popcnt");
                return if avx512 { Self::Avx512 } else { Self::Avx2 };
            }
        }
        Self::Baseline
    }
}

/// What this process may use.
#[derive(Clone, Copy)]
struct Choice {
    level: Level,
    #[cfg(target_arch = "x86_64")]
    is_limited: bool,
}

fn choice() -> Choice {
    static CHOICE: OnceLock<Choice> = OnceLock::new();
    *CHOICE.get_or_init(|| {
        // What is no level bounds nothing; `check` refuses it where there is somebody to tell.
        let most = env::var(VARIABLE).ok().and_then(|name| Level::from_name(&name));
        let detected = Level::detected();
        Choice {
            level: most.unwrap_or(detected).min(detected),
            #[cfg(target_arch = "x86_64")]
            is_limited: most.is_some(),
        }
    })
}

/// The best level that may be used; the processor that runs this has it.
#[inline]
pub(crate) fn level() -> Level {
    choice().level
}

/// Whether what the processor has beyond its level may be used too.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn is_unlimited() -> bool {
    !choice().is_limited
}

/// Refuses what the environment says when it is no level.
pub(crate) fn check() -> Result<()> {
    let value = env::var_os(VARIABLE).unwrap_or_default();
    let value = value.to_string_lossy().into_owned();
    if value.trim().is_empty() || Level::from_name(&value).is_some() {
        return Ok(());
    }
    let bound = "must be avx512, avx2 or baseline, or not be set".to_owned();
    let value = format!("{value:?}");
    Err(ErrorKind::Parameter { name: "GNOMONIC_SIMD in the environment", value, bound }.into())
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

/// Evaluates an expression compiled for the level. For that, every function that it calls must be inlined into it: mark those
/// `#[inline(always)]`, as this does with the expression, or they are compiled for the baseline, with the same results.
macro_rules! vectorize {
    ($body:expr) => {
        $crate::simd::at_level(
            #[inline(always)]
            || $body,
        )
    };
}
pub(crate) use vectorize;

/// What [`vectorize!`] calls.
#[inline]
pub(crate) fn at_level<R>(body: impl FnOnce() -> R) -> R {
    match level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the level is at most what `Level::detected` found, which has every feature that `avx512` enables.
        Level::Avx512 => unsafe { avx512(body) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the same for `avx2`.
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

/// Bytes that come from memory together.
#[cfg(target_arch = "x86_64")]
const CACHE_LINE: usize = 64;

/// Asks for `values` to be brought into the cache, for a read that comes soon.
#[inline]
pub(crate) fn prefetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in values.chunks((CACHE_LINE / size_of::<T>().max(1)).max(1)) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch of any address is allowed; this one is inside the slice.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}
