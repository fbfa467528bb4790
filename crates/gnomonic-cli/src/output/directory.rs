//! The directory that a command fills with files whose names it knows.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use gnomonic_datasets::write::check_folder;

use super::destination::{Destination, MayReplace, Signature};
use super::inputs::Inputs;
use crate::claims::Claims;
use crate::record;

/// A directory of results. Its files are regular files in it, and nothing else: a link is not followed out of it.
#[derive(Clone, Debug)]
pub(crate) struct OutputDirectory {
    path: PathBuf,
    /// Those of the files that stood there when it was planned.
    standing: Vec<(String, Metadata)>,
    force: bool,
}

impl OutputDirectory {
    /// Checks that `files` can be written into `path`, without making it.
    ///
    /// Files of an earlier run of `command` are overwritten: its record, `run.json`, lists them with their digests, and is believed
    /// about nothing else.
    ///
    /// # Errors
    /// When `path` is no directory; one of `files` is one of `inputs`, or is no regular file, or exists in it from elsewhere and `force`
    /// is not given; or nothing can be written there.
    pub(crate) fn plan(
        path: &Path,
        command: &str,
        files: &[&str],
        force: bool,
        inputs: &Inputs,
    ) -> Result<Self> {
        if path.exists() && !path.is_dir() {
            bail!("{}: is a file; name a directory", path.display());
        }
        let mut standing = Vec::new();
        for name in files {
            let file = path.join(name);
            match fs::symlink_metadata(&file) {
                Ok(found) if !found.is_file() => bail!(
                    "{}: is {}, where a file is to be written; remove it, or choose another directory",
                    file.display(),
                    kind_of(&found)
                ),
                Ok(found) => {
                    inputs.refuse(&file, &file)?;
                    standing.push(((*name).to_owned(), found));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("{}: cannot be written", file.display()));
                }
            }
        }
        if !force && !standing.is_empty() {
            check_claims(path, command, &standing)?;
        }
        let above = path
            .ancestors()
            .map(|ancestor| if ancestor.as_os_str().is_empty() { Path::new(".") } else { ancestor })
            .find(|ancestor| ancestor.exists())
            .unwrap_or(Path::new("."));
        check_folder(above).with_context(|| format!("{}: cannot be written", path.display()))?;
        Ok(Self { path: path.to_owned(), standing, force })
    }

    /// The directory as the user named it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it, as planned.
    pub(crate) fn file(&self, name: &str) -> Destination {
        let asked = self.path.join(name);
        // The directory itself may be reached by a link, since the user named it.
        let resolved = fs::canonicalize(&self.path).map_or_else(|_| asked.clone(), |path| path.join(name));
        let found = self.standing.iter().find(|(standing, _)| standing == name);
        let may_replace = match found {
            _ if self.force => MayReplace::AnyFile,
            Some((_, found)) => MayReplace::Found(Signature::of(found)),
            None => MayReplace::Nothing,
        };
        Destination { asked, resolved, direct: false, may_replace }
    }
}

/// Refuses files that no earlier run of `command` is known to have written as they are.
fn check_claims(path: &Path, command: &str, standing: &[(String, Metadata)]) -> Result<()> {
    let claims = Claims::read(&path.join(record::FILE_NAME), command);
    for (name, _) in standing {
        let file = path.join(name);
        let remedy = "choose another directory, or overwrite it with --force";
        match &claims {
            None => bail!(
                "{}: exists already, and not from an earlier `gnomonic {command}`; {remedy}",
                file.display()
            ),
            Some(_) if name == record::FILE_NAME => {}
            Some(claims) if claims.hold(name, &file) => {}
            Some(_) => bail!(
                "{}: exists already, and not as the earlier `gnomonic {command}` wrote it: {} has no such digest; {remedy}",
                file.display(),
                record::FILE_NAME
            ),
        }
    }
    Ok(())
}

/// What stands there, for people.
fn kind_of(found: &Metadata) -> &'static str {
    if found.is_symlink() {
        "a link"
    } else if found.is_dir() {
        "a directory"
    } else {
        "a device or a pipe"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Usage;
    use crate::output::write_all;
    use crate::record::Record;

    const FILES: [&str; 2] = ["run.json", "sweep.csv"];

    fn plan(path: &Path, command: &str, force: bool) -> Result<OutputDirectory> {
        OutputDirectory::plan(path, command, &FILES, force, &Inputs::default())
    }

    fn run(path: &Path) {
        let directory = plan(path, "sweep", true).unwrap();
        write_all(|batch| {
            batch.add(&directory.file("sweep.csv"), b"perplexity")?;
            let mut record = Record::new("sweep");
            record.set_outputs(batch);
            batch.add(&directory.file("run.json"), &record.to_bytes())
        })
        .unwrap();
    }

    #[test]
    fn a_directory_is_overwritten_only_when_the_same_command_filled_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("notes.txt"), "kept").unwrap();
        assert!(plan(folder.path(), "sweep", false).is_ok(), "what is not ours to write does not matter");

        fs::write(folder.path().join("sweep.csv"), "someone's").unwrap();
        let message = plan(folder.path(), "sweep", false).unwrap_err().to_string();
        assert!(message.contains("sweep.csv: exists already"), "{message}");
        assert!(plan(folder.path(), "sweep", true).is_ok());

        run(folder.path());
        assert!(plan(folder.path(), "sweep", false).is_ok());
        assert!(plan(folder.path(), "lesson", false).is_err());
    }

    #[test]
    fn a_record_is_believed_only_about_what_it_lists_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("run.json"), Record::new("sweep").to_bytes()).unwrap();
        fs::write(at("sweep.csv"), "precious").unwrap();
        let message = plan(folder.path(), "sweep", false).unwrap_err().to_string();
        assert!(message.contains("sweep.csv: exists already, and not as the earlier"), "{message}");
        run(folder.path());
        assert!(plan(folder.path(), "sweep", false).is_ok());
        fs::write(at("sweep.csv"), "perplexitY").unwrap();
        assert!(plan(folder.path(), "sweep", false).is_err());
    }

    #[test]
    fn an_input_is_no_output() {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path());
        let inputs = Inputs::new(vec![folder.path().join("sweep.csv")]);
        for force in [false, true] {
            let error = OutputDirectory::plan(folder.path(), "sweep", &FILES, force, &inputs).unwrap_err();
            assert!(error.is::<Usage>() && error.to_string().contains("sweep.csv is an input"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("outside"), "precious").unwrap();
        let refused = |kind: &str| {
            for force in [false, true] {
                let message = plan(folder.path(), "sweep", force).unwrap_err().to_string();
                assert!(message.contains(&format!("sweep.csv: is {kind}, where a file")), "{message}");
            }
        };
        for target in ["outside", "nowhere", "/dev/null"] {
            std::os::unix::fs::symlink(at(target), at("sweep.csv")).unwrap();
            refused("a link");
            fs::remove_file(at("sweep.csv")).unwrap();
        }
        fs::create_dir(at("sweep.csv")).unwrap();
        refused("a directory");
    }
}
