//! Every bad input is refused before any work: with a status, the file's name, the place, the bound and the remedy,
//! and nothing written.

mod session;

use session::{Session, clusters, csv, gzip, idx, npy, npy_of, npz};

/// Data that could be mapped.
fn good() -> Vec<Vec<f32>> {
    clusters(60, 6)
}

/// Runs `embed`, `sweep` and `lesson` on the file `name` and expects each to refuse it, naming `fragments` and the
/// file.
#[track_caller]
fn refused(name: &str, content: impl AsRef<[u8]>, fragments: &[&str]) {
    let session = Session::new();
    session.file(name, content);
    refused_in(&session, name, fragments);
}

#[track_caller]
fn refused_in(session: &Session, input: &str, fragments: &[&str]) {
    let before = session.names();
    let file = input.split(':').next().unwrap();
    let fragments: Vec<&str> = fragments.iter().copied().chain([file]).collect();
    session.run(&format!("embed {input} -o map.npy --plot map.png --record run.json")).failed(1, &fragments);
    session.run(&format!("sweep {input} -o out")).failed(1, &fragments);
    session.run(&format!("lesson --dataset {input} -o out")).failed(1, &fragments);
    assert_eq!(session.names(), before, "something was written");
    assert!(!session.path("out").exists(), "the output directory was made");
}

#[test]
fn a_missing_file() {
    refused_in(&Session::new(), "none.npy", &["no such file"]);
}

#[test]
fn a_directory() {
    let session = Session::new();
    session.file("folder/inside.txt", "");
    refused_in(&session, "folder", &["is a directory", "name a file"]);
}

#[test]
fn an_empty_file() {
    refused("X.npy", "", &["empty"]);
    refused("X.csv", "", &["empty"]);
}

#[test]
fn a_wrong_magic_number() {
    refused("X.npy", "GIF89a, not an array at all", &[]);
    refused("X.idx", [1, 2, 3, 4, 5, 6, 7, 8], &[]);
    refused("X.npz", "PQ, not an archive", &[]);
}

#[test]
fn truncated_files() {
    let whole = npy(&good());
    refused("X.npy", &whole[..whole.len() - 5], &[]);
    refused("X.npy", &whole[..40], &[]);
    let whole = idx(&[50, 4], &[7; 200]);
    refused("X.idx", &whole[..150], &[]);
    refused("X.idx", &whole[..6], &[]);
    let whole = gzip(&idx(&[50, 4], &(0..200).map(|i| (i * 37) as u8).collect::<Vec<_>>()));
    refused("X.idx.gz", &whole[..whole.len() / 2], &[]);
    refused("X.idx.gz", &whole[..whole.len() - 4], &[]);
    let whole = npz(&[("x", npy(&good()))]);
    refused("X.npz", &whole[..whole.len() / 2], &[]);
}

#[test]
fn headers_that_promise_too_much() {
    refused("X.npy", npy_of("<f4", "1000000, 1000", &[0; 64]), &["promises"]);
    refused("X.npy", npy_of("<f4", "18446744073709551615, 3", &[0; 64]), &[]);
    refused("X.npy", npy_of("<f4", "9223372036854775807, 9223372036854775807", &[0; 64]), &[]);
    refused("X.idx", idx(&[u32::MAX, u32::MAX, u32::MAX], &[0; 64]), &[]);
    refused("X.idx", idx(&[1000, 1000], &[0; 64]), &["promises"]);
}

#[test]
fn a_checksum_that_does_not_match() {
    let images = idx(&[60_000, 28, 28], &vec![1; 60_000 * 784]);
    let session = Session::new();
    session.file("data/mnist/train-images-idx3-ubyte.gz", gzip(&images));
    session.file("data/mnist/train-labels-idx1-ubyte.gz", gzip(&idx(&[60_000], &[0; 60_000])));
    session
        .file("data/mnist/t10k-images-idx3-ubyte.gz", gzip(&idx(&[10_000, 28, 28], &vec![1; 10_000 * 784])));
    session.file("data/mnist/t10k-labels-idx1-ubyte.gz", gzip(&idx(&[10_000], &[0; 10_000])));
    let before = session.names();
    for arguments in
        ["embed mnist --data-dir data -o map.npy", "lesson --dataset mnist --data-dir data -o out"]
    {
        session.run(arguments).failed(1, &["data/mnist/train-images-idx3-ubyte.gz", "SHA-256", "damaged"]);
    }
    assert_eq!(session.names(), before);
}

#[test]
fn types_that_are_no_numbers() {
    refused("X.npy", npy_of("|O", "5, 3", &[0; 120]), &["object"]);
    refused("X.npy", npy_of("<U7", "5, 3", &[0; 420]), &["strings"]);
    refused("X.npy", npy_of("|S3", "5, 3", &[b'a'; 45]), &["strings"]);
}

#[test]
fn tables_with_holes() {
    refused("X.csv", "a,b,c\n1,2,3\n4,5\n7,8,9\n1,1,1\n", &["row 2"]);
    refused("X.csv", "a,b,c\n1,2,3\n4,five,6\n7,8,9\n1,1,1\n", &["row 2", "column 2", "five"]);
    refused("X.tsv", "1\t2\n4\tx\n7\t8\n9\t9\n", &["row 2", "column 2"]);
}

#[test]
fn values_that_are_not_finite() {
    let mut rows = good();
    rows[3][1] = f32::NAN;
    rows[5][2] = f32::INFINITY;
    refused("X.npy", npy(&rows), &["row 4", "column 2", "NaN", "2 values"]);
    rows[3][1] = 0.5;
    refused("X.npy", npy(&rows), &["row 6", "column 3", "inf"]);
    refused("X.csv", "1,2\n3,nan\n5,6\n7,8\n", &["row 2", "column 2"]);
}

#[test]
fn too_few_rows() {
    for n in 1..=3 {
        refused("X.npy", npy(&clusters(n, 4)), &[&format!("{n} row"), "at least 4"]);
    }
    refused("X.npy", npy_of("<f4", "0, 4", &[]), &[]);
    refused("X.csv", "a,b,c\n", &[]);
    refused("X.npy", npy_of("<f4", "10, 0", &[]), &[]);
}

#[test]
fn rows_all_equal() {
    refused("X.npy", npy(&vec![vec![1.5; 4]; 60]), &["all 60 rows are equal"]);
}

#[test]
fn a_perplexity_that_the_rows_do_not_allow() {
    let session = Session::new();
    session.file("X.npy", npy(&good()));
    let before = session.names();
    for perplexity in ["60", "61", "1e9"] {
        session
            .run(&format!("embed X.npy -o map.npy --perplexity {perplexity}"))
            .failed(1, &["X.npy", "perplexity", "below the number of rows, 60", "try 19"]);
        session
            .run(&format!("sweep X.npy -o out --perplexity 5,{perplexity}"))
            .failed(1, &["X.npy", "perplexity", "below the number of rows, 60"]);
    }
    assert_eq!(session.names(), before);
}

#[test]
fn a_perplexity_that_no_data_allows_is_a_matter_of_usage() {
    let session = Session::new();
    session.file("X.npy", npy(&good()));
    for perplexity in ["0", "0.5", "-5", "NaN", "inf", "thirty"] {
        for command in ["embed X.npy -o map.npy", "sweep X.npy -o out"] {
            session
                .run(&format!("{command} --perplexity {perplexity}"))
                .failed(2, &["--perplexity", perplexity, "finite number, at least 1"]);
        }
    }
    assert_eq!(session.names(), ["X.npy"]);
}

#[test]
fn a_parameter_that_no_data_allows_is_not_the_fault_of_the_data() {
    let session = Session::new();
    session.file("X.npy", npy(&good()));
    for (option, said) in [
        ("--early-exaggeration 1e30", "error: early exaggeration is 1e30; it must be from 1 to 10000"),
        ("--learning-rate 1e30", "error: learning rate is 1e30; it must be positive"),
        ("--seed -1", "from 0 to 18446744073709551615"),
    ] {
        for command in ["embed X.npy -o map.npy", "sweep X.npy -o out"] {
            session.run(&format!("{command} {option}")).failed(2, &[said]);
        }
    }
    assert_eq!(session.names(), ["X.npy"]);
}

#[test]
fn an_advised_perplexity_is_not_a_range_of_one() {
    let session = Session::new();
    session.file("four.npy", npy(&clusters(4, 3)));
    session.run("embed four.npy").failed(1, &["rows, 4; try 1\n"]);
}

#[test]
fn text_by_the_name_of_an_array_is_told_as_such() {
    refused("text.npy", csv(None, &good()), &["text.npy: looks like text", "let its name end in .csv"]);
}

#[test]
fn errors_name_options_that_there_are() {
    let session = Session::new();
    let rows = csv(None, &clusters(20, 2));
    session.file("X.csv", format!("5,b\n{rows}")).file("X.npy", npy(&clusters(20, 2)));
    session.file("y.csv", format!("name of flower\n{}", "rose\n".repeat(20)));
    session.file("several.csv", "a,b\n1,x\n2,y\n").file("objects.npy", npy_of("|O", "20", &[0; 64]));
    let before = session.names();
    let refused = |arguments: &str, fragments: &[&str]| {
        session.run(&format!("{arguments} --perplexity 3 -o map.npy")).failed(1, fragments);
    };
    refused("embed X.csv", &["X.csv", "(--header yes, --label-column 2)"]);
    refused("embed X.csv --labels y.csv", &["(--header yes, --label-column 2 in place of --labels)"]);
    refused("embed X.npy --labels y.csv", &["21 labels for 20 rows", "(--labels-header yes)"]);
    refused("embed X.npy --labels several.csv", &["several.csv", "(--label-column NAME|N)"]);
    refused("embed X.npy --labels objects.npy", &["objects.npy", ".astype(str)"]);
    refused("embed X.npy --labels X.npy --label-column 2", &["X.npy", "no table of text", "\"2\""]);
    refused("embed X.npy --sample 21", &["20", "ask for fewer\n"]);
    session.run("plot X.npy --labels y.csv -o map.png").failed(1, &["21 labels", "--labels-header yes"]);
    assert_eq!(session.names(), before);
}

#[test]
fn standard_streams_are_not_named_with_a_dash() {
    let session = Session::new();
    session.file("X.npy", npy(&good()));
    session.run("embed X.npy -o -").failed(2, &["leave out -o for standard output"]);
    session.run("embed -").failed(1, &["/dev/stdin", "empty"]);
    session.run("embed X.npy --json").failed(2, &["the map needs a file: add -o FILE"]);
    assert_eq!(session.names(), ["X.npy"]);
}

#[test]
fn labels_of_another_length() {
    let session = Session::new();
    session.file("X.npy", npy(&good())).file("map.npy", npy(&clusters(60, 2))).file("y.csv", "1\n2\n3\n");
    let before = session.names();
    for arguments in [
        "embed X.npy --labels y.csv -o out.npy",
        "sweep X.npy --labels y.csv -o out",
        "lesson --dataset X.npy --labels y.csv -o out",
        "plot map.npy --labels y.csv -o map.png",
        "score X.npy map.npy --labels y.csv",
    ] {
        session.run(arguments).failed(1, &["y.csv", "3", "60"]);
    }
    assert_eq!(session.names(), before);
}

#[test]
fn a_label_column_that_is_not_there() {
    let session = Session::new();
    session.file("X.csv", csv(Some("width,height,kind"), &clusters(20, 3)));
    for column in ["knd", "4", "0"] {
        session
            .run(&format!("embed X.csv --label-column {column} --perplexity 3 -o map.npy"))
            .failed(1, &["X.csv", column]);
    }
    session.file("X.npy", npy(&good()));
    for input in ["X.npy", "digits"] {
        session
            .run(&format!("embed {input} --label-column 3 -o map.npy"))
            .failed(1, &[input, "no table of text", "--labels"]);
    }
    session.run("plot X.npy --label-column 3 -o map.png").failed(1, &["X.npy", "no table of text"]);
    assert_eq!(session.names(), ["X.csv", "X.npy"]);
}

#[test]
fn an_array_that_the_archive_does_not_have() {
    let session = Session::new();
    session.file("X.npz", npz(&[("x_train", npy(&good()))]));
    refused_in(&session, "X.npz:x_trian", &["x_trian", "x_train"]);
}

#[test]
fn misspelled_names_find_the_nearest() {
    let session = Session::new();
    session.file("map.npy", npy(&clusters(20, 2)));
    session.run("plot map.npy -o map.png --palette mutde").failed(2, &["mutde", "muted"]);
    session.run("plot map.npy -o map.png --style darkgird").failed(2, &["darkgird", "darkgrid"]);
    session.run("plot map.npy -o map.png --context notbook").failed(2, &["notbook", "notebook"]);
    session.run("embde X.npy").failed(2, &["embde", "embed"]);
    session.run("embed X.npy --perplexty 5").failed(2, &["--perplexty", "--perplexity"]);
    session.run("embed mnits -o out.npy").failed(1, &["mnits", "mnist"]);
    session.run("lesson --dataset digist").failed(1, &["digist", "digits"]);
    assert_eq!(session.names(), ["map.npy"]);
}

#[test]
fn a_map_that_is_none() {
    let session = Session::new();
    session.file("three.npy", npy(&clusters(20, 3))).file("short.npy", npy(&clusters(7, 2)));
    session.file("X.npy", npy(&good()));
    let before = session.names();
    session.run("plot three.npy -o map.png").failed(1, &["three.npy", "3 columns", "2"]);
    session.run("score X.npy short.npy").failed(1, &["short.npy", "7", "60"]);
    session.run("plot none.npy -o map.png").failed(1, &["none.npy", "no such file"]);
    assert_eq!(session.names(), before);
}

#[test]
fn outputs_that_cannot_be_written() {
    let session = Session::new();
    session.file("X.npy", npy(&good())).file("file", "");
    let before = session.names();
    for (arguments, name) in [
        ("embed X.npy -o none/map.npy", "none/map.npy"),
        ("embed X.npy -o file/map.npy", "file/map.npy"),
        ("embed X.npy -o map.npy --plot none/map.png", "none/map.png"),
        ("embed X.npy -o map.npy --record none/run.json", "none/run.json"),
        ("embed X.npy -o /proc/map.npy", "/proc/map.npy"),
        ("sweep X.npy -o file", "file"),
        ("sweep X.npy -o file/out", "file/out"),
        ("sweep X.npy -o /proc/out", "/proc/out"),
        ("lesson -o /proc/out", "/proc/out"),
        ("plot X.npy -o none/map.png", "none/map.png"),
    ] {
        let outcome = session.run(arguments).failed(1, &[name]);
        assert!(!outcome.stderr.contains("optimization"), "{arguments}: named only after the work");
    }
    assert_eq!(session.names(), before);
}

#[test]
fn counts_and_rates_out_of_bounds() {
    let session = Session::new();
    session.file("X.npy", npy(&good()));
    for arguments in [
        "--iterations 0",
        "--learning-rate 0",
        "--learning-rate -1",
        "--early-exaggeration 0.5",
        "--early-exaggeration nan",
        "--threads 0",
        "--threads 1000000",
        "--sample 0",
        "--pca 0",
        "--seed -1",
        "--init spectral",
        "--repulsion magic",
        "--angle 1.5",
        "--angle nan",
        "--angle 0.5",
    ] {
        let option = arguments.split(' ').next().unwrap();
        session.run(&format!("embed X.npy -o map.npy {arguments}")).failed(2, &[option]);
    }
    session.run("embed X.npy -o map.npy --sample 61").failed(1, &["X.npy", "61", "60"]);
    session.run("embed X.npy -o map.npy --pca 7").failed(1, &["X.npy", "7", "6"]);
    assert_eq!(session.names(), ["X.npy"]);
}
