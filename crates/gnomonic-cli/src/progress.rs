//! What a run is doing, told on stderr: a bar with rate, KL and time left on a terminal, plain lines elsewhere.
//!
//! Finished stages stay as lines of a table, name, time and what came of it, so that the whole reads as a log:
//!
//! ```text
//!   read                 0.1 s   10,000 × 784
//!   neighbors            2.3 s
//!   early exaggeration   1.1 s
//!   optimization         ━━━━━━━━━━╸─────────────  212/350   KL 2.413   310/s   1 s left
//! ```

use std::io::{self, IsTerminal as _, Write as _};
use std::thread;
use std::time::{Duration, Instant};

use gnomonic_datasets::shown;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Width of the stage's name: that of the longest, `early exaggeration`.
const NAME_WIDTH: usize = 18;
/// Steps of a bar; finer than any terminal draws.
const BAR_STEPS: u64 = 1000;

/// Tells what happens, and keeps the time of each stage for the record.
#[derive(Debug)]
pub(crate) struct Progress {
    face: Face,
    running: Option<Running>,
    timings: Vec<(String, Duration)>,
    warnings: Vec<String>,
}

#[derive(Debug)]
enum Face {
    Quiet,
    Lines,
    /// The bar of the stage under way.
    Terminal(Option<ProgressBar>),
}

#[derive(Debug)]
struct Running {
    name: String,
    began: Instant,
    /// The tenth that the next plain line is due at, and when the last one was written.
    next_tenth: u32,
    last_line: Instant,
}

impl Progress {
    /// Progress on stderr, in the form that suits where it goes; none when `quiet`.
    pub(crate) fn new(quiet: bool) -> Self {
        let face = if quiet {
            Face::Quiet
        } else if io::stderr().is_terminal() {
            Face::Terminal(None)
        } else {
            Face::Lines
        };
        Self { face, running: None, timings: Vec::new(), warnings: Vec::new() }
    }

    /// Begins a stage; the one before it, if still open, ends without a word.
    pub(crate) fn begin(&mut self, name: &str) {
        self.end("");
        let now = Instant::now();
        self.running = Some(Running { name: name.to_owned(), began: now, next_tenth: 1, last_line: now });
        if let Face::Terminal(bar) = &mut self.face {
            let new = ProgressBar::with_draw_target(Some(BAR_STEPS), ProgressDrawTarget::stderr())
                .with_style(waiting_style())
                .with_prefix(name.to_owned());
            // The bar ticks on a thread of its own, and would panic where that is refused.
            if thread::Builder::new().spawn(|| ()).is_ok() {
                new.enable_steady_tick(Duration::from_millis(120));
            }
            *bar = Some(new);
        }
    }

    /// The stage under way has done `fraction` of its work.
    pub(crate) fn advance(&mut self, fraction: f64) {
        let Some(running) = &mut self.running else { return };
        let message = match time_left(running.began.elapsed(), fraction) {
            Some(left) => format!("{:3.0} %   {left}", fraction * 100.0),
            None => format!("{:3.0} %", fraction * 100.0),
        };
        // A stage that is over within a second or two needs no lines of its own.
        self.show(fraction, Duration::from_secs(1), || message);
    }

    /// The stage under way, one of those that iterate, has finished iteration `done` of `total`.
    pub(crate) fn iterate(&mut self, done: usize, total: usize, rate: f64, detail: impl FnOnce() -> String) {
        let fraction = done as f64 / total.max(1) as f64;
        self.show(fraction, Duration::from_millis(100), || {
            let left = left((total - done) as f64 / rate);
            format!("{done:>4}/{total}   {}{rate:.0}/s   {left}", detail())
        });
    }

    /// Shows that the stage under way has come to `fraction`: on lines, at every tenth, but not before `pause` has
    /// passed since the last one.
    fn show(&mut self, fraction: f64, pause: Duration, message: impl FnOnce() -> String) {
        let Some(running) = &mut self.running else { return };
        match &self.face {
            Face::Quiet => {}
            Face::Lines => {
                let tenth = (fraction * 10.0 + 1e-9) as u32;
                let due = tenth >= running.next_tenth && tenth < 10;
                if due && running.last_line.elapsed() >= pause {
                    running.next_tenth = tenth + 1;
                    running.last_line = Instant::now();
                    say(&format!("  {:NAME_WIDTH$}            {}", running.name, message()));
                }
            }
            Face::Terminal(None) => {}
            Face::Terminal(Some(bar)) => {
                let position = (fraction * BAR_STEPS as f64) as u64;
                if bar.position() == 0 {
                    bar.set_style(bar_style());
                }
                bar.set_position(position.clamp(1, BAR_STEPS));
                bar.set_message(message());
            }
        }
    }

    /// Where the next plain line is due: an iterating stage that follows another goes on counting in its tenths.
    pub(crate) fn continue_from(&mut self, fraction: f64) {
        if let Some(running) = &mut self.running {
            running.next_tenth = (fraction * 10.0 + 1e-9) as u32 + 1;
        }
    }

    /// Ends the stage under way and says what came of it.
    pub(crate) fn end(&mut self, outcome: &str) {
        let Some(running) = self.running.take() else { return };
        let took = running.began.elapsed();
        let line = format!("  {:NAME_WIDTH$}  {:>8}   {outcome}", running.name, seconds(took));
        self.timings.push((running.name, took));
        self.clear_bar();
        self.note(line.trim_end());
    }

    /// The stage under way ends untold: it failed, and the error says why.
    pub(crate) fn abandon(&mut self) {
        self.running = None;
        self.clear_bar();
    }

    fn clear_bar(&mut self) {
        if let Face::Terminal(bar) = &mut self.face
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }

    /// Tells one line, unless quiet.
    pub(crate) fn note(&self, line: &str) {
        if !matches!(self.face, Face::Quiet) {
            self.write(line);
        }
    }

    /// Warns, even when quiet, and keeps the warning for the record. The same warning is told once.
    pub(crate) fn warn(&mut self, warning: &str) {
        if self.warnings.iter().any(|told| told == warning) {
            return;
        }
        self.warnings.push(warning.to_owned());
        self.write(&format!("warning: {warning}"));
    }

    /// The warnings told so far.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Each stage that has ended, with the time it took, in order.
    pub(crate) fn timings(&self) -> &[(String, Duration)] {
        &self.timings
    }

    fn write(&self, line: &str) {
        match &self.face {
            Face::Terminal(Some(bar)) => bar.suspend(|| say(line)),
            Face::Quiet | Face::Lines | Face::Terminal(None) => say(line),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.abandon();
    }
}

fn bar_style() -> ProgressStyle {
    ProgressStyle::with_template("  {prefix:18}   {bar:24}   {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

/// For a stage whose end is not in sight: a spinner where the time will stand.
fn waiting_style() -> ProgressStyle {
    ProgressStyle::with_template("  {prefix:18}  {spinner:>8}   {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
}

fn time_left(elapsed: Duration, fraction: f64) -> Option<String> {
    // Sooner, the guess would jump about.
    if fraction < 0.02 || elapsed < Duration::from_millis(500) {
        return None;
    }
    Some(left(elapsed.as_secs_f64() * (1.0 - fraction) / fraction))
}

/// A guess at the time left, no finer than it is known: `3 s left`, `2 min 05 s left`.
fn left(guess: f64) -> String {
    let whole = guess.clamp(0.0, 1e9).ceil();
    if whole < 60.0 {
        return format!("{whole} s left");
    }
    format!("{} left", seconds(Duration::from_secs_f64(whole)))
}

/// A duration as people say it: `0.34 s`, `12.3 s`, `2 min 05 s`, `1 h 02 min`.
pub(crate) fn seconds(duration: Duration) -> String {
    let total = duration.as_secs_f64();
    let whole = total.round() as u64;
    if total < 9.995 {
        format!("{total:.2} s")
    } else if total < 59.95 {
        format!("{total:.1} s")
    } else if whole < 3600 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{} h {:02} min", whole / 3600, whole % 3600 / 60)
    }
}

/// One line on stderr; when nobody listens there, the run goes on. Whatever it quotes, a terminal obeys none of it.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{}", shown::lines(line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        let text = |seconds_: f64| seconds(Duration::from_secs_f64(seconds_));
        assert_eq!(text(0.34), "0.34 s");
        assert_eq!(text(9.999), "10.0 s");
        assert_eq!(text(59.96), "1 min 00 s");
        assert_eq!(text(125.0), "2 min 05 s");
        assert_eq!(text(3725.0), "1 h 02 min");
    }

    #[test]
    fn the_time_left_waits_until_it_can_be_known() {
        assert_eq!(time_left(Duration::from_secs(4), 0.01), None);
        assert_eq!(time_left(Duration::from_millis(10), 0.5), None);
        assert_eq!(time_left(Duration::from_secs(4), 0.8).as_deref(), Some("1 s left"));
        assert_eq!(left(124.2), "2 min 05 s left");
    }

    #[test]
    fn stages_leave_their_names_and_times() {
        let mut progress = Progress::new(true);
        progress.begin("read");
        progress.advance(0.5);
        progress.begin("neighbors");
        progress.end("done");
        let names: Vec<&str> = progress.timings().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["read", "neighbors"]);
    }

    #[test]
    fn a_warning_is_kept_once() {
        let mut progress = Progress::new(true);
        progress.warn("few neighbors");
        progress.warn("few neighbors");
        assert_eq!(progress.warnings(), ["few neighbors"]);
    }
}
