//! Sizes of memory: as people write them, and as this machine has them.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::table::bytes;

/// How much memory a run may be expected to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemoryLimit {
    /// Any.
    None,
    /// As many bytes.
    Bytes(u64),
}

impl MemoryLimit {
    /// Reads `24GB`, `512 MiB` or `none`. With B a thousand makes the next unit, with iB 1024 do.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        const UNITS: [(&str, f64); 9] = [
            ("b", 1.0),
            ("kb", 1e3),
            ("mb", 1e6),
            ("gb", 1e9),
            ("tb", 1e12),
            ("kib", 1024.0),
            ("mib", 1_048_576.0),
            ("gib", 1_073_741_824.0),
            ("tib", 1_099_511_627_776.0),
        ];
        let text = text.trim();
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self::None);
        }
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim().to_ascii_lowercase());
        let number = number.parse::<f64>().ok().filter(|&number| number > 0.0);
        let number = number.ok_or("must be a size such as 24GB or 512MiB, or none")?;
        match UNITS.iter().find(|(name, _)| *name == unit) {
            // A cast from floating point saturates.
            Some((_, size)) => Ok(Self::Bytes((number * size) as u64)),
            None if ["k", "m", "g", "t"].contains(&unit.as_str()) => {
                let unit = unit.to_ascii_uppercase();
                Err(format!("is it {number}{unit}B, of a thousand each, or {number}{unit}iB, of 1024?"))
            }
            None if unit.is_empty() => Err(format!("needs a unit: {number}GB, {number}MB or another")),
            None => Err("the units are B, kB, MB, GB, TB, KiB, MiB, GiB and TiB".into()),
        }
    }
}

impl fmt::Display for MemoryLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Bytes(count) => f.write_str(&bytes(*count)),
        }
    }
}

/// The memory of this machine, or of the container that the command runs in; unknown where the system is not Linux.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Machine {
    /// All that there is.
    pub(crate) total: Option<u64>,
    /// What is not in use now.
    pub(crate) available: Option<u64>,
}

impl Machine {
    /// Asks the system.
    pub(crate) fn look() -> Self {
        let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let machine = Self { total: meminfo(&text, "MemTotal"), available: meminfo(&text, "MemAvailable") };
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let root = Path::new("/sys/fs/cgroup");
        folders_of(&groups).iter().fold(machine, |machine, folder| machine.within(&root.join(folder)))
    }

    /// Lowered to what a control group, versions 2 and 1, leaves.
    fn within(self, group: &Path) -> Self {
        let number = |names: [&str; 2]| {
            let read = |name| fs::read_to_string(group.join(name)).ok()?.trim().parse::<u64>().ok();
            names.into_iter().find_map(read)
        };
        // "max" is no number, and version 1 writes a number near 2⁶³ for no limit.
        let Some(limit) = number(["memory.max", "memory.limit_in_bytes"]) else { return self };
        let used = number(["memory.current", "memory.usage_in_bytes"]).unwrap_or(0);
        // What the group holds of files can be dropped, and is no less available.
        let statistics = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
        let files = statistic(&statistics, "inactive_file") + statistic(&statistics, "active_file");
        let left = limit.saturating_sub(used.saturating_sub(files));
        Self {
            total: Some(self.total.map_or(limit, |total| total.min(limit))),
            available: Some(self.available.map_or(left, |available| available.min(left))),
        }
    }
}

/// The most memory that this process has had at a time, in bytes: what Linux calls the high-water mark of the resident set.
/// Parts of mapped files count while they are held.
pub(crate) fn peak() -> Option<u64> {
    meminfo(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM")
}

/// A line of `/proc/meminfo` or `/proc/self/status`, in bytes.
fn meminfo(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn statistic(text: &str, name: &str) -> u64 {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok();
    text.lines().find_map(value).unwrap_or(0)
}

/// The folders, below `/sys/fs/cgroup`, of the groups that `/proc/self/cgroup` names and of those around them: any of them
/// may have a limit. In a container the innermost one seems to be the root.
fn folders_of(groups: &str) -> Vec<String> {
    let mut folders = vec![String::new(), "memory".to_owned()];
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let base = match controllers {
            "" => "",
            version_1 if version_1.split(',').any(|name| name == "memory") => "memory/",
            _ => continue,
        };
        let mut folder = base.to_owned();
        for name in path.split('/').filter(|name| !name.is_empty() && *name != "..") {
            folder = format!("{folder}{name}");
            folders.push(folder.clone());
            folder.push('/');
        }
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let cases = [
            ("24GB", 24_000_000_000),
            ("3GiB", 3_221_225_472),
            ("500 mb", 500_000_000),
            ("1.5kB", 1_500),
            ("1024B", 1_024),
            ("2TiB", 2_199_023_255_552),
        ];
        for (text, size) in cases {
            assert_eq!(MemoryLimit::parse(text), Ok(MemoryLimit::Bytes(size)), "{text}");
        }
        assert_eq!(MemoryLimit::parse("None"), Ok(MemoryLimit::None));
    }

    #[test]
    fn unclear_sizes_are_refused_with_what_would_be_clear() {
        let reason = |text| MemoryLimit::parse(text).unwrap_err();
        assert!(reason("24").contains("24GB"));
        assert!(reason("24g").contains("24GB") && reason("24g").contains("24GiB"));
        assert!(reason("24PB").contains("the units are"));
        for text in ["", "GB", "0GB", "-3GB", "1.2.3GB", "nan", "inf"] {
            assert!(reason(text).contains("24GB or 512MiB"), "{text}");
        }
    }

    #[test]
    fn the_system_is_understood() {
        let text = "MemTotal:       24563052 kB\nMemFree:        23000000 kB\nMemAvailable:   23500000 kB\n";
        assert_eq!(meminfo(text, "MemTotal"), Some(24_563_052 * 1024));
        assert_eq!(meminfo(text, "MemAvailable"), Some(23_500_000 * 1024));
        assert_eq!(meminfo("", "MemTotal"), None);
        assert_eq!(folders_of("0::/user.slice/a.scope\n")[2..], ["user.slice", "user.slice/a.scope"]);
        assert_eq!(
            folders_of("5:cpu,memory:/docker/b\n4:pids:/c\n")[2..],
            ["memory/docker", "memory/docker/b"]
        );
        assert_eq!(folders_of("0::/\n").len(), 2);
    }

    #[test]
    fn the_least_limit_of_all_groups_counts() {
        let group = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(group.path().join(name), text).unwrap();
        let machine = Machine { total: Some(1_000), available: Some(900) };
        assert_eq!(machine.within(group.path()), machine);
        write("memory.max", "max\n");
        assert_eq!(machine.within(group.path()), machine);
        write("memory.max", "400\n");
        write("memory.current", "300\n");
        write("memory.stat", "anon 100\ninactive_file 150\nactive_file 50\n");
        assert_eq!(machine.within(group.path()), Machine { total: Some(400), available: Some(300) });
    }
}
