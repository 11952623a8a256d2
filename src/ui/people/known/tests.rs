use std::path::Path;

use tempfile::TempDir;

use super::*;

const NOW: UnixMillis = UnixMillis(1_795_442_520_000);

fn fingerprint(number: u16) -> Fingerprint {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    Fingerprint(bytes)
}

fn open(folder: &Path, keeping: Keeping) -> Known {
    Known::open(&Identity::In(folder.join("identity")), keeping).unwrap()
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("known_peers")).unwrap()
}

#[test]
fn several_runs_write_one_file() {
    let folder = TempDir::new().unwrap();
    let [mut one, mut other] = [(); 2].map(|()| open(folder.path(), Keeping::ReadAndWritten));
    assert_eq!(one.note(fingerprint(1), "alice", NOW), None);
    assert_eq!(other.note(fingerprint(2), "bob", NOW), None);
    one.mark(fingerprint(1), "alice", NOW, |marks| marks.verified = true).unwrap();
    // It has not seen the mark, and must not take it back.
    assert_eq!(other.note(fingerprint(1), "ann", NOW), None);
    assert!(other.marks(fingerprint(1)).verified);
    other.mark(fingerprint(1), "ann", NOW, |marks| marks.ignored = true).unwrap();
    let read = open(folder.path(), Keeping::Read);
    assert_eq!(read.marks(fingerprint(1)), Marks { verified: true, ignored: true });
    assert_eq!(read.holders("bob").collect::<Vec<_>>(), [fingerprint(2)]);
    let text = text(folder.path());
    assert_eq!(text.lines().count(), 6, "{text}");
    assert!(
        text.starts_with("# Keys that cooee has met") && text.contains(" 2026-11-23T14:02:00Z - alice\n"),
        "{text}"
    );
    let mut reader = open(folder.path(), Keeping::Read);
    assert_eq!(reader.note(fingerprint(3), "carol", NOW), None);
    assert_eq!(self::text(folder.path()), text, "who only reads writes nothing");
}

#[test]
fn what_a_person_wrote_stays() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("known_peers");
    fs::write(&file, "nonsense").unwrap();
    let mut known = open(folder.path(), Keeping::ReadAndWritten);
    assert_eq!(known.note(fingerprint(1), "alice", NOW), None);
    assert!(text(folder.path()).starts_with("nonsense\n0001-"), "a line without an end is not written on");
    let bob = format!("{} 2026-11-20T00:00:00Z - bob\n", fingerprint(2));
    fs::write(&file, format!("{}nonsense\n", bob.repeat(200))).unwrap();
    let known = open(folder.path(), Keeping::ReadAndWritten);
    assert!(known.peer(fingerprint(2)).is_some());
    assert_eq!(text(folder.path()), format!("{}nonsense\n{bob}", KnownPeers::COMMENT), "the rest was in vain");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn a_file_that_cannot_be_used_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("known_peers");
    fs::write(&file, "#".repeat((1 << 20) + 1)).unwrap();
    let mut known = open(folder.path(), Keeping::ReadAndWritten);
    assert_eq!(known.note(fingerprint(1), "alice", NOW), None);
    assert!(known.peer(fingerprint(1)).is_some(), "it lasts for this run");
    assert_eq!(fs::metadata(&file).unwrap().len(), (1 << 20) + 1);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(open(folder.path(), Keeping::ReadAndWritten).note(fingerprint(1), "alice", NOW), None);
}

#[test]
fn when_it_is_full_it_is_told_once_and_marks_still_have_room() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("known_peers");
    let bob = format!("{} 2026-11-20T00:00:00Z - bob\n", fingerprint(2));
    let comment = format!("#{}\n", "x".repeat(98)).repeat(9_900);
    fs::write(&file, comment + &bob).unwrap();
    let mut known = open(folder.path(), Keeping::ReadAndWritten);
    let told = known.note(fingerprint(1), "alice", NOW).unwrap();
    assert!(told.starts_with("no more keys can be kept in "), "{told}");
    assert_eq!(known.note(fingerprint(3), "carol", NOW), None);
    known.mark(fingerprint(2), "bob", NOW, |marks| marks.ignored = true).unwrap();
    let read = open(folder.path(), Keeping::Read);
    assert_eq!((read.iter().count(), read.marks(fingerprint(2)).ignored), (1, true));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    open(folder.path(), Keeping::ReadAndWritten).note(fingerprint(1), "alice", NOW);
    let mode = fs::metadata(folder.path().join("known_peers")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
