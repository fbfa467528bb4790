//! `gnomonic embed`, as a user types it.

mod session;

use session::{Session, cluster_labels, clusters, csv, npy, npy_values, npz};

/// Few iterations: enough for a map, since nothing here depends on its quality.
const SHORT: &str = "--iterations 60 --perplexity 10";

fn with_data() -> Session {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(90, 6))).file("y.csv", cluster_labels(90));
    session
}

#[test]
fn standard_output_has_the_map_and_nothing_else() {
    let session = with_data();
    let outcome = session.run(&format!("embed X.npy --labels y.csv {SHORT}")).succeeded();
    let lines: Vec<&str> = outcome.text().lines().collect();
    assert_eq!(lines[0], "index,x,y,label");
    assert_eq!(lines.len(), 91);
    for (i, line) in lines[1..].iter().enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!((cells[0], cells[3]), (i.to_string().as_str(), ["red", "green", "blue"][i % 3]));
        assert!(cells[1].parse::<f32>().unwrap().is_finite() && cells[2].parse::<f32>().unwrap().is_finite());
    }
    assert!(outcome.stderr.contains("optimization") || outcome.stderr.contains("early exaggeration"));
    assert_eq!(session.names(), ["X.npy", "y.csv"]);
}

#[test]
fn without_labels_there_is_no_label_column() {
    let outcome = with_data().run(&format!("embed X.npy {SHORT}")).succeeded();
    assert!(outcome.text().starts_with("index,x,y\n0,"));
}

#[test]
fn maps_have_as_many_dimensions_as_are_asked_for() {
    let session = with_data();
    for (components, header) in
        [(1, "index,x,label"), (3, "index,x,y,z,label"), (4, "index,x1,x2,x3,x4,label")]
    {
        let picture = if components < 4 { "--plot map.png" } else { "" };
        let arguments = format!(
            "embed X.npy --labels y.csv --components {components} --force {picture} --record run.json {SHORT}"
        );
        session.run(&format!("{arguments} -o map.csv")).succeeded();
        let map = String::from_utf8(session.read("map.csv")).unwrap();
        assert_eq!(map.lines().next(), Some(header));
        assert_eq!(map.lines().count(), 91);
        let record = session.read_json("run.json");
        assert_eq!(
            (&record["parameters"]["components"], &record["parameters"]["dof"]),
            (&components.into(), &1.0.into())
        );
        // What was written is read again, by its names.
        let scores = session.run("score X.npy map.csv --perplexity 10 --json").succeeded();
        assert!(scores.text().contains("trustworthiness"), "{}", scores.text());
        session.run(&format!("{arguments} -o map.npy")).succeeded();
        assert!(npy_values(&session.read("map.npy")).0.contains(&format!("(90, {components})")));
    }
    for (arguments, message) in [
        ("--components 4 --plot m.png -o m.npy", "a map of 4 dimensions has no picture"),
        ("--components 0", "must be at least 1"),
        ("--components 4 --repulsion field", "at most three dimensions"),
    ] {
        session.run(&format!("embed X.npy {arguments}")).failed(2, &[message]);
    }
}

#[test]
fn the_kernel_has_the_degrees_of_freedom_asked_for() {
    let session = with_data();
    let divergence = |dof: &str| {
        session
            .run(&format!("embed X.npy -o map.npy --force --record run.json --dof {dof} {SHORT}"))
            .succeeded();
        let record = session.read_json("run.json");
        assert_eq!(record["parameters"]["dof"], dof.parse::<f64>().unwrap());
        record["kl_divergence"].as_f64().unwrap()
    };
    let divergences = ["0.5", "1", "3"].map(divergence);
    assert!(divergences.iter().all(|kl| kl.is_finite() && *kl > 0.0) && divergences[0] != divergences[1]);
    session.run("embed X.npy --dof 0").failed(2, &["degrees of freedom is 0; it must be from 0.1 to 100"]);
}

#[test]
fn quiet_says_nothing() {
    let session = with_data();
    let outcome = session.run(&format!("embed X.npy -o map.npy --quiet {SHORT}")).succeeded();
    assert_eq!((outcome.stdout.len(), outcome.stderr.as_str()), (0, ""));
    assert_eq!(session.names(), ["X.npy", "map.npy", "y.csv"]);
}

#[test]
fn one_run_writes_map_picture_and_record() {
    let session = with_data();
    session
        .run(&format!(
            "embed X.npy --labels y.csv -o map.npy --plot map.png --record run.json --scale standard --pca 3 \
             --sample 60 --seed 7 {SHORT}"
        ))
        .succeeded();
    let (header, values) = npy_values(&session.read("map.npy"));
    assert!(header.contains("'<f4'") && header.contains("(60, 2)"), "{header}");
    assert!(values.len() == 120 && values.iter().all(|value| value.is_finite()));
    assert!(session.read("map.png").starts_with(b"\x89PNG"));
    let record = session.read_json("run.json");
    assert_eq!(record["command"], "embed");
    assert_eq!(record["input"]["path"], "X.npy");
    assert_eq!(record["input"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!((&record["input"]["n_samples"], &record["input"]["n_features"]), (&90.into(), &6.into()));
    assert_eq!(record["preparation"]["scale"], "standard");
    assert_eq!((&record["preparation"]["sample"], &record["preparation"]["pca"]), (&60.into(), &3.into()));
    assert_eq!((&record["seed"], &record["iterations"]), (&7.into(), &60.into()));
    assert_eq!(record["parameters"]["perplexity"], 10.0);
    assert_eq!((&record["n_neighbors"], &record["neighbor_recall"]), (&30.into(), &1.0.into()));
    assert!(record["kl_divergence"].as_f64().unwrap() > 0.0);
    assert!(record["timings_seconds"]["neighbors"].is_number());
    assert!(record["instruction_set"].is_string() && record["versions"]["gnomonic"].is_string());
    assert!(record["command_line"].as_array().unwrap().contains(&"--pca".into()));
    assert_eq!(record["warnings"], serde_json::json!([]));
}

#[test]
fn distances_are_chosen_by_name() {
    let session = with_data();
    for (metric, written) in
        [("cosine", "cosine"), ("cityblock", "manhattan"), ("minkowski:3", "minkowski:3")]
    {
        let command = format!(
            "embed X.npy --perplexity 10 --iterations 60 --metric {metric} -o map.npy --record run.json -q --force"
        );
        session.run(&command).succeeded();
        assert_eq!(session.read_json("run.json")["parameters"]["metric"], written);
        assert!(npy_values(&session.read("map.npy")).1.iter().all(|value| value.is_finite()));
    }
    session
        .run("embed X.npy --metric cosin -q")
        .failed(2, &["cosin", "euclidean, sqeuclidean, cosine", "minkowski:P"]);
    session.run("embed X.npy --metric minkowski:0 -q").failed(2, &["is 0", "at least 1"]);
    session
        .run("embed X.npy --perplexity 10 --metric jaccard --neighbors shortlist -q")
        .failed(2, &["shortlist for the distance jaccard", "exact or auto"]);
    // The help is wrapped at the width of the terminal.
    let help =
        session.run("embed --help").succeeded().text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("correlation, mahalanobis, manhattan"), "{help}");
}

#[test]
fn the_record_tells_how_neighbors_were_found_and_how_many_are_true() {
    let session = Session::new();
    // On a curve, where a search among clusters finds all that it needs nearby.
    let curve = |i: usize| (0..60).map(|j| (0.001 * (i * (1 + j % 5) + j) as f32).sin()).collect();
    session.file("X.npy", npy(&(0..1500).map(curve).collect::<Vec<Vec<f32>>>()));
    for command in ["embed X.npy -o map.npy", "sweep X.npy --perplexity 10,15 -o out"] {
        let methods = [
            ("exact", "exact"),
            ("shortlist", "shortlist"),
            ("approximate", "shortlist"),
            ("clustered", "clustered"),
        ];
        for (asked, method) in methods {
            let arguments = format!("{command} --json --force --iterations 20 --neighbors {asked}");
            let outcome = session.run(&arguments).succeeded();
            let record: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
            let told = [&record["neighbor_recall"], &record["sweep"][0]["neighbor_recall"]];
            let recall = told.iter().find_map(|recall| recall.as_f64()).unwrap();
            let told = &record["methods"]["neighbors"];
            assert!(recall == 1.0 || (method != "exact" && recall > 0.96), "{arguments}: {recall}");
            assert_eq!(told, method, "{arguments}");
            assert_eq!(record["warnings"], serde_json::json!([]));
        }
    }
    session.run("embed X.npy --neighbors shortlst").failed(2, &["shortlst", "'shortlist'"]);
}

#[test]
fn the_environment_bounds_the_instructions() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(120, 60)));
    let run = |level: &str| {
        let mut command = session.command("embed X.npy -o map.npy --json --force --iterations 20");
        session::outcome(command.env("GNOMONIC_SIMD", level).output().unwrap())
    };
    for level in ["avx512", "avx2", "baseline", "", " AVX2 "] {
        let outcome = run(level).succeeded();
        let record: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
        let told = record["instruction_set"].as_str().unwrap();
        assert!(level != "baseline" || told == std::env::consts::ARCH, "{told}");
        assert!(!level.to_lowercase().contains("avx2") || !told.contains("512"), "{told}");
    }
    run("avx3").failed(2, &["error: GNOMONIC_SIMD", "is \"avx3\"", "avx512, avx2 or baseline"]);
    for command in ["sweep X.npy -o out", "lesson --dataset X.npy -o out"] {
        let mut command = session.command(command);
        let outcome = session::outcome(command.env("GNOMONIC_SIMD", "avx3").output().unwrap());
        outcome.failed(2, &["error: GNOMONIC_SIMD"]);
    }
}

#[test]
fn a_sample_keeps_the_rows_of_the_input_as_index() {
    let session = with_data();
    let outcome = session.run(&format!("embed X.npy --labels y.csv --sample 40 {SHORT}")).succeeded();
    let mut rows: Vec<usize> = Vec::new();
    for line in outcome.text().lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let row: usize = cells[0].parse().unwrap();
        assert_eq!(cells[3], ["red", "green", "blue"][row % 3], "the label goes with the row");
        rows.push(row);
    }
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), 40, "no row comes twice");
    assert!(rows.iter().any(|&row| row >= 40));
}

#[test]
fn every_format_of_the_same_data_gives_the_same_map() {
    let rows = clusters(60, 4);
    let session = Session::new();
    session
        .file("X.npy", npy(&rows))
        .file("X.csv", csv(None, &rows))
        .file("header.csv", csv(Some("a,b,c,d"), &rows))
        .file("X.tsv", csv(None, &rows).replace(',', "\t"))
        .file("many.npz", npz(&[("other", npy(&clusters(5, 2))), ("x", npy(&rows))]));
    let expected = session.run(&format!("embed X.npy {SHORT}")).succeeded().stdout;
    for input in ["X.csv", "header.csv", "X.tsv", "many.npz:x"] {
        assert_eq!(session.run(&format!("embed {input} {SHORT}")).succeeded().stdout, expected, "{input}");
    }
}

#[test]
fn labels_come_from_a_column_by_name_or_number() {
    let session = Session::new();
    let rows = clusters(30, 2);
    let table: String = rows
        .iter()
        .enumerate()
        .map(|(i, row)| {
            format!(
                "{},{},{}\n",
                row[0],
                ["oak", "elm, tall"][i % 2].replace("elm, tall", "\"elm, tall\""),
                row[1]
            )
        })
        .collect();
    session.file("X.csv", format!("width,kind,height\n{table}"));
    let by_name = session.run("embed X.csv --label-column kind --iterations 30 --perplexity 5").succeeded();
    let by_number = session.run("embed X.csv --label-column 2 --iterations 30 --perplexity 5").succeeded();
    assert_eq!(by_name.text(), by_number.text());
    assert!(by_name.text().lines().nth(2).unwrap().ends_with(",\"elm, tall\""), "{}", by_name.text());
}

#[test]
fn the_bytes_do_not_depend_on_the_threads() {
    let session = Session::new();
    for (name, repulsion) in [("exact", "exact"), ("field", "field"), ("tree", "barnes-hut --angle 0.6")] {
        for threads in [1, 2, 5] {
            session
                .run(&format!(
                    "embed digits -q -o {name}{threads}.npy --repulsion {repulsion} --iterations 120 --threads {threads}"
                ))
                .succeeded();
        }
        let one = session.read(&format!("{name}1.npy"));
        assert_eq!(one, session.read(&format!("{name}2.npy")), "{name}, 2 threads");
        assert_eq!(one, session.read(&format!("{name}5.npy")), "{name}, 5 threads");
    }
}

#[test]
fn the_angle_is_in_the_record() {
    let session = with_data();
    session
        .run(&format!("embed X.npy -o map.npy --record tree.json --repulsion barnes-hut {SHORT}"))
        .succeeded();
    session
        .run(&format!("embed X.npy -o other.npy --record exact.json --repulsion exact {SHORT}"))
        .succeeded();
    let methods = |file| session.read_json(file)["methods"].clone();
    assert_eq!(
        (&methods("tree.json")["repulsion"], &methods("tree.json")["angle"]),
        (&"barnes-hut".into(), &0.5.into())
    );
    assert!(methods("exact.json")["angle"].is_null());
}

#[test]
fn the_seed_matters_only_where_something_is_random() {
    let session = with_data();
    let map = |options: &str| session.run(&format!("embed X.npy {SHORT} {options}")).succeeded().stdout;
    assert_eq!(map("--seed 1"), map("--seed 1"));
    assert_eq!(map("--seed 1"), map("--seed 2"), "nothing is random in the start by principal axes");
    assert_ne!(map("--seed 1 --init random"), map("--seed 2 --init random"));
    assert_ne!(map("--seed 1 --sample 50"), map("--seed 2 --sample 50"));
}

#[test]
fn json_is_the_record_alone() {
    let session = with_data();
    let outcome = session.run(&format!("embed X.npy -o map.npy --json {SHORT}")).succeeded();
    let record: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert_eq!(record["command"], "embed");
    session.run("embed X.npy --json").failed(2, &["add -o FILE"]);
}

#[test]
fn unusual_data_is_mapped() {
    let finite = |session: &Session, arguments: &str| {
        let outcome = session.run(arguments).succeeded();
        let lower = outcome.text().to_lowercase();
        assert!(!lower.contains("nan") && !lower.contains("inf"), "{arguments}: {lower}");
        outcome
    };
    let session = Session::new();
    let mut duplicates = clusters(40, 4);
    duplicates.extend(clusters(40, 4));
    let constant: Vec<Vec<f32>> =
        clusters(40, 3).into_iter().map(|row| [row, vec![7.0, 0.0]].concat()).collect();
    let offset: Vec<Vec<f32>> =
        clusters(40, 3).into_iter().map(|row| row.iter().map(|v| v + 1e6).collect()).collect();
    session
        .file("duplicates.npy", npy(&duplicates))
        .file("constant.npy", npy(&constant))
        .file("offset.npy", npy(&offset))
        .file("column.npy", npy(&clusters(40, 1)))
        .file("four.npy", npy(&clusters(4, 3)));
    for name in ["duplicates", "constant", "offset", "column"] {
        for preparation in ["none", "minmax", "standard"] {
            finite(
                &session,
                &format!("embed {name}.npy --iterations 300 --perplexity 5 --scale {preparation}"),
            );
        }
    }
    finite(&session, "embed four.npy --iterations 300 --perplexity 1");
}

#[test]
fn a_perplexity_near_n_runs_on_all_neighbors_with_a_warning() {
    let session = with_data();
    let outcome = session
        .run("embed X.npy --perplexity 60 --iterations 60 -o map.npy --record run.json -q")
        .succeeded();
    assert!(outcome.stderr.starts_with("warning: perplexity 60"), "{}", outcome.stderr);
    assert_eq!(outcome.stderr.lines().count(), 1, "told once: {}", outcome.stderr);
    let record = session.read_json("run.json");
    assert_eq!(record["n_neighbors"], 89);
    assert_eq!(record["warnings"].as_array().unwrap().len(), 1);
}

#[test]
fn what_tables_leave_open_is_said_by_options() {
    let session = Session::new();
    session.file("X.csv", format!("5,b\n{}", csv(None, &clusters(30, 2))));
    let several: String = (0..30)
        .map(|i| format!("{i},{},{}\n", ["red", "green"][i % 2], ["cat", "dog", "eel"][i % 3]))
        .collect();
    session.file("y.csv", format!("id,color,animal\n{several}"));
    let short = "--perplexity 3 --iterations 60";
    for (column, label) in [("color", "red"), ("2", "red"), ("animal", "cat")] {
        let arguments = format!("embed X.csv --header yes --labels y.csv --label-column {column} {short}");
        let outcome = session.run(&arguments).succeeded();
        let first = outcome.text().lines().nth(1).unwrap();
        assert!(first.ends_with(label), "{column}: {first}");
    }
    session.file("numbers.csv", csv(None, &clusters(30, 2)));
    for (header, rows) in [("auto", 30), ("no", 30), ("yes", 29)] {
        let outcome = session.run(&format!("embed numbers.csv --header {header} {short}")).succeeded();
        assert_eq!(outcome.text().lines().count(), 1 + rows, "--header {header}");
    }
    session.run("embed numbers.csv --header maybe").failed(2, &["--header", "auto", "yes", "no"]);
}

#[test]
fn a_warning_of_few_neighbors_names_its_perplexity_once() {
    let session = with_data();
    let outcome = session.run("sweep X.npy --perplexity 50 --iterations 60 -o one --threads 1").succeeded();
    assert!(outcome.stderr.contains("warning: perplexity 50 is usually"), "{}", outcome.stderr);
    let outcome =
        session.run("sweep X.npy --perplexity 40,50 --iterations 60 -o two --threads 2").succeeded();
    assert!(outcome.stderr.contains("warning: perplexity 50 is usually"), "{}", outcome.stderr);
}

#[test]
fn a_column_that_numbers_the_rows_is_left_out_and_told() {
    let session = with_data();
    for (name, first, told) in
        [("a.csv", "index", "the column index"), ("b.csv", "", "the first column, which numbers")]
    {
        let rows: String = (0..40).map(|i| format!("{i},{},{}\n", i % 7, (i * i) % 11)).collect();
        session.file(name, format!("{first},x1,x2\n{rows}"));
        let outcome = session.run(&format!("embed {name} --iterations 20 --perplexity 5")).succeeded();
        assert!(
            outcome.stderr.contains("40 × 2, without ") && outcome.stderr.contains(told),
            "{}",
            outcome.stderr
        );
    }
}
