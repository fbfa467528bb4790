//! Kills, which no program hears of.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{Chance, Run, check_whole};
use crate::session::{Session, clusters, npy};

#[test]
fn a_kill_late_in_a_run_leaves_whole_files_and_nothing_else() {
    let mut chance = Chance::new("a_kill_late_in_a_run_leaves_whole_files");
    let cases = [
        ("embed X.npy -o map.csv --plot map.png --record run.json --iterations 40", 30),
        ("sweep X.npy -o out --perplexity 5,10 --iterations 40", 20),
        ("lesson --dataset X.npy -o out", 10),
    ];
    for (arguments, times) in cases {
        let mut took = Duration::ZERO;
        for time in 0..=times {
            let session = Session::new();
            session.file("X.npy", npy(&clusters(200, 4)));
            let began = Instant::now();
            let run = Run::start(session.command(arguments));
            if time == 0 {
                // How long it takes undisturbed.
                assert_eq!(run.ends().0, 0);
                took = began.elapsed();
                continue;
            }
            let moment = took.mul_f64(0.9 + 0.15 * chance.fraction());
            std::thread::sleep(moment.saturating_sub(began.elapsed()));
            run.signal(Signal::KILL);
            let (_, said) = run.ends();
            std::fs::remove_file(session.path("X.npy")).unwrap();
            check_whole(&session, 200, &format!("{arguments}, killed after {moment:?}: {said}"));
        }
    }
}

#[test]
fn what_a_killed_run_left_is_swept_up_and_nothing_else() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(60, 4)));
    // As a system leaves it that has no files without names.
    for folder in ["", "out/"] {
        session.file(&format!("{folder}.gnomonic-0123456789ab.tmp"), "unfinished");
        session.file(&format!("{folder}.gnomonic-notes.tmp"), "mine");
    }
    session.run("embed X.npy -o map.csv --perplexity 5 --iterations 20").succeeded();
    session.run("sweep X.npy -o out --perplexity 5 --iterations 20").succeeded();
    let hidden: Vec<String> = session.names().into_iter().filter(|name| name.contains(".gnomonic")).collect();
    assert_eq!(hidden, [".gnomonic-notes.tmp", "out/.gnomonic-notes.tmp"]);
}

#[test]
fn a_run_after_a_kill_between_two_outputs_asks_before_it_overwrites() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(60, 4)));
    let sweep = "sweep X.npy -o out --perplexity 5 --iterations 20";
    session.run(sweep).succeeded();
    // The maps of a later run have taken their names, and its record, which comes last, has not.
    session.file("out/sweep.csv", "perplexity,index,x,y\n");
    session.run(sweep).failed(1, &["out/sweep.csv: exists already", "no such digest", "--force"]);
    session.run(&format!("{sweep} --force")).succeeded();
    session.run(sweep).succeeded();
}
