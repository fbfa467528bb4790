//! Maps made by any tool, and files whose rows have names: joined by name, drawn and scored.

mod session;

use session::{Session, clusters, npy};

const N: usize = 60;

/// The place of row `i` in another order.
fn shuffled(i: usize) -> usize {
    (i * 37 + 11) % N
}

fn name(i: usize) -> String {
    format!("cell-{i}")
}

fn label(i: usize) -> &'static str {
    ["red", "green", "blue"][i % 3]
}

/// The first two columns of the data: a map that keeps it well.
fn points() -> Vec<[f32; 2]> {
    clusters(N, 4).iter().map(|row| [row[0], row[1] + 0.3 * row[2]]).collect()
}

fn lines(rows: impl IntoIterator<Item = String>) -> String {
    rows.into_iter().map(|row| row + "\n").collect()
}

/// The data as a table with names, in the order of `order`.
fn data(order: impl Fn(usize) -> usize) -> String {
    let rows = clusters(N, 4);
    let line = |i: usize| {
        let values: Vec<String> = rows[i].iter().map(ToString::to_string).collect();
        format!("{},{}", name(i), values.join(","))
    };
    format!("barcode,a,b,c,d\n{}", lines((0..N).map(|i| line(order(i)))))
}

fn scores(session: &Session, arguments: &str) -> serde_json::Value {
    let outcome = session.run(&format!("score {arguments} --json --perplexity 5")).succeeded();
    serde_json::from_slice(&outcome.stdout).unwrap()
}

#[test]
fn labels_are_joined_by_the_names_of_the_rows() {
    let session = Session::new();
    let labels = |order: &dyn Fn(usize) -> usize| {
        format!("barcode,label\n{}", lines((0..N).map(|i| format!("{},{}", name(order(i)), label(order(i))))))
    };
    session.file("X.csv", data(|i| i)).file("y.csv", labels(&shuffled));
    let run = "embed X.csv --labels y.csv --perplexity 5 --iterations 20 -o";
    let said = session.run(&format!("{run} map.csv")).succeeded().stderr;
    assert!(said.contains("labels joined by the names of the rows"), "{said}");
    let check = |map: &str| {
        for line in session.read_text(map).lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let row: usize = cells[4].strip_prefix("cell-").unwrap().parse().unwrap();
            assert_eq!(cells[3], label(row), "{line}");
        }
    };
    check("map.csv");
    // Labels of more rows than there are.
    session.file("y.csv", format!("{}more,red\n", labels(&shuffled)));
    session.run(&format!("{run} more.csv")).succeeded();
    check("more.csv");
    session.file("y.csv", labels(&shuffled).replace("cell-7,", "cell-x,"));
    session
        .run(&format!("{run} no.csv"))
        .failed(1, &["y.csv", "\"cell-7\" is not among its names", "belong together"]);
    // The numbers that a data frame gives its rows are names too.
    let plain = data(|i| i).replace("cell-", "").replacen("barcode", "", 1);
    session
        .file("X.csv", plain)
        .file("y.csv", labels(&shuffled).replace("cell-", "").replacen("barcode", "", 1));
    session.run(&format!("{run} numbers.csv")).succeeded();
    for line in session.read_text("numbers.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[3], label(cells[0].parse().unwrap()), "{line}");
    }
}

#[test]
fn a_map_is_scored_against_the_rows_that_it_names() {
    let session = Session::new();
    session.file("X.csv", data(|i| i)).file("other.csv", data(shuffled));
    session.run("embed X.csv --perplexity 5 --iterations 150 -o map.csv").succeeded();
    let expected = scores(&session, "X.csv map.csv");
    assert!(expected["trustworthiness"].as_f64().unwrap() > 0.8, "{expected}");
    let found = scores(&session, "other.csv map.csv");
    for measure in ["kl", "trustworthiness", "continuity", "knn_recall_10"] {
        let (found, expected) = (found[measure].as_f64().unwrap(), expected[measure].as_f64().unwrap());
        assert!((found - expected).abs() < 1e-6, "{measure}: {found} for {expected}");
    }
    let half: String =
        session.read_text("map.csv").lines().take(31).map(|line| format!("{line}\n")).collect();
    session.file("half.csv", half);
    let outcome = session.run("score other.csv half.csv --perplexity 5").succeeded();
    assert!(outcome.stderr.contains("rows matched by name"), "{}", outcome.stderr);
    session.file("strange.csv", session.read_text("map.csv").replace("cell-", "sample-"));
    session
        .run("score X.csv strange.csv --perplexity 5")
        .failed(1, &["X.csv", "\"sample-0\" is not among its names"]);
}

#[test]
fn rows_that_were_left_out_stay_out_of_the_score() {
    let session = Session::new();
    let holes = data(|i| i).replacen("cell-3,", "cell-3,NA,", 1);
    let holes: String = holes
        .lines()
        .map(|line| match line.starts_with("cell-3,") {
            true => format!("{}\n", line.rsplit_once(',').unwrap().0),
            false => format!("{line}\n"),
        })
        .map(|line| line.split_once(',').unwrap().1.to_owned())
        .collect();
    session.file("X.csv", holes).file("y.txt", lines((0..N).map(|i| label(i).to_owned())));
    session.run("embed X.csv --missing drop --perplexity 5 --iterations 150 -o map.csv").succeeded();
    let found = scores(&session, "X.csv map.csv --missing drop --labels y.txt");
    assert!(found["trustworthiness"].as_f64().unwrap() > 0.8, "{found}");
    assert!(found["label_accuracy"].as_f64().unwrap() > 0.9, "{found}");
}

/// Maps as tools write them, with what each is called.
fn foreign() -> Vec<(&'static str, String)> {
    let points = points();
    let table = |header: &str, row: &dyn Fn(usize, [f32; 2]) -> String| {
        format!("{header}\n{}", lines((0..N).map(|i| row(i, points[i]))))
    };
    let plain = |i: usize, [x, y]: [f32; 2]| format!("{},{x},{y}", name(i));
    vec![
        ("cellranger.csv", table("Barcode,TSNE-1,TSNE-2", &plain)),
        ("seurat.csv", table("\"\",\"tSNE_1\",\"tSNE_2\"", &|i, [x, y]| format!("\"{}\",{x},{y}", name(i)))),
        (
            "flowjo.csv",
            table("FSC-A,CD1,CD2,tSNE_1_ab,tSNE_2_ab", &|i, [x, y]| format!("{},1,{i},{x},{y}", i * 3)),
        ),
        (
            "portal.txt",
            table("NAME\tX\tY\tCluster\nTYPE\tnumeric\tnumeric\tgroup", &|i, [x, y]| {
                format!("{}\t{x}\t{y}\t{}", name(i), label(i))
            }),
        ),
        ("named.csv", table("NAME,X,Y,LABELS", &|i, [x, y]| format!("{},{x},{y},{}", name(i), label(i)))),
        ("comp.csv", table("comp-1,comp-2,y", &|i, [x, y]| format!("{x},{y},{}", i % 3))),
    ]
}

#[test]
fn maps_of_six_tools_are_drawn_and_scored() {
    let session = Session::new();
    session.file("X.csv", data(|i| i)).file("X.npy", npy(&clusters(N, 4)));
    let mut values = Vec::new();
    for (file, content) in foreign() {
        session.file(file, content);
        session.run(&format!("plot {file} -o {file}.svg --legend")).succeeded();
        let picture = session.read_text(&format!("{file}.svg"));
        let has_labels = matches!(file, "portal.txt" | "named.csv");
        assert_eq!(picture.contains(">green<"), has_labels, "{file}");
        let found = scores(&session, &format!("X.csv {file}"));
        assert_eq!(found["label_accuracy"].is_number(), has_labels, "{file}: labels that stand in the map");
        values.push(found["trustworthiness"].as_f64().unwrap());
        let position = scores(&session, &format!("X.npy {file}"));
        assert_eq!(position["trustworthiness"], found["trustworthiness"], "{file}");
    }
    assert!(values.iter().all(|value| (value - values[0]).abs() < 1e-9), "{values:?}");
    let said = session.run("plot cellranger.csv -o again.svg").succeeded().stderr;
    assert!(said.contains("the coordinates are column 2 (TSNE-1) and column 3 (TSNE-2)"), "{said}");
    // Clusters in a file of their own, in another order.
    let clusters = lines((0..N).map(|i| format!("{},{}", name(shuffled(i)), label(shuffled(i)))));
    session.file("clusters.csv", format!("Barcode,Cluster\n{clusters}"));
    let found = scores(&session, "X.csv cellranger.csv --labels clusters.csv --label-column Cluster");
    assert!(found["label_accuracy"].as_f64().unwrap() > 0.95, "{found}");
}

#[test]
fn coordinates_are_named_where_there_are_several_maps() {
    let session = Session::new();
    let points = points();
    let rows = lines((0..N).map(|i| format!("{},{},{i},{}", points[i][0], points[i][1], i % 7)));
    session.file("two.csv", format!("tSNE_1,tSNE_2,UMAP_1,UMAP_2\n{rows}"));
    session.run("plot two.csv -o a.svg").failed(
        1,
        &["two.csv", "holds several maps: tSNE_1 and tSNE_2, UMAP_1 and UMAP_2", "--x NAME --y NAME"],
    );
    session.run("plot two.csv --x tSNE_1 --y 2 -o a.svg").succeeded();
    session.run("plot two.csv --x tSNE_1 --y nothing -o b.svg").failed(1, &["no column \"nothing\""]);
    session.run("plot two.csv --x tSNE_1 -o b.svg").failed(2, &["--y"]);
    session.file("text.csv", "x,y\na,1\nb,2\nc,3\n");
    session.run("plot text.csv -o b.svg").failed(1, &["column 1 (x) holds text", "no coordinate"]);
}

#[test]
fn points_without_a_label_are_gray_and_not_asked() {
    let session = Session::new();
    let points = points();
    let some = |i: usize| if i.is_multiple_of(4) { ["", "NA", "NaN"][i / 4 % 3] } else { label(i) };
    let rows = lines((0..N).map(|i| format!("{},{},{}", points[i][0], points[i][1], some(i))));
    session.file("map.csv", format!("x,y,label\n{rows}")).file("X.npy", npy(&clusters(N, 4)));
    let said = session.run("plot map.csv --legend -o map.svg").succeeded().stderr;
    assert!(said.contains("15 points have no label, drawn in gray"), "{said}");
    let picture = session.read_text("map.svg");
    assert!(picture.contains(">no label<") && picture.to_lowercase().contains("#c8c8c8"));
    let outcome = session.run("score X.npy map.csv --json --perplexity 5").succeeded();
    assert!(outcome.stderr.contains("15 points without a label left out"), "{}", outcome.stderr);
    let found: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert!(found["label_accuracy"].as_f64().unwrap() > 0.95 && found["silhouette"].is_number(), "{found}");
    // A map of data needs all of its labels.
    session.file("y.csv", "label\nred\n\nblue\n");
    let rows = lines((0..N).map(|i| format!("{i},{},{}", i % 7, some(i))));
    session.file("X.csv", format!("a,b,label\n{rows}"));
    session.run("embed X.csv -o no.csv").failed(1, &["the label is empty"]);
}

#[test]
fn each_file_has_a_header_option_of_its_own() {
    let session = Session::new();
    let rows = lines(clusters(N, 3).iter().map(|row| format!("{},{},{}", row[0], row[1], row[2])));
    session.file("X.csv", format!("1,2,3\n{rows}")).file("y.txt", lines((0..N).map(|i| (i % 3).to_string())));
    let run = "embed X.csv --labels y.txt --perplexity 5 --iterations 20 --header yes -o";
    session.run(&format!("{run} a.csv --labels-header no")).succeeded();
    assert_eq!(session.read_text("a.csv").lines().count(), N + 1);
    session.run(&format!("{run} b.csv")).failed(1, &["59 labels for 60 rows"]);
    session.run("embed X.csv --labels-header no -o c.csv").failed(2, &["--labels"]);
}

#[test]
fn axes_say_the_coordinates_that_the_file_has() {
    let session = Session::new();
    for header in ["x,y", "lon,lat"] {
        let rows =
            lines((0..50).map(|i| format!("{},{}", 100_000.0 + f64::from(i) * 0.001, 1e9 + f64::from(i))));
        session.file("map.csv", format!("{header}\n{rows}"));
        session.run("plot map.csv --style ticks --size 6 -o map.svg --force").succeeded();
        let picture = session.read_text("map.svg");
        assert!(picture.contains(">100000.0"), "{header}");
        assert!(!picture.contains("\u{2212}"), "{header}");
    }
}

#[test]
fn a_palette_that_gives_way_is_told() {
    let session = Session::new();
    let rows = lines((0..N).map(|i| format!("{i},{},cluster {}", i % 7, i % 12)));
    session.file("map.csv", format!("x,y,label\n{rows}"));
    let said = session.run("plot map.csv --palette deep --legend -o map.svg").succeeded().stderr;
    assert!(said.contains("12 labels are more than the 10 colors of deep"), "{said}");
    let picture = session.read_text("map.svg");
    let place = |name: &str| picture.find(&format!(">{name}<")).unwrap();
    assert!(place("cluster 2") < place("cluster 10"), "labels stand in the order in which people count");
    let said = session.run("plot map.csv -o other.svg").succeeded().stderr;
    assert!(!said.contains("more than"), "{said}");
}
