//! What `benchmarks/run.py` needs beside Python: a judge of maps, charts of results, and the limits of the machine.
//!
//! Three commands: `judge` measures how good a map is, whoever made it; `charts` draws a table of results; `limits` measures
//! how fast the machine reads, gathers and multiplies.

pub mod judge;
pub mod product;
