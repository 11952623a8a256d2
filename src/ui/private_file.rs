//! Files that nobody but their owner shall read.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a file that only its owner can read; there must be none of that name.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().write(true).create_new(true)).open(path)
}

/// Opens a file to write at its end, and makes it where there is none.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().append(true).create(true)).open(path)
}

/// The same, and it can be read too.
pub(crate) fn append_and_read(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).append(true).create(true)).open(path)
}

/// Makes the folders of a file that are not there, so that only their owner can look into them.
pub(crate) fn create_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), |folder| private_folder(DirBuilder::new().recursive(true)).create(folder))
}

#[cfg(unix)]
mod system {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};

    use super::*;

    pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options.mode(0o600)
    }

    pub(super) fn private_folder(folder: &mut DirBuilder) -> &mut DirBuilder {
        folder.mode(0o700)
    }

    /// The mode of a file that others than its owner can read or write.
    pub(crate) fn open_to_others(metadata: &Metadata) -> Option<u32> {
        let mode = metadata.mode() & 0o7777;
        (mode & 0o077 != 0).then_some(mode)
    }

    /// What changes when another file comes to stand in a file's place.
    pub(crate) fn number(metadata: &Metadata) -> u64 {
        metadata.ino()
    }
}

#[cfg(not(unix))]
mod system {
    use super::*;

    pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(super) fn private_folder(folder: &mut DirBuilder) -> &mut DirBuilder {
        folder
    }

    pub(crate) fn open_to_others(_: &Metadata) -> Option<u32> {
        None
    }

    pub(crate) fn number(_: &Metadata) -> u64 {
        0
    }
}

pub(crate) use system::{number, open_to_others};
use system::{private, private_folder};
