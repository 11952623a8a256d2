//! The key of this installation: where it is kept, and how it comes to be.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use cooee::net;
use cooee::trust::SecretKey;
use zeroize::Zeroizing;

use crate::ui::ending::Ending;
use crate::ui::folders;
use crate::ui::private_file;

/// What helps whose files cannot be used.
const ELSEWHERE: &str =
    "name another file by --identity, or start with --ephemeral, for a key that lasts for this run only";

/// Where a run has its key from.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    /// From the file where it is kept if nobody says otherwise.
    Kept,
    /// From this file.
    In(PathBuf),
    /// Drawn for this run; nothing is read or written.
    Ephemeral,
}

impl Identity {
    /// Whether it is forgotten after the run, of which nothing else is to be left either.
    pub(crate) const fn is_ephemeral(&self) -> bool {
        matches!(self, Self::Ephemeral)
    }

    /// The file in which it is kept; `None` where it is not.
    ///
    /// # Errors
    /// When the system does not tell where files of a user are kept.
    pub(crate) fn file(&self) -> Result<Option<PathBuf>, Ending> {
        match self {
            Self::Kept => {
                let file = folders::data().map(|folder| folder.join("identity"));
                let problem =
                    || format!("there is no home directory to keep an identity in; set XDG_DATA_HOME, or {ELSEWHERE}");
                file.map(Some).ok_or_else(|| Ending::Usage(problem()))
            }
            Self::In(path) => Ok(Some(path.clone())),
            Self::Ephemeral => Ok(None),
        }
    }

    /// The key. Where the file is not there yet, it is made, with a new one.
    ///
    /// # Errors
    /// When the file cannot be read or made, or is not fit to hold a key: others can read it, or there is none in it.
    pub(crate) fn key(&self) -> Result<SecretKey, Ending> {
        let Some(path) = self.file()? else { return Ok(net::new_key()?) };
        if let Some(key) = read(&path)? {
            return Ok(key);
        }
        make(&path, &net::new_key()?).map_err(|error| {
            Ending::Usage(format!("cannot make the identity {}: {error}; {ELSEWHERE}", path.display()))
        })?;
        // Another run may have been first; then its key is the one that is there now.
        read(&path)?
            .ok_or_else(|| Ending::Usage(format!("the identity {} went away again; start once more", path.display())))
    }
}

/// Reads the key; `None` where there is no such file.
fn read(path: &Path) -> Result<Option<SecretKey>, Ending> {
    let unfit = |why: &str| Ending::Usage(format!("the identity {} {why}", path.display()));
    let unreadable = |error: io::Error| unfit(&format!("cannot be read: {error}; {ELSEWHERE}"));
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            return Err(unfit("is not a file; name one by --identity"));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        _ => {}
    }
    let file = File::open(path).map_err(unreadable)?;
    if let Some(mode) = private_file::open_to_others(&file.metadata().map_err(unreadable)?) {
        return Err(unfit(&format!(
            "is open to others (its mode is {mode:04o}); if nobody has read it, \"chmod 600\" makes it yours alone, \
             else delete it, and the next start makes a new one"
        )));
    }
    let mut text = Zeroizing::new(Vec::with_capacity(SecretKey::FILE_MAX + 1));
    file.take(SecretKey::FILE_MAX as u64 + 1).read_to_end(&mut text).map_err(unreadable)?;
    let key = SecretKey::from_file(&text);
    key.map(Some).map_err(|error| {
        unfit(&format!("cannot be understood: {error}; put it right, or delete it, and the next start makes a new one"))
    })
}

/// Writes a key into the file, unless there is one already. It is there whole or not at all: it is written under
/// another name first.
fn make(path: &Path, key: &SecretKey) -> io::Result<()> {
    private_file::create_folder_of(path)?;
    // A name that no other start has, not even one in another container with the same folder.
    let unfinished = beside(path, &key.public().fingerprint().to_string());
    let made = private_file::create(&unfinished).and_then(|mut file| {
        file.write_all(key.to_file().as_bytes())?;
        file.sync_all()?;
        match fs::hard_link(&unfinished, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            done => done,
        }
    });
    let _ = fs::remove_file(unfinished);
    made
}

/// A name in the same folder, for what is to take a file's place: `identity.7f3a.new`.
pub(crate) fn beside(path: &Path, mark: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{mark}.new"));
    path.with_file_name(name)
}
