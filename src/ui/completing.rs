//! What a shell offers when Tab is pressed. Its script calls the program back, with [`VARIABLE`] set; then nothing else
//! is done, nothing is sent, and what goes wrong is not told: it would stand in the middle of what is being typed.

use std::env;
use std::ffi::OsStr;
use std::process::ExitCode;

use clap_complete::Shell;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{Bash, CompleteEnv, EnvCompleter, Fish, Zsh};
use cooee::net;

use crate::ui::arguments;
use crate::ui::identity::Identity;
use crate::ui::people::known::Known;
use crate::ui::people::names;
use crate::ui::safe::Safe;
use crate::ui::settings::DEFAULT_ROOM;

/// By this the script of a shell asks, and not by the usual `COMPLETE`: that may be set for other programs.
const VARIABLE: &str = "COOEE_COMPLETE";

/// Answers a shell that asks what to offer; `None` where none does.
pub(crate) fn answer() -> Option<ExitCode> {
    let completer = CompleteEnv::with_factory(arguments::definition).var(VARIABLE);
    match completer.try_complete(env::args_os(), env::current_dir().ok().as_deref()) {
        Ok(true) => Some(ExitCode::SUCCESS),
        Ok(false) => None,
        Err(_) => Some(ExitCode::FAILURE),
    }
}

/// The script by which a shell asks; `None` for those in which nobody has tried it.
pub(crate) fn script(shell: Shell) -> Option<Vec<u8>> {
    let mut script = Vec::new();
    let asker: &dyn EnvCompleter = match shell {
        Shell::Bash => &Bash,
        Shell::Fish => &Fish,
        Shell::Zsh => &Zsh,
        _ => return None,
    };
    asker.write_registration(VARIABLE, "cooee", "cooee", "cooee", &mut script).ok()?;
    if shell == Shell::Zsh {
        // Where compinit loads it from a file, it does so for the first Tab, which is to be answered too.
        script.extend(b"[[ $funcstack[1] = _cooee ]] && _clap_dynamic_completer_cooee\n");
    }
    Some(script)
}

/// Network interfaces, those that can be used first; of several names, for the last.
pub(crate) fn interfaces(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let before = typed.rfind(',').map_or("", |comma| &typed[..=comma]);
    let mut interfaces = net::interfaces(&net::InterfaceChoice::default()).unwrap_or_default();
    interfaces.sort_by_key(|interface| interface.used != net::Use::Used);
    let names = interfaces.iter().map(|interface| format!("{before}{}", interface.name));
    candidates(typed, names)
}

/// The room that everybody is in, and the one that the environment names.
pub(crate) fn rooms(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    candidates(typed, env::var("COOEE_ROOM").into_iter().chain([DEFAULT_ROOM.to_owned()]))
}

/// Those who were met before, by the names that they have where nobody else is there.
pub(crate) fn people(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let file = env::var_os("COOEE_IDENTITY").filter(|path| !path.is_empty());
    let identity = file.map_or(Identity::Kept, |path| Identity::In(path.into()));
    let names = names::of_known(&Known::read_silently(&identity));
    candidates(typed, names.iter().map(Safe::to_string))
}

fn candidates(typed: &str, names: impl IntoIterator<Item = String>) -> Vec<CompletionCandidate> {
    let fits = |name: &String| name.starts_with(typed) && is_plain(name);
    let mut names: Vec<String> = names.into_iter().filter(fits).collect();
    names.dedup();
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// Whether no shell takes any character of it for something else. Not all of them quote what they complete, and who
/// goes by the nick `$(reboot)` must not have it typed into a command.
fn is_plain(name: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ',' | '@' | '#' | '+');
    !name.starts_with(['-', '#', '@']) && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(candidates: Vec<CompletionCandidate>) -> Vec<String> {
        candidates.iter().map(|candidate| candidate.get_value().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn nothing_is_offered_that_a_shell_may_run() {
        for plain in ["alice", "alice#7f3a", "zoë_1", "田中", "x-y.z", "eth0,wlan0", "br-1@if2"] {
            assert!(is_plain(plain), "{plain}");
        }
        let bad = "$`;&|<>(){}[]*?!~\"'\\ \t\n:=%^";
        for c in bad.chars() {
            assert!(!is_plain(&format!("a{c}b")) && !is_plain(&c.to_string()), "{c:?}");
        }
        assert!(!is_plain("-x") && !is_plain("#x"));
    }

    #[test]
    fn of_several_interfaces_the_last_is_completed() {
        let all = values(interfaces(OsStr::new("")));
        assert!(!all.is_empty(), "each machine has a loopback");
        let (first, second) = (&all[0], values(interfaces(OsStr::new("x,"))));
        assert!(second.contains(&format!("x,{first}")), "{second:?}");
        assert_eq!(values(interfaces(OsStr::new(&format!("x,{first}"))))[0], format!("x,{first}"));
        assert_eq!(values(interfaces(OsStr::new("no-such-interface"))), [""; 0]);
    }
}
