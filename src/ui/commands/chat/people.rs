//! Who somebody is, whether it is really he, and who is not to be heard.

use cooee::node::Peer;
use cooee::trust::{Fingerprint, Marks};

use super::Chat;
use crate::ui::ending::Ending;
use crate::ui::look::short_time;
use crate::ui::people::roster::{in_order, roster};
use crate::ui::people::ways;
use crate::ui::people::whom::{self, Person, Who};
use crate::ui::safe::Safe;
use crate::ui::timestamp;

impl Chat<'_> {
    /// Tells all that is known of somebody.
    pub(super) fn whois(&mut self, typed: &str) -> Result<(), Ending> {
        let Some(person) = self.find(typed)? else { return Ok(()) };
        let lines = self.about(&person)?;
        lines.into_iter().try_for_each(|line| self.screen.line(&line))
    }

    /// A table of who is here, or of somebody's runs.
    pub(super) fn who(&mut self, typed: Option<&str>) -> Result<(), Ending> {
        let (now, mut peers) = self.session.handle.peers()?;
        match typed {
            None => {
                peers.sort_by_cached_key(|peer| (self.names.peer(peer).to_string().to_lowercase(), peer.address));
                peers.splice(..0, self.session.own_peer(&self.settings, now));
                peers.extend(self.one_way()?);
            }
            Some(typed) => match self.find(typed)? {
                Some(person) if person.peers.is_empty() => {
                    return self.tell(&format!("{} is not here; /whois tells what is known of him", person.name));
                }
                Some(person) => peers = person.peers,
                None => return Ok(()),
            },
        }
        let rows = roster(peers.iter(), self.session, &self.names, now);
        rows.iter().try_for_each(|row| self.screen.line(row))
    }

    /// Notes that somebody is who he says, or takes that back.
    pub(super) fn verify(&mut self, typed: &str, verified: bool) -> Result<(), Ending> {
        let Some(person) = self.find(typed)? else { return Ok(()) };
        let name = &person.name;
        match person.who {
            Who::Key(own) if own == self.names.own() => {
                self.screen.line(&format!("{name} is you; your fingerprint, for others to compare: {own}"))
            }
            Who::Key(fingerprint) => {
                let words = if verified {
                    vec![
                        format!("{name} is verified now, by the key {fingerprint}"),
                        format!("  If that is not what he reads out to you: /unverify {name}"),
                    ]
                } else {
                    vec![format!("{name} is not verified any more")]
                };
                self.mark(&person, fingerprint, &words, |marks| marks.verified = verified)
            }
            Who::Run(_) => self.tell(&format!("{name} signs nothing: anybody may be he, and nothing can be verified")),
        }
    }

    /// Shows nothing of somebody from now on, or shows him again.
    pub(super) fn ignore(&mut self, typed: &str, ignored: bool) -> Result<(), Ending> {
        let Some(person) = self.find(typed)? else { return Ok(()) };
        let name = &person.name;
        let now = if ignored { "ignored from now on" } else { "not ignored any more" };
        match person.who {
            Who::Key(own) if own == self.names.own() => self.tell("that is you"),
            Who::Key(fingerprint) => {
                let words = [format!("{name} is {now}")];
                self.mark(&person, fingerprint, &words, |marks| marks.ignored = ignored)
            }
            Who::Run(run) => {
                self.names.ignore_run(run, ignored);
                let how_long =
                    if ignored { ", as long as this chat is open: he has no key to know him by" } else { "" };
                self.screen.line(&format!("{name} is {now}{how_long}"))
            }
        }
    }

    /// Tells who is ignored.
    pub(super) fn ignored(&mut self) -> Result<(), Ending> {
        let peers = self.peers()?;
        let kept = self.names.known.iter().filter(|(key, _)| self.names.known.marks(*key).ignored);
        let mut names: Vec<String> = kept
            .filter_map(|(key, known)| Some(self.names.known_name(known.nicks().last()?, key).to_string()))
            .collect();
        for run in self.names.ignored_runs() {
            let peer = peers.iter().find(|peer| peer.run == run);
            names.push(peer.map_or_else(|| run.peer.to_string(), |peer| self.names.peer(peer).to_string()));
        }
        names.sort();
        match &names[..] {
            [] => self.screen.line("Nobody is ignored."),
            names => self.screen.line(&format!("{} ignored: {}.", names.len(), names.join(", "))),
        }
    }

    fn mark(
        &mut self,
        person: &Person,
        fingerprint: Fingerprint,
        words: &[String],
        change: impl FnOnce(&mut Marks),
    ) -> Result<(), Ending> {
        let now = self.session.clock().unix();
        let marked = self.names.known.mark(fingerprint, &person.nick, now, change);
        words.iter().try_for_each(|line| self.screen.line(line))?;
        marked.or_else(|problem| self.tell(&problem))
    }

    /// Whom the words mean; where that is not clear, what may be meant is told.
    pub(super) fn find(&mut self, typed: &str) -> Result<Option<Person>, Ending> {
        let mut peers = self.peers()?;
        peers.extend(self.session.own_peer(&self.settings, self.session.now()));
        peers.extend(self.one_way()?);
        match whom::find(typed, &whom::everybody(&self.names, &peers)) {
            Ok(person) => Ok(Some(person)),
            Err(problem) => self.tell(&problem).map(|()| None),
        }
    }

    /// Who is heard and has never shown that he hears this run, in the order of their names.
    fn one_way(&self) -> Result<Vec<Peer>, Ending> {
        let (_, mut peers) = self.session.handle.one_way()?;
        in_order(&mut peers);
        Ok(peers)
    }

    fn about(&self, person: &Person) -> Result<Vec<String>, Ending> {
        let mut lines = match person.who {
            Who::Key(own) if own == self.names.own() => vec![format!("{} is you, by the key {own}", person.name)],
            Who::Key(fingerprint) => {
                let mut lines = vec![format!("{} signs with the key {fingerprint}", person.name)];
                let marks = self.names.known.marks(fingerprint);
                let verified = if marks.verified { "verified by you" } else { "not verified" };
                let ignored = if marks.ignored { ", ignored" } else { "" };
                let since = self.names.known.peer(fingerprint).map_or_else(String::new, |known| {
                    let nicks: Vec<String> = known.nicks().map(|nick| Safe::nick(nick, "?").to_string()).collect();
                    format!(", known since {} as {}", known.since.date(), nicks.join(", "))
                });
                lines.push(format!("  {verified}{ignored}{since}"));
                lines
            }
            Who::Run(run) => {
                let ignored = if self.names.ignores(None, run) { ", ignored" } else { "" };
                vec![format!("{} signs nothing: anybody may be he{ignored}", person.name)]
            }
        };
        let (now, _) = self.session.handle.peers()?;
        lines.extend(person.peers.iter().map(|peer| {
            let heard = if peer.run == self.session.handle.run() {
                "this run".to_owned()
            } else {
                format!("last heard {} ago", short_time(now.since(peer.heard)))
            };
            let notes = [ways::deaf(peer).map(str::to_owned), ways::clock(peer.clock_ahead)];
            let notes: String = notes.into_iter().flatten().map(|note| format!(", {note}")).collect();
            format!("  {}, {heard}, here since {}{notes}", self.whereabouts(peer), self.moment(peer))
        }));
        if person.peers.is_empty() {
            lines.push("  not here".to_owned());
        }
        Ok(lines)
    }

    /// When a run started, by its own clock.
    fn moment(&self, peer: &Peer) -> String {
        timestamp::day_and_minute(peer.started, self.session.clock().unix())
    }

    /// `on laptop, 192.0.2.7:26634 by eth0`, or without the machine where it has no name.
    fn whereabouts(&self, peer: &Peer) -> String {
        let ways = ways::ways(peer, self.session);
        match peer.profile.host.as_str() {
            "" => ways,
            host => format!("on {}, {ways}", Safe::name(host, "?")),
        }
    }
}
