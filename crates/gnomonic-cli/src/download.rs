//! Tells of a download.

use gnomonic_datasets::DownloadEvent;

use crate::progress::Progress;

/// Tells of `event`: one stage for each file.
pub(crate) fn tell(event: &DownloadEvent<'_>, progress: &mut Progress) {
    match event {
        DownloadEvent::Started { url, .. } => {
            progress.begin("download");
            progress.note(&format!("  {url}"));
        }
        DownloadEvent::Received { received, total: Some(total), .. } if *total > 0 => {
            progress.advance(*received as f64 / *total as f64);
        }
        DownloadEvent::MirrorFailed { url, reason } => {
            progress.abandon();
            progress.warn(&format!("{url}: {reason}"));
        }
        DownloadEvent::Finished { file } => progress.end(file),
        _ => {}
    }
}
