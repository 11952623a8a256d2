//! `cooee send`: says a line, or what comes by stdin.

use cooee::node::Role;
use cooee::wire::Text;

use super::arguments::SendOptions;
use super::ending::{Ending, warn};
use super::finding::{find_peers, nobody};
use super::input::{self, Typed};
use super::session::{Happening, Session};
use super::settings::Settings;

/// Says the words of the command line, or each line of stdin as it comes.
pub(crate) fn send(settings: Settings, options: &SendOptions) -> Result<(), Ending> {
    let words = if options.words.is_empty() { None } else { Some(parse_words(&options.words)?) };
    let mut session = Session::open(&settings, Role::Visitor, false)?;
    let done = say(&mut session, &settings, options, words);
    session.end(done)
}

fn parse_words(words: &[String]) -> Result<Text<'static>, Ending> {
    let text = input::parse(&words.join(" ")).map_err(Ending::Usage)?;
    text.ok_or_else(|| Ending::Usage("there is nothing to say: the text is empty".to_owned()))
}

fn say(
    session: &mut Session,
    settings: &Settings,
    options: &SendOptions,
    words: Option<Text<'static>>,
) -> Result<(), Ending> {
    find_peers(session, options.wait)?;
    let ended = |_| Ending::No("the run has ended by itself".to_owned());
    let refused = match words {
        Some(text) => session.handle.say(text, false).map(|()| 0).map_err(ended)?,
        None => say_stdin(session)?,
    };
    let (_, peers) = session.handle.peers().map_err(ended)?;
    if peers.is_empty() {
        return Err(Ending::No(nobody(session, settings.room.as_str())));
    }
    match refused {
        0 => Ok(()),
        1 => Err(Ending::No("1 line was not said".to_owned())),
        more => Err(Ending::No(format!("{more} lines were not said"))),
    }
}

/// Says each line of stdin; gives how many were not fit to be said.
fn say_stdin(session: &mut Session) -> Result<u64, Ending> {
    let lines = input::lines()?;
    let mut refused = 0;
    loop {
        let (number, text) = match session.next(&lines, None)? {
            Happening::Input(Typed::Line { number, text }) => (number, text),
            Happening::InputEnded => return Ok(refused),
            _ => continue,
        };
        match input::parse(&text) {
            Ok(Some(text)) => {
                session.handle.say(text, false).map_err(|_| Ending::No("the run has ended by itself".to_owned()))?;
            }
            Ok(None) => {}
            Err(problem) => {
                warn(&format!("line {number}: {problem}"));
                refused += 1;
            }
        }
    }
}
