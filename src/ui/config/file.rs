//! The file of settings on disk.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::document::{Mistake, Position};

/// Most bytes of the file: some hundred times as many as all settings take.
const LEN_MAX: usize = 64 << 10;

/// What helps whose file cannot be used.
const REMEDY: &str = "put that right, or move it away";

/// Where the file was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nowhere: the system does not tell where the user's home is.
    Nowhere,
    /// Here, and it is not there.
    Missing(PathBuf),
    /// Here.
    Found(PathBuf),
}

/// Reads the file; `None` where there is none.
///
/// # Errors
/// In words: when it is there and cannot be read, is no file, too long, or not UTF-8.
pub(super) fn read(path: &Path) -> Result<Option<String>, String> {
    let shown = path.display();
    let unreadable = |error: io::Error| format!("cannot read the settings in {shown}: {error}; {REMEDY}");
    match fs::metadata(path) {
        // A file in place of a folder, as with XDG_CONFIG_HOME=/dev/null, holds none.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(error)),
        // A pipe would be waited for, for ever.
        Ok(metadata) if !metadata.is_file() => {
            let what = if metadata.is_dir() { "a folder" } else { "no regular file" };
            return Err(format!("{shown} is {what}, where a file of settings is looked for; move it away"));
        }
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LEN_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > LEN_MAX {
        return Err(format!("{shown} has more than {LEN_MAX} bytes, the most that a file of settings may have"));
    }
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let (good, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        format!("{shown} {}", not_utf8(&String::from_utf8_lossy(good)))
    })
}

/// What stands behind the last good character.
fn not_utf8(good: &str) -> Mistake {
    Mistake {
        position: Some(Position::of(good, good.len())),
        key: None,
        words: "this is not UTF-8; save the file as UTF-8".to_owned(),
    }
}
