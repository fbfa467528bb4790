//! Downloads that do not come to their end.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use super::{Chance, Run};
use crate::session::Session;

/// A mirror that begins each answer and does not end it; gives its address.
fn endless_mirror() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 4096]);
                let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n");
                while sent.is_ok() {
                    sent = stream.write_all(&[7; 1000]);
                    thread::sleep(Duration::from_millis(5));
                }
            });
        }
    });
    address
}

#[test]
fn a_download_that_is_cut_short_leaves_nothing() {
    let mut chance = Chance::new("a_download_that_is_cut_short_leaves_nothing");
    let mirror = endless_mirror();
    for signal in [Signal::TERM, Signal::HUP, Signal::KILL, Signal::TERM, Signal::KILL] {
        let session = Session::new();
        let mut command = session.command("embed mnist -o map.npy");
        command.env("GNOMONIC_MIRROR", &mirror);
        let run = Run::start(command);
        // Under way once there is a folder for it.
        while !session.path(".cache/gnomonic/mnist").exists() {
            thread::sleep(Duration::from_millis(5));
        }
        thread::sleep(Duration::from_secs_f64(0.3 * chance.fraction()));
        run.signal(signal);
        let (status, said) = run.ends_within(Duration::from_secs(5));
        if signal != Signal::KILL {
            assert_eq!(status, 130, "{said}");
            assert!(said.ends_with("stopped: nothing was written\n"), "{said}");
        }
        assert_eq!(session.names(), [""; 0], "{said}");
    }
}
