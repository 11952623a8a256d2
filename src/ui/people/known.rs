//! The keys of others that were met: a file beside the identity, which several runs read and write at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process;

use cooee::time::UnixMillis;
use cooee::trust::{Fingerprint, KnownPeer, KnownPeers, Marks, Noted};

use crate::ui::ending::{Ending, warn};
use crate::ui::identity::{Identity, beside};
use crate::ui::people::names::folded;
use crate::ui::private_file;
use crate::ui::timestamp;

/// Most bytes of the file.
const FILE_MAX: u64 = 1 << 20;
/// So many of them are for marks: nobody whom one does not know can fill them.
const FOR_MARKS: u64 = 64 << 10;

/// What a run does with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// It reads it and adds whoever it meets.
    ReadAndWritten,
    /// It only reads it.
    Read,
}

/// The keys of others that were met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    peers: KnownPeers,
    /// Who goes, or went, by a name, as [`folded`] makes it.
    by_name: BTreeMap<String, BTreeSet<Fingerprint>>,
    /// Marks of those for whom there is no room: they last for this run.
    marks_for_now: BTreeMap<Fingerprint, Marks>,
    /// `None` where nothing is kept.
    file: Option<Kept>,
    told_full: bool,
}

/// The file as it was last seen.
#[derive(Clone, Debug)]
struct Kept {
    path: PathBuf,
    keeping: Keeping,
    /// Which file it was, and how many bytes it had.
    seen: Option<(u64, u64)>,
    /// Its last line has no end.
    is_torn: bool,
}

impl Known {
    /// Reads the file beside the identity. What is wrong with it is told on stderr.
    pub(crate) fn open(identity: &Identity, keeping: Keeping) -> Result<Self, Ending> {
        let Some(path) = identity.file()?.map(|identity| identity.with_file_name("known_peers")) else {
            return Ok(Self::default());
        };
        let mut known = Self::unread(path, keeping);
        match known.refresh() {
            Err(problem) => known.give_up(&problem),
            Ok(Some(problem)) => warn(&problem),
            Ok(None) => {}
        }
        if keeping == Keeping::ReadAndWritten && known.peers.is_worth_rewriting() {
            // It is as good as before where that does not succeed.
            let _ = known.rewrite();
        }
        Ok(known)
    }

    /// Reads the file beside the identity, and says nothing: where that cannot be done, nobody is known.
    pub(crate) fn read_silently(identity: &Identity) -> Self {
        let path = identity.file().ok().flatten().map(|identity| identity.with_file_name("known_peers"));
        let mut known = path.map_or_else(Self::default, |path| Self::unread(path, Keeping::Read));
        let _ = known.refresh();
        known
    }

    fn unread(path: PathBuf, keeping: Keeping) -> Self {
        Self { file: Some(Kept { path, keeping, seen: None, is_torn: false }), ..Self::default() }
    }

    fn give_up(&mut self, problem: &str) {
        warn(&format!("{problem}; this run knows nobody, and keeps nobody whom it meets"));
        self.file = None;
    }

    /// What is remembered of a key.
    pub(crate) fn peer(&self, fingerprint: Fingerprint) -> Option<&KnownPeer> {
        self.peers.peer(fingerprint)
    }

    /// All that are remembered.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Fingerprint, &KnownPeer)> {
        self.peers.iter()
    }

    /// What the user marked a key as.
    pub(crate) fn marks(&self, fingerprint: Fingerprint) -> Marks {
        let kept = || self.peer(fingerprint).map(|peer| peer.marks);
        self.marks_for_now.get(&fingerprint).copied().or_else(kept).unwrap_or_default()
    }

    /// Whose nick it is or was, as [`folded`] makes it.
    pub(crate) fn holders(&self, name: &str) -> impl Iterator<Item = Fingerprint> {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    /// Keeps a key that is met, with the nick that it goes by. What is to be told of that, is given back.
    pub(crate) fn note(&mut self, fingerprint: Fingerprint, nick: &str, now: UnixMillis) -> Option<String> {
        if self.peer(fingerprint).is_some_and(|peer| peer.has(nick)) {
            return None;
        }
        let problem = self.refresh().unwrap_or_else(Some);
        let told = match (self.is_full(), self.peers.note(fingerprint, nick, timestamp::since(now))) {
            (_, Noted::Known) => None,
            (is_full, Noted::New(line)) => {
                self.index(fingerprint, nick);
                if is_full { self.tell_full() } else { self.write(&line) }
            }
            (_, Noted::Full) => self.tell_full(),
        };
        problem.or(told)
    }

    /// Marks a key. The error tells that it lasts for this run only, and why.
    pub(crate) fn mark(
        &mut self,
        fingerprint: Fingerprint,
        nick: &str,
        now: UnixMillis,
        change: impl FnOnce(&mut Marks),
    ) -> Result<(), String> {
        self.note(fingerprint, nick, now);
        self.refresh()?;
        let mut marks = self.marks(fingerprint);
        change(&mut marks);
        if self.peer(fingerprint).is_none() {
            self.marks_for_now.insert(fingerprint, marks);
            return Err("no more keys can be kept; it holds for this run only".to_owned());
        }
        let line = self.peers.mark(fingerprint, marks);
        line.and_then(|line| self.write(&line)).map_or(Ok(()), Err)
    }

    /// Reads the file again if it is another than was last seen. Gives what is to be told of lines that make no sense;
    /// the error tells why it cannot be read.
    fn refresh(&mut self) -> Result<Option<String>, String> {
        let Some(kept) = &mut self.file else { return Ok(None) };
        let cannot = |path: &PathBuf, error: io::Error| format!("cannot read {}: {error}", path.display());
        let metadata = match fs::metadata(&kept.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            found => found.map_err(|error| cannot(&kept.path, error))?,
        };
        let seen = Some((private_file::number(&metadata), metadata.len()));
        if kept.seen == seen {
            return Ok(None);
        }
        let mut text = Vec::new();
        let file = File::open(&kept.path).and_then(|file| file.take(FILE_MAX + 1).read_to_end(&mut text));
        file.map_err(|error| cannot(&kept.path, error))?;
        if text.len() as u64 > FILE_MAX {
            return Err(format!("{} has more than {FILE_MAX} bytes; move it away", kept.path.display()));
        }
        let is_first = kept.seen.is_none();
        kept.seen = seen.map(|(number, _)| (number, text.len() as u64));
        kept.is_torn = text.last().is_some_and(|byte| *byte != b'\n');
        let (peers, bad) = KnownPeers::parse(&text);
        let problem = bad.first().filter(|_| is_first).map(|first| {
            let more = if bad.len() > 1 { format!(" (and {} more)", bad.len() - 1) } else { String::new() };
            format!("line {first}{more} of {} is not understood and passed over", kept.path.display())
        });
        self.peers = peers;
        self.by_name.clear();
        let nicks = self.peers.iter().flat_map(|(key, peer)| peer.nicks().map(move |nick| (key, nick.to_owned())));
        for (fingerprint, nick) in nicks.collect::<Vec<_>>() {
            self.index(fingerprint, &nick);
        }
        Ok(problem)
    }

    fn index(&mut self, fingerprint: Fingerprint, nick: &str) {
        if let Some(name) = folded(nick) {
            self.by_name.entry(name).or_default().insert(fingerprint);
        }
    }

    fn is_full(&self) -> bool {
        self.file.as_ref().and_then(|kept| kept.seen).is_some_and(|(_, len)| len > FILE_MAX - FOR_MARKS)
    }

    fn tell_full(&mut self) -> Option<String> {
        let file = self.file.as_ref().map_or_else(String::new, |kept| format!(" in {}", kept.path.display()));
        let told = std::mem::replace(&mut self.told_full, true);
        (!told).then(|| format!("no more keys can be kept{file}: who is new is not remembered"))
    }

    /// Adds a line to the file; gives what is to be told where that does not succeed.
    fn write(&mut self, line: &str) -> Option<String> {
        let kept = self.file.as_mut().filter(|kept| kept.keeping == Keeping::ReadAndWritten)?;
        let written = kept.write(line);
        let problem = written.map_err(|error| {
            format!("cannot write {}: {error}; what is new there is remembered in this run only", kept.path.display())
        });
        if problem.is_err() {
            self.file = None;
        }
        problem.err()
    }

    /// Makes the file anew, without the lines that are there in vain.
    fn rewrite(&mut self) -> io::Result<()> {
        let Some(kept) = &mut self.file else { return Ok(()) };
        let (text, new) = (self.peers.to_text(), beside(&kept.path, &process::id().to_string()));
        let done = private_file::create(&new).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()?;
            let metadata = fs::metadata(&kept.path)?;
            if kept.seen != Some((private_file::number(&metadata), metadata.len())) {
                // Another run has just added something; the next start tries again.
                return Err(io::ErrorKind::ResourceBusy.into());
            }
            fs::rename(&new, &kept.path)
        });
        if done.is_err() {
            let _ = fs::remove_file(&new);
        }
        kept.seen = None;
        done
    }
}

impl Kept {
    /// Each line goes out in one piece, so that those of several runs do not mix.
    fn write(&mut self, line: &str) -> io::Result<()> {
        let mut file = private_file::append(&self.path)?;
        let before = file.metadata()?;
        if before.len() + line.len() as u64 > FILE_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let begin = if self.is_torn { "\n" } else { "" };
        let piece = if before.len() == 0 { KnownPeers::COMMENT.to_owned() + line } else { begin.to_owned() + line };
        file.write_all(piece.as_bytes())?;
        let now = Some((private_file::number(&before), before.len() + piece.len() as u64));
        let was_seen = self.seen.is_none_or(|seen| seen == (private_file::number(&before), before.len()));
        // Where another run has added something meanwhile, all is read again before the next line.
        let is_ours =
            was_seen && file.metadata().map(|metadata| (private_file::number(&metadata), metadata.len())).ok() == now;
        (self.seen, self.is_torn) = (now.filter(|_| is_ours), false);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
