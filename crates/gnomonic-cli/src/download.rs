//! Tells of a download.

use gnomonic_datasets::DownloadEvent;

use crate::progress::Progress;

/// Tells of `event`: each file is a stage, between two of reading. A mirror that fails is not told of: the next one
/// has the file, or the error names them all.
pub(crate) fn tell(event: &DownloadEvent<'_>, progress: &mut Progress) {
    match event {
        DownloadEvent::Started { .. } => {
            progress.abandon();
            progress.begin("download");
        }
        DownloadEvent::Received { received, total: Some(total), .. } if *total > 0 => {
            progress.advance(*received as f64 / *total as f64);
        }
        DownloadEvent::Finished { file } => {
            progress.end(file);
            progress.begin("read");
        }
        _ => {}
    }
}
