//! What a file is that cannot be read, named as what it is, with the way to what can be.

/// Which format a file that begins with `prefix` has, and what to do about it; `None` where that is not known.
pub(crate) fn named(prefix: &[u8]) -> Option<&'static str> {
    const BY_FIRST_BYTES: [(&[u8], &str); 22] = [
        (
            b"\x89HDF",
            "is an HDF5 file (.h5, .h5ad, .mat v7.3), which Python converts in two lines: `import h5py, numpy` and \
             `numpy.save(\"X.npy\", h5py.File(\"FILE\")[\"X\"][:])`; of .h5ad \
             `import anndata, numpy` and `numpy.save(\"X.npy\", anndata.read_h5ad(\"FILE\").obsm[\"X_pca\"])`",
        ),
        (
            b"PAR1",
            "is a Parquet file; in Python: `pandas.read_parquet(\"FILE\").to_csv(\"FILE.csv\", index=False)`",
        ),
        (
            b"ARROW1",
            "is an Arrow file; in Python: `pandas.read_feather(\"FILE\").to_csv(\"FILE.csv\", index=False)`",
        ),
        (b"\x89PNG", "is a PNG image, which is one sample and no table"),
        (b"\xff\xd8\xff", "is a JPEG image, which is one sample and no table"),
        (b"\x80\x02", PICKLE),
        (b"\x80\x03", PICKLE),
        (b"\x80\x04", PICKLE),
        (b"\x80\x05", PICKLE),
        (b"\xfd7zXZ", "is an xz file: unpack it first, as in `unxz FILE`"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive: unpack it first"),
        (b"Rar!", "is a RAR archive: unpack it first"),
        (b"%PDF", "is a PDF document, which holds no table that a program could read"),
        (b"\xd0\xcf\x11\xe0", "is an old Excel workbook (.xls): save its sheet as CSV"),
        (
            b"SQLite format 3",
            "is an SQLite database: `sqlite3 -header -csv FILE \"SELECT * FROM TABLE\" > FILE.csv`",
        ),
        (b"RDX3\n", RDATA),
        (b"RDX2\n", RDATA),
        (b"X\n\x00\x00\x00", RDATA),
        (b"MATLAB 7.3 MAT-file", "is a MATLAB file of version 7.3; save it with `save('FILE', 'X', '-v6')`"),
        (
            b"MATLAB 5.0",
            "is a MATLAB file; in Python: `numpy.save(\"X.npy\", scipy.io.loadmat(\"FILE\")[\"X\"])`",
        ),
        (b"$FL2", "is an SPSS file: save it as CSV"),
        (
            b"version https://git-lfs.github.com/",
            "is a Git LFS pointer and not the file itself: fetch that with `git lfs pull`",
        ),
    ];
    let told = BY_FIRST_BYTES.iter().find(|(magic, _)| prefix.starts_with(magic));
    told.map(|(_, what)| *what).or_else(|| text(prefix))
}

const PICKLE: &str =
    "is a Python pickle, or what PyTorch saved; in Python, save the array: `numpy.save(\"X.npy\", array)`";
const RDATA: &str = "is R's own format; in R, save the table: `write.csv(readRDS(\"FILE\"), \"FILE.csv\")`";

/// The same of text.
fn text(prefix: &[u8]) -> Option<&'static str> {
    let prefix = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
    let start = prefix.trim_ascii_start();
    let begins =
        |word: &str| start.get(..word.len()).is_some_and(|s| s.eq_ignore_ascii_case(word.as_bytes()));
    if begins("<!doctype html") || begins("<html") {
        return Some(
            "is a page of HTML and no data, such as a server sends in place of a file: open it in a browser to see what \
             it says, and fetch the file itself",
        );
    }
    if begins("<?xml") {
        return Some("is XML; convert it to CSV first");
    }
    let next = |start: &[u8]| start[1..].trim_ascii_start().first().copied();
    let is_json = match start.first() {
        Some(b'{') => matches!(next(start), Some(b'"' | b'}')),
        Some(b'[') => matches!(next(start), Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9')),
        _ => false,
    };
    if is_json && !begins_with_a_list(start) {
        return Some(
            "is JSON in one piece; JSON with one object a line can be read: `jq -c '.[]' FILE > FILE.jsonl`, or in Python \
             `pandas.read_json(\"FILE\").to_json(\"FILE.jsonl\", orient=\"records\", lines=True)`",
        );
    }
    let mut lines = start.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"%"))?;
    first.get(..9).filter(|word| word.eq_ignore_ascii_case(b"@relation")).map(|_| {
        "is an ARFF file; its rows are CSV: remove the lines up to @data, as in `sed '1,/@data/Id' FILE > FILE.csv`"
    })
}

/// Whether the first line is a row that begins with a list, as a table of vectors in text may: `[0.1, 0.2], a`.
fn begins_with_a_list(text: &[u8]) -> bool {
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    first.starts_with(b"[") && first.contains(&b']') && !first.ends_with(b"]")
}

/// What a zip archive of files with these names is, where it is none of arrays.
pub(crate) fn archive<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Option<String> {
    let any = |is: fn(&str) -> bool| names.clone().any(is);
    if any(|name| name.starts_with("xl/")) {
        return Some("is an Excel workbook (.xlsx): save its sheet as CSV".to_owned());
    }
    if any(|name| name.ends_with("data.pkl")) {
        let how = "in Python: `numpy.save(\"X.npy\", torch.load(\"FILE\").numpy())`";
        return Some(format!("is what PyTorch saved (.pt); {how}"));
    }
    if any(|name| name.starts_with("word/") || name == "content.xml") {
        return Some("is a document of an office program: save its table as CSV".to_owned());
    }
    let table = |name: &&str| {
        let name = name.to_ascii_lowercase();
        [".csv", ".tsv", ".txt", ".tab", ".npy.gz", ".csv.gz", ".json", ".jsonl"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let inside = names.clone().find(table)?;
    let inside = crate::shown::text(inside);
    Some(format!(
        "is a zip archive that holds {inside}: unpack it first, as in `unzip FILE`, and name what it held"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_what_they_are() {
        for (start, what) in [
            (b"\x89HDF\r\n".as_slice(), "HDF5"),
            (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS pointer"),
            (b"\n<!DOCTYPE html><html>", "HTML"),
            (b"[{\"a\": 1},\n{\"a\": 2}]", "JSON"),
            (b"{\n  \"a\": 1\n}", "JSON"),
            (b"% about\n@RELATION iris\n@ATTRIBUTE a REAL\n@DATA\n1\n", "ARFF"),
        ] {
            assert!(named(start).is_some_and(|told| told.contains(what)), "{what}");
        }
        for start in [b"a,b\n1,2\n".as_slice(), b"[x],b\n", b"<a,b\n", b"", b"{", b"[0.1, 0.2],a\n"] {
            assert_eq!(named(start), None, "{}", String::from_utf8_lossy(start));
        }
    }

    #[test]
    fn archives_too() {
        for (names, what) in [
            (vec!["[Content_Types].xml", "xl/workbook.xml"], "Excel"),
            (vec!["archive/data.pkl", "archive/data/0"], "PyTorch"),
            (vec!["table.csv"], "zip archive that holds table.csv"),
        ] {
            assert!(archive(names.into_iter()).is_some_and(|told| told.contains(what)), "{what}");
        }
        assert_eq!(archive(["a.bin"].into_iter()), None);
    }
}
