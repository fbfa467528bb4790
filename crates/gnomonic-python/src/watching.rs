//! A run beside Python: it works on a thread of its own, while the caller's thread listens for Ctrl-C and calls back.

use crate::errors::raised;
use gnomonic::observer::{Control, Iteration, Observer, Stage, Warning};
use gnomonic::{ErrorKind, Result};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// How often Python is asked whether there is a signal.
const EVERY: Duration = Duration::from_millis(50);

/// What a run says.
enum Said {
    Stage(Stage),
    Progress(Stage, f64),
    Warning(String),
    /// An iteration, with the map if it is asked for; the run waits for the answer.
    Iteration {
        iteration: usize,
        iterations: usize,
        kl_divergence: Option<f64>,
        gradient_norm: f64,
        map: Vec<f32>,
        answer: Sender<bool>,
    },
}

/// What Python is told of.
struct Listener<'py> {
    callback: Option<Bound<'py, PyAny>>,
}

/// The observer, on the run's thread.
struct Watch<'a> {
    cancelled: &'a AtomicBool,
    said: Sender<Said>,
    /// Iterations between two calls of the callback; none without one.
    every: Option<usize>,
}

impl Watch<'_> {
    fn control(&self) -> Control {
        if self.cancelled.load(Ordering::Relaxed) { Control::Stop } else { Control::Continue }
    }
}

impl Observer for Watch<'_> {
    fn stage(&mut self, stage: Stage) {
        let _ = self.said.send(Said::Stage(stage));
    }

    fn progress(&mut self, stage: Stage, fraction: f64) -> Control {
        let _ = self.said.send(Said::Progress(stage, fraction));
        self.control()
    }

    fn iteration(&mut self, state: &Iteration<'_>) -> Control {
        if let Some(every) = self.every
            && (state.iteration.is_multiple_of(every) || state.iteration == state.iterations)
        {
            let (answer, goes_on) = channel();
            let said = Said::Iteration {
                iteration: state.iteration,
                iterations: state.iterations,
                kl_divergence: state.kl_divergence,
                gradient_norm: state.gradient_norm,
                map: state.embedding(),
                answer,
            };
            if self.said.send(said).is_ok() && goes_on.recv() == Ok(false) {
                return Control::Stop;
            }
        }
        self.control()
    }

    fn warning(&mut self, warning: &Warning) {
        let _ = self.said.send(Said::Warning(warning.to_string()));
    }
}

/// Does `work` on a thread of its own, without the lock of the interpreter. `callback`, if there is one, is called as
/// `callback(event, …)`; where it returns `False` for an iteration, the run ends with the map so far.
///
/// # Errors
/// Those of the work and of the callback, and `KeyboardInterrupt`.
pub(crate) fn beside_python<T: Send>(
    py: Python<'_>,
    callback: Option<Bound<'_, PyAny>>,
    every: Option<usize>,
    work: impl FnOnce(&mut dyn Observer) -> Result<T> + Send,
) -> PyResult<T> {
    let cancelled = AtomicBool::new(false);
    let (said, heard) = channel();
    // Only this thread uses it, but a wait without the interpreter's lock may use nothing that is one thread's own.
    let heard = Mutex::new(heard);
    let listener = Listener { callback };
    let every = listener.callback.as_ref().and(every);
    let (result, raised_here) = thread::scope(|scope| {
        let mut watch = Watch { cancelled: &cancelled, said, every };
        let run = scope.spawn(move || work(&mut watch));
        let raised_here = listener.listen(py, &heard, &cancelled).err();
        if raised_here.is_some() {
            cancelled.store(true, Ordering::Relaxed);
        }
        // Nobody answers any more: a run that waits goes on, and sees that it is over.
        drop(heard);
        (py.detach(|| run.join()), raised_here)
    });
    if let Some(error) = raised_here {
        return Err(error);
    }
    match result {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) if *error.kind() == ErrorKind::Cancelled => Err(PyKeyboardInterrupt::new_err("")),
        Ok(Err(error)) => Err(raised(&error)),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

impl Listener<'_> {
    /// Until the run has no more to say.
    fn listen(&self, py: Python<'_>, heard: &Mutex<Receiver<Said>>, cancelled: &AtomicBool) -> PyResult<()> {
        loop {
            match py.detach(|| {
                heard
                    .lock()
                    .map(|heard| heard.recv_timeout(EVERY))
                    .unwrap_or(Err(RecvTimeoutError::Disconnected))
            }) {
                Ok(said) => self.tell(py, said, cancelled)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            py.check_signals()?;
        }
    }

    fn tell(&self, py: Python<'_>, said: Said, cancelled: &AtomicBool) -> PyResult<()> {
        let Some(callback) = &self.callback else {
            return Ok(());
        };
        match said {
            Said::Stage(stage) => callback.call1(("stage", stage.to_string()))?,
            Said::Progress(stage, fraction) => callback.call1(("progress", stage.to_string(), fraction))?,
            Said::Warning(text) => callback.call1(("warning", text))?,
            Said::Iteration { iteration, iterations, kl_divergence, gradient_norm, map, answer } => {
                let map = numpy::PyArray1::from_vec(py, map);
                let told = ("iteration", iteration, iterations, kl_divergence, gradient_norm, map);
                let goes_on = callback.call1(told)?;
                let goes_on = goes_on.is_none() || goes_on.is_truthy()?;
                if !goes_on {
                    cancelled.store(true, Ordering::Relaxed);
                }
                let _ = answer.send(goes_on);
                return Ok(());
            }
        };
        Ok(())
    }
}
