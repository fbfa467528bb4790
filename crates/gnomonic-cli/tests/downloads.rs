//! Downloads as a user meets them: from mirrors on this machine, stopped, and killed.
#![cfg(unix)]

mod session;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use session::{Outcome, Session, outcome};

/// A mirror that promises a file and sends a kilobyte of it every tenth of a second; it tells of each request.
fn slow_mirror() -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, heard) = mpsc::channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let tell = tell.clone();
            thread::spawn(move || {
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let _ = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
                let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n");
                while stream.write_all(&[0x1f; 1_000]).is_ok() {
                    let _ = tell.send(());
                    thread::sleep(Duration::from_millis(100));
                }
            });
        }
    });
    (format!("http://user:secret@{address}"), heard)
}

fn start(session: &Session, mirror: &str) -> Child {
    let mut command = session.command("embed mnist -o map.npy");
    command.env("GNOMONIC_MIRROR", mirror).env_remove("GNOMONIC_OFFLINE");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Stops a download with `signal` once some of it has come.
fn stopped(signal: &str) -> (Session, Outcome) {
    let session = Session::new();
    let (mirror, heard) = slow_mirror();
    let child = start(&session, &mirror);
    for _ in 0..3 {
        heard.recv_timeout(Duration::from_secs(30)).expect("the mirror is asked");
    }
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    let start = Instant::now();
    let outcome = outcome(child.wait_with_output().unwrap());
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    (session, outcome)
}

#[test]
fn a_download_that_is_stopped_leaves_nothing() {
    for signal in ["-INT", "-TERM"] {
        let (session, outcome) = stopped(signal);
        outcome.failed(130, &["stopped: ", "nothing was written"]);
        assert_eq!(session.names(), Vec::<String>::new(), "{signal}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_download_that_is_killed_leaves_nothing_or_what_the_next_sweeps_up() {
    let (session, _) = stopped("-KILL");
    let left = session.names();
    // Where the disk has files without names, nothing is left at all.
    assert!(left.iter().all(|name| name.contains(".gnomonic-")), "{left:?}");
    let (mirror, heard) = slow_mirror();
    let mut next = start(&session, &mirror);
    heard.recv_timeout(Duration::from_secs(30)).expect("the mirror is asked");
    next.kill().unwrap();
    next.wait().unwrap();
    assert!(session.names().len() <= 1, "{:?}", session.names());
}

#[test]
fn a_password_in_the_address_of_a_mirror_is_not_told() {
    let session = Session::new();
    let mut command = session.command("embed mnist -o map.npy");
    command.env("GNOMONIC_MIRROR", "http://user:secret@127.0.0.1:1/data").env_remove("GNOMONIC_OFFLINE");
    let outcome = outcome(command.output().unwrap()).failed(1, &["http://…@127.0.0.1:1/data/mnist/"]);
    assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
}
