//! Files that are not right.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::ui::config::file::read;

fn read_bytes(bytes: &[u8]) -> Result<Option<String>, String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, bytes).unwrap();
    read(&path).map_err(|problem| problem.replace(path.to_str().unwrap(), "FILE"))
}

#[test]
fn a_file_is_read_whole_or_told_of() {
    assert_eq!(read_bytes(b""), Ok(Some(String::new())));
    let most = [b'#'; 65_536];
    assert!(read_bytes(&most).is_ok_and(|text| text.is_some_and(|text| text.len() == most.len())));
    let too_many = "FILE has more than 65536 bytes, the most that a file of settings may have";
    assert_eq!(read_bytes(&[b'#'; 65_537]), Err(too_many.to_owned()));
    assert_eq!(
        read_bytes(b"# \xc3\xa4\nnick = \"\xc3\xa4\xff\"\n"),
        Err("FILE line 2, column 10: this is not UTF-8; save the file as UTF-8".to_owned())
    );
}

#[test]
fn no_file_is_no_mistake() {
    let folder = TempDir::new().unwrap();
    assert_eq!(read(&folder.path().join("config.toml")), Ok(None));
    assert_eq!(read(&folder.path().join("cooee/config.toml")), Ok(None));
    fs::write(folder.path().join("cooee"), "").unwrap();
    assert_eq!(read(&folder.path().join("cooee/config.toml")), Ok(None), "a file in place of the folder");
}

#[test]
fn what_is_no_file_is_told_of() {
    let folder = TempDir::new().unwrap();
    let problem = |path: &Path| read(path).unwrap_err().replace(path.to_str().unwrap(), "FILE");
    assert_eq!(problem(folder.path()), "FILE is a folder, where a file of settings is looked for; move it away");
    #[cfg(unix)]
    {
        // Whoever runs the tests may be root, who can read everything but this.
        let [endless, device] = ["endless", "device"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink(&endless, &endless).unwrap();
        let told = problem(&endless);
        assert!(told.starts_with("cannot read the settings in FILE: "), "{told}");
        assert!(told.ends_with("; put that right, or move it away"), "{told}");
        std::os::unix::fs::symlink("/dev/zero", &device).unwrap();
        assert_eq!(problem(&device), "FILE is no regular file, where a file of settings is looked for; move it away");
    }
}

#[test]
fn an_empty_file_and_one_of_comments_say_nothing() {
    for text in ["", "\n", "# nick = \"ada\"\r\n", "\u{feff}# from a Windows editor\r\n"] {
        assert_eq!(passed_over(text), [""; 0], "{text:?}");
    }
}
