//! Downloads from a server on loopback that answers as told.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::*;
use crate::named::{named, obtain, read_images};
use crate::shown::hexadecimal;

mod hostile;

const NAME: &str = "train-images-idx3-ubyte";

/// What the server does with a request.
#[derive(Clone, Debug)]
enum Answer {
    File(Vec<u8>),
    NotFound,
    /// Promises the whole and closes halfway.
    HalfOf(Vec<u8>),
    /// Sends nothing, and keeps the connection.
    Silence,
    /// Sends half, and then keeps the connection.
    SilenceAfterHalfOf(Vec<u8>),
    /// Sends these bytes, status line and all, and closes.
    Verbatim(Vec<u8>),
    /// Sends the first bytes at once, and then the last one again and again: how often, and with how long between.
    Drip(Vec<u8>, usize, Duration),
}

/// A server that answers each path with what stands beside it, for as long as the test process lives.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answers: Vec<(&'static str, Answer)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, heard) = (answers.clone(), Arc::clone(&heard));
                thread::spawn(move || {
                    let _ = answer(stream, &answers, &heard);
                });
            }
        });
        Self { address, requests }
    }

    /// The address of the folder `mirror`.
    fn mirror(&self, mirror: &str) -> String {
        format!("{}/{mirror}", self.address)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn answer(
    mut stream: TcpStream,
    answers: &[(&str, Answer)],
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or(Ok(String::new()))?;
    let path = request.split(' ').nth(1).unwrap_or("").to_owned();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    heard.lock().unwrap().push(path.clone());
    let found = answers.iter().find(|(mirror, _)| path == format!("/{mirror}/mnist/{NAME}.gz"));
    let mut send = |status: &str, length: usize, body: &[u8]| -> std::io::Result<()> {
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
        stream.write_all(body)?;
        stream.flush()
    };
    match found.map(|(_, answer)| answer) {
        Some(Answer::File(body)) => send("200 OK", body.len(), body),
        Some(Answer::HalfOf(body)) => send("200 OK", body.len(), &body[..body.len() / 2]),
        Some(Answer::SilenceAfterHalfOf(body)) => {
            send("200 OK", body.len(), &body[..body.len() / 2])?;
            thread::sleep(Duration::from_secs(60));
            Ok(())
        }
        Some(Answer::Silence) => {
            thread::sleep(Duration::from_secs(60));
            Ok(())
        }
        Some(Answer::Verbatim(bytes)) => stream.write_all(bytes),
        Some(Answer::Drip(bytes, times, pause)) => {
            stream.write_all(bytes)?;
            for _ in 0..*times {
                thread::sleep(*pause);
                stream.write_all(&bytes[bytes.len() - 1..])?;
            }
            Ok(())
        }
        Some(Answer::NotFound) | None => send("404 Not Found", 0, b""),
    }
}

/// Two images of 2 × 2 pixels, packed.
fn images(pixels: [u8; 8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&unpacked(pixels)).unwrap();
    encoder.finish().unwrap()
}

fn unpacked(pixels: [u8; 8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2];
    file.extend(pixels);
    file
}

const PIXELS: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

/// A set called `mnist` whose first file is that of `PIXELS`.
fn set() -> &'static Set {
    let sha256: &'static str = hexadecimal(&Sha256::digest(unpacked(PIXELS))).leak();
    let file = || RemoteFile { name: NAME, sha256, bytes: 100 };
    Box::leak(Box::new(Set {
        name: "mnist",
        title: "",
        license: "",
        origin: "",
        classes: [""; 10],
        mirrors: &[],
        files: [file(), file(), file(), file()],
    }))
}

fn sources(cache: &TempDir, mirrors: Vec<String>) -> Sources {
    Sources {
        cache_dir: Some(cache.path().join("cache")),
        mirrors,
        timeout: Duration::from_millis(500),
        ..Sources::default()
    }
}

fn fetch_quietly(sources: &Sources) -> Result<PathBuf> {
    let set = set();
    fetch(set, &set.files[0], sources, &mut |_| ControlFlow::Continue(()))
}

/// The names of all files below the cache.
fn kept(sources: &Sources) -> Vec<String> {
    let folder = sources.cache_dir.as_ref().unwrap().join("mnist");
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_is_checked_and_kept() {
    let cache = TempDir::new().unwrap();
    let server = Server::start(vec![("good", Answer::File(images(PIXELS)))]);
    let sources = sources(&cache, vec![server.mirror("good/")]);
    let mut events = Vec::new();
    let set = set();
    let path = fetch(set, &set.files[0], &sources, &mut |event| {
        events.push(format!("{event:?}"));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(fs::read(path).unwrap(), images(PIXELS));
    assert_eq!(kept(&sources), [format!("{NAME}.gz")]);
    let length = images(PIXELS).len();
    assert!(events[0].starts_with("Started"), "{events:?}");
    assert!(events[1].contains(&format!("received: {length}, total: Some({length})")), "{events:?}");
    assert!(events.last().unwrap().starts_with("Finished"), "{events:?}");
}

#[test]
fn the_next_mirror_is_asked_when_one_fails() {
    let good = images(PIXELS);
    let bad = [
        Answer::NotFound,
        Answer::HalfOf(good.clone()),
        Answer::File(images([9; 8])),
        Answer::File(b"<html>a login page</html>".to_vec()),
        Answer::File(Vec::new()),
        Answer::File(vec![0; 2000]),
        Answer::Silence,
        Answer::SilenceAfterHalfOf(good.clone()),
    ];
    for bad in bad {
        let cache = TempDir::new().unwrap();
        let server = Server::start(vec![("bad", bad.clone()), ("good", Answer::File(good.clone()))]);
        let sources = sources(&cache, vec![server.mirror("bad"), server.mirror("good")]);
        let mut failures = Vec::new();
        let set = set();
        let start = Instant::now();
        let fetched = fetch(set, &set.files[0], &sources, &mut |event| {
            if let DownloadEvent::MirrorFailed { reason, .. } = event {
                failures.push((*reason).to_owned());
            }
            ControlFlow::Continue(())
        });
        assert!(fetched.is_ok(), "{bad:?}: {}", fetched.unwrap_err());
        assert_eq!(failures.len(), 1, "{bad:?}");
        assert!(start.elapsed() < Duration::from_secs(20), "{bad:?}");
        assert_eq!(server.requests().len(), 2, "{bad:?}");
        assert_eq!(kept(&sources), [format!("{NAME}.gz")], "{bad:?}");
    }
}

#[test]
fn when_all_fail_each_reason_is_given_and_nothing_is_kept() {
    let cache = TempDir::new().unwrap();
    let server = Server::start(vec![("other", Answer::File(images([9; 8])))]);
    let nobody = "http://127.0.0.1:1/nobody".to_owned();
    let sources = sources(&cache, vec![server.mirror("none"), server.mirror("other"), nobody]);
    let error = fetch_quietly(&sources).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let message = error.to_string();
    for part in ["none/mnist/", "404", "the SHA-256 of the decompressed bytes is", "127.0.0.1:1/nobody"] {
        assert!(message.contains(part), "{message}");
    }
    let place = sources.cache_dir.as_ref().unwrap().join(format!("mnist/{NAME}.gz"));
    assert!(message.contains(&format!("put a copy at {}", place.display())), "{message}");
    assert!(kept(&sources).is_empty());
}

#[test]
fn offline_says_which_file_to_put_where() {
    let cache = TempDir::new().unwrap();
    let server = Server::start(vec![("good", Answer::File(images(PIXELS)))]);
    let mut sources = sources(&cache, vec![server.mirror("good")]);
    sources.offline = true;
    sources.data_dir = Some(cache.path().join("data"));
    let message = fetch_quietly(&sources).unwrap_err().to_string();
    let place = cache.path().join(format!("data/mnist/{NAME}.gz"));
    assert!(message.contains(&format!("put a copy at {}", place.display())), "{message}");
    assert!(server.requests().is_empty());

    fs::create_dir_all(cache.path().join("data")).unwrap();
    let error = named("mnist", &sources, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let message = error.to_string();
    assert!(message.contains("train-images-idx3-ubyte.gz and "), "{message}");
    assert!(message.contains("data/mnist/train-labels-idx1-ubyte.gz (digits is"), "{message}");
    sources.data_dir = Some(cache.path().join("nothing"));
    let error = named("mnist", &sources, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::NotFound, sources.data_dir.as_deref()));
}

#[test]
fn a_download_can_be_stopped() {
    let cache = TempDir::new().unwrap();
    let server = Server::start(vec![("good", Answer::File(images(PIXELS)))]);
    let sources = sources(&cache, vec![server.mirror("good"), server.mirror("good")]);
    let set = set();
    let error = fetch(set, &set.files[0], &sources, &mut |event| match event {
        DownloadEvent::Received { .. } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(server.requests().len(), 1);
    assert!(kept(&sources).is_empty());
}

#[test]
fn many_at_once_end_with_one_whole_file() {
    let cache = TempDir::new().unwrap();
    let server = Server::start(vec![("good", Answer::File(images(PIXELS)))]);
    let mut sources = sources(&cache, vec![server.mirror("good")]);
    sources.timeout = Duration::from_secs(20);
    let done = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let path = fetch_quietly(&sources).unwrap();
                assert_eq!(fs::read(path).unwrap(), images(PIXELS));
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(done.into_inner(), 8);
    assert_eq!(kept(&sources), [format!("{NAME}.gz")]);
}

#[test]
fn a_damaged_cache_is_mended_and_a_damaged_folder_is_reported() {
    let cache = TempDir::new().unwrap();
    let server = Server::start(vec![("good", Answer::File(images(PIXELS)))]);
    let mut sources = sources(&cache, vec![server.mirror("good")]);
    let set = set();
    let get = |sources: &Sources| {
        obtain(set, &set.files[0], sources, &mut |_| ControlFlow::Continue(()), read_images)
    };
    let values = PIXELS.map(f32::from);
    assert_eq!(get(&sources).unwrap().as_slice(), values);
    assert_eq!(get(&sources).unwrap().as_slice(), values);
    assert_eq!(server.requests().len(), 1, "the second time it is in the cache");

    let kept = sources.cache_dir.as_ref().unwrap().join(format!("mnist/{NAME}.gz"));
    fs::write(&kept, images([9; 8])).unwrap();
    assert_eq!(get(&sources).unwrap().as_slice(), values);
    assert_eq!(server.requests().len(), 2);

    fs::write(&kept, images([9; 8])).unwrap();
    sources.offline = true;
    assert_eq!(get(&sources).unwrap_err().kind(), ErrorKind::Checksum);

    sources.offline = false;
    let data = cache.path().join("data");
    fs::create_dir_all(data.join("mnist")).unwrap();
    let plain = data.join("mnist").join(NAME);
    fs::write(&plain, unpacked([9; 8])).unwrap();
    sources.data_dir = Some(data);
    let error = get(&sources).unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::Checksum, Some(plain.as_path())));
    fs::write(&plain, unpacked(PIXELS)).unwrap();
    assert_eq!(get(&sources).unwrap().as_slice(), values);
}
