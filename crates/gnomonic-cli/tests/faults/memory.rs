//! Memory that the system refuses.

use super::{Run, check_whole, limited};
use crate::session::{Session, clusters, csv, npy};

/// With little memory a command works, or says that it has none; the system may end it. What it leaves is whole all the same.
#[test]
fn with_little_memory_files_are_whole_or_absent() {
    let map = csv(Some("x,y"), &clusters(2_000, 2));
    let data = npy(&clusters(2_000, 40));
    for arguments in [
        "embed X.npy -o map.csv --plot map.png --threads 2 --iterations 20",
        "sweep X.npy -o out --threads 2 --perplexity 5,10 --iterations 20",
        "plot m.csv -o map.png --dpi 300",
        "score X.npy m.csv",
    ] {
        let mut succeeded = 0;
        // From what hardly starts the program to what is enough for all of it.
        for kilobytes in [12_000, 16_000, 20_000, 25_000, 32_000, 48_000, 64_000, 96_000, 4_000_000] {
            let session = Session::new();
            session.file("X.npy", &data).file("m.csv", &map);
            let command = limited(&session, &format!("ulimit -v {kilobytes};"), arguments);
            let (status, said) = Run::start(command).ends();
            std::fs::remove_file(session.path("X.npy")).unwrap();
            let context = format!("{arguments}, {kilobytes} kB: status {status}, {said}");
            assert!([0, 1, 127, -1].contains(&status), "{context}");
            assert!(status != 1 || said.contains("error: "), "{context}");
            check_whole(&session, 2_000, &context);
            succeeded += usize::from(status == 0);
        }
        assert!(succeeded > 0, "{arguments}");
    }
}

/// A run that needs more than it may have ends with an error before its work, and by no abort.
#[test]
fn memory_refused_to_a_run_is_an_error() {
    let data = npy(&clusters(20_000, 50));
    for arguments in
        ["embed X.npy -o map.csv --threads 1", "sweep X.npy -o out --threads 1 --perplexity 30,100"]
    {
        let session = Session::new();
        session.file("X.npy", &data);
        // What the system has is not asked: the limit alone speaks.
        let command = limited(&session, "ulimit -v 80000;", &format!("{arguments} --memory-limit 100GB"));
        let (status, said) = Run::start(command).ends();
        assert_eq!(status, 1, "{arguments}: {said}");
        assert!(
            said.contains("t-SNE needs about") && said.contains("which the system refuses"),
            "{arguments}: {said}"
        );
    }
}
