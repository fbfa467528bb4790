//! Runs that write into one place at once.

use std::time::Duration;

use super::Run;
use crate::session::Session;

#[test]
fn the_files_of_two_runs_are_never_mixed() {
    for _ in 0..6 {
        let session = Session::new();
        let sweep = |seed| {
            format!("sweep digits --sample 120 --seed {seed} --perplexity 5,10 --iterations 20 -o out")
        };
        let runs = [1, 2].map(|seed| Run::start(session.command(&sweep(seed))));
        let ended = runs.map(|run| run.ends_within(Duration::from_secs(60)));
        let mut statuses = ended.each_ref().map(|(status, _)| *status);
        statuses.sort_unstable();
        let names = session.names();
        if statuses == [0, 0] {
            // One was done before the other looked, which found the results of the same command.
            assert_eq!(names, ["out/perplexity.png", "out/run.json", "out/sweep.csv"]);
        } else {
            assert_eq!(statuses, [0, 1], "{ended:?}");
            let whole = names.iter().filter(|name| !name.ends_with(".partial"));
            assert_eq!((names.len(), whole.count()), (6, 3), "{names:?}");
        }
        // The record vouches for what stands beside it.
        session.run(&sweep(3)).succeeded();
    }
}
