//! Servers, and caches, that mean no good.

use super::*;

/// Asks a mirror that answers so, and then a good one: the reason why the first was given up. The file is had all the same.
#[track_caller]
fn given_up(answer: Answer) -> String {
    let cache = TempDir::new().unwrap();
    let good = Answer::File(images(PIXELS));
    let server = Server::start(vec![("bad", answer), ("good", good)]);
    let sources = sources(&cache, vec![server.mirror("bad"), server.mirror("good")]);
    let mut reasons = Vec::new();
    let start = Instant::now();
    let set = set();
    let path = fetch(set, &set.files[0], &sources, &mut |event| {
        if let DownloadEvent::MirrorFailed { reason, .. } = event {
            reasons.push((*reason).to_owned());
        }
        ControlFlow::Continue(())
    });
    assert_eq!(fs::read(path.unwrap()).unwrap(), images(PIXELS));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(kept(&sources), [format!("{NAME}.gz")]);
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    reasons.remove(0)
}

fn head(lines: &[&str]) -> Vec<u8> {
    format!("HTTP/1.1 {}\r\nConnection: close\r\n\r\n", lines.join("\r\n")).into_bytes()
}

#[test]
fn a_server_that_drips_is_given_up() {
    // Each byte comes in time: only all of them would not. The test's patience is half a second, a user's half a minute.
    let often = (2_000, Duration::from_millis(20));
    let body = head(&["200 OK", "Content-Length: 900"]);
    let reason = given_up(Answer::Drip([body, vec![0x1f]].concat(), often.0, often.1));
    assert!(reason.contains("fewer than 1000 bytes a second"), "{reason}");
    // The same of its headers, and of its status line.
    for start in [b"HTTP/1.1 200 OK\r\nX: a".to_vec(), b"HTTP/1.1 200 O".to_vec()] {
        let reason = given_up(Answer::Drip(start, often.0, often.1));
        assert!(reason.contains("timeout"), "{reason}");
    }
}

#[test]
fn redirects_are_followed_a_few_times() {
    let cache = TempDir::new().unwrap();
    let good = Server::start(vec![("good", Answer::File(images(PIXELS)))]);
    let to = |place: String| {
        Answer::Verbatim(head(&["302 Found", &format!("Location: {place}"), "Content-Length: 0"]))
    };
    let there = to(format!("{}/good/mnist/{NAME}.gz", good.address));
    let server = Server::start(vec![("moved", there)]);
    let found = fetch_quietly(&sources(&cache, vec![server.mirror("moved")])).unwrap();
    assert_eq!(fs::read(found).unwrap(), images(PIXELS));

    let around = given_up(to(format!("/bad/mnist/{NAME}.gz")));
    assert!(around.contains("redirect"), "{around}");
    for nowhere in
        ["http://127.0.0.1:1/", "file:///etc/passwd", "ftp://127.0.0.1/x", "", "http://[", "\u{1b}]0;x"]
    {
        let reason = given_up(to(nowhere.to_owned()));
        assert!(!reason.contains(char::is_control), "{reason:?}");
    }
}

#[test]
fn both_bounds_on_the_size_hold() {
    // Said, and not said: the file has 100 bytes, and 1,000 are too many.
    let reason = given_up(Answer::Verbatim(head(&["200 OK", "Content-Length: 1000000000000"])));
    assert!(reason.contains("would send 1000000000000 bytes, where 100 are usual"), "{reason}");
    let endless = [head(&["200 OK"]), vec![7; 1 << 20]].concat();
    let reason = given_up(Answer::Verbatim(endless));
    assert!(reason.contains("where 100 are usual"), "{reason}");
    // Some 700 bytes that unpack to 700 kB.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 700_000]).unwrap();
    let packed = encoder.finish().unwrap();
    assert!(packed.len() < 1_000);
    let reason = given_up(Answer::File(packed));
    assert!(reason.contains("unpacks to more than 10000 bytes"), "{reason}");
}

#[test]
fn lengths_that_contradict_are_given_up() {
    let body = images(PIXELS);
    let whole = format!("Content-Length: {}", body.len());
    let less = format!("Content-Length: {}", body.len() - 3);
    let more = format!("Content-Length: {}", body.len() + 3);
    let answer = |lines: &[&str]| Answer::Verbatim([head(lines), body.clone()].concat());
    given_up(answer(&["200 OK", &less]));
    given_up(answer(&["200 OK", &more]));
    given_up(answer(&["200 OK", &whole, &more]));
    given_up(answer(&["200 OK", "Content-Length: -1"]));
    given_up(answer(&["200 OK", "Content-Length: 99999999999999999999999"]));
    given_up(answer(&["200 OK", "Transfer-Encoding: chunked"]));
    given_up(answer(&["204 No Content"]));
    given_up(answer(&["206 Partial Content", &less]));
    given_up(Answer::Verbatim(b"no HTTP at all".to_vec()));
    given_up(Answer::Verbatim([b"HTTP/1.1 200 OK\r\n".to_vec(), vec![b'x'; 1 << 20]].concat()));
}

#[test]
fn a_password_is_not_told() {
    let cache = TempDir::new().unwrap();
    let server = Server::start(vec![("other", Answer::File(images([9; 8])))]);
    let with = |address: String| address.replacen("http://", "http://user:se%20cret@", 1);
    let mirrors = vec![
        with(server.mirror("none")),
        with(server.mirror("other")),
        with("http://127.0.0.1:1/nobody".to_owned()),
        with("http://[/broken".to_owned()),
        "user:se%20cret@example.invalid/no-scheme".to_owned(),
    ];
    let sources = sources(&cache, mirrors);
    let set = set();
    let mut told = String::new();
    let error = fetch(set, &set.files[0], &sources, &mut |event| {
        told += &format!("{event:?}\n");
        ControlFlow::Continue(())
    });
    told += &error.unwrap_err().to_string();
    assert!(!told.contains("cret"), "{told}");
    assert!(told.contains("http://…@127.0.0.1"), "{told}");
    let error = fetch(set, &set.files[0], &sources, &mut |_| ControlFlow::Break(())).unwrap_err();
    assert!(!error.to_string().contains("cret"), "{error}");
}

#[test]
fn what_stands_in_the_caches_place_is_left() {
    let server = Server::start(vec![("good", Answer::File(images(PIXELS)))]);
    let place = |cache: &TempDir| cache.path().join(format!("cache/mnist/{NAME}.gz"));
    // A file where the folder should be.
    let cache = TempDir::new().unwrap();
    fs::write(cache.path().join("cache"), "mine").unwrap();
    let error = fetch_quietly(&sources(&cache, vec![server.mirror("good")])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(fs::read(cache.path().join("cache")).unwrap(), b"mine");
    // A folder where the file should be.
    let cache = TempDir::new().unwrap();
    fs::create_dir_all(place(&cache)).unwrap();
    let error = fetch_quietly(&sources(&cache, vec![server.mirror("good")])).unwrap_err();
    assert!(error.to_string().contains("remove it"), "{error}");
    assert!(place(&cache).is_dir());
    assert!(server.requests().is_empty(), "nothing is downloaded that could not be kept");
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_to_write() {
    let server = Server::start(vec![("good", Answer::File(images(PIXELS)))]);
    let cache = TempDir::new().unwrap();
    let folder = cache.path().join("cache/mnist");
    fs::create_dir_all(&folder).unwrap();
    let (mine, link) = (cache.path().join("mine"), folder.join(format!("{NAME}.gz")));
    let mut sources = sources(&cache, vec![server.mirror("good")]);
    let set = set();
    let get = |sources: &Sources| {
        obtain(set, &set.files[0], sources, &mut |_| ControlFlow::Continue(()), read_images)
    };
    // To a file that is none of ours, and to none.
    for content in [Some("mine"), None] {
        if let Some(content) = content {
            fs::write(&mine, content).unwrap();
        }
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(&mine, &link).unwrap();
        let error = get(&sources).unwrap_err();
        assert!(error.to_string().contains("remove it"), "{error}");
        assert_eq!(fs::read_to_string(&mine).ok().as_deref(), content);
        let _ = fs::remove_file(&mine);
    }
    assert!(server.requests().is_empty());
    // One to the right file serves.
    fs::write(&mine, images(PIXELS)).unwrap();
    sources.offline = true;
    assert_eq!(get(&sources).unwrap().as_slice(), PIXELS.map(f32::from));
}

#[test]
fn what_was_left_unfinished_is_swept_up() {
    let cache = TempDir::new().unwrap();
    let folder = cache.path().join("cache/mnist");
    fs::create_dir_all(&folder).unwrap();
    let stale = [".gnomonic-0123456789ab.tmp", ".gnomonic-abcdefghijkl.tmp"];
    for name in stale {
        fs::write(folder.join(name), "half a file").unwrap();
    }
    // Not by this program, though it looks like it.
    fs::write(folder.join(".gnomonic-notes.tmp"), "mine").unwrap();
    let server = Server::start(vec![("good", Answer::File(images(PIXELS)))]);
    fetch_quietly(&sources(&cache, vec![server.mirror("good")])).unwrap();
    let mut left = kept(&sources(&cache, Vec::new()));
    left.sort();
    assert_eq!(left, [".gnomonic-notes.tmp".to_owned(), format!("{NAME}.gz")]);
}
