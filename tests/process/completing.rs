//! Completions, in a real bash.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{Place, told};

const KNOWN: &str = "\
7dae-2061-b48e-7c1a-57be-ad83-ba71-f166 2026-11-20T00:00:00Z - alice
8dae-2061-b48e-7c1a-57be-ad83-ba71-f166 2026-11-20T00:00:00Z - Alice
9dae-2061-b48e-7c1a-57be-ad83-ba71-f166 2026-11-20T00:00:00Z - bob
adae-2061-b48e-7c1a-57be-ad83-ba71-f166 2026-11-20T00:00:00Z ignored boring
bdae-2061-b48e-7c1a-57be-ad83-ba71-f166 2026-11-20T00:00:00Z - $(touch${IFS}pwned)
cdae-2061-b48e-7c1a-57be-ad83-ba71-f166 2026-11-20T00:00:00Z - b\u{1b}[31m
nonsense
";

/// What bash offers for the last of these words, parted by blanks.
fn offered(place: &Place, words: &[&str]) -> Vec<String> {
    // The program is called by its name, so that its folder has to be in PATH.
    let script = r#"
        PATH="${0%/*}:$PATH"; source <(cooee completions bash); set -o pipefail
        COMP_WORDS=(cooee "$@"); COMP_CWORD=$#; COMP_TYPE=9
        $(complete -p cooee | sed 's/.*-F \([^ ]*\) .*/\1/') cooee "${@: -1}" "${@: -2:1}"
        printf '%s\n' "${COMPREPLY[@]}""#;
    let (code, offered, complaint) = told(place.script("bash", script).args(words));
    assert_eq!((code, &*complaint), (Some(0), ""), "{words:?}");
    offered.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn with_known_peers() -> Place {
    let place = Place::new(14);
    let folder = place.folder().join("home/cooee");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("known_peers"), KNOWN).unwrap();
    place
}

#[test]
fn people_interfaces_and_values_are_offered() {
    let place = with_known_peers();
    assert_eq!(offered(&place, &["send", "--to", ""]), ["alice#7dae", "Alice#8dae", "bob"]);
    assert_eq!(offered(&place, &["send", "--to", "al"]), ["alice#7dae"]);
    assert_eq!(offered(&place, &["send", "--to", "nobody"]), [""; 0]);
    assert_eq!(offered(&place, &["--color", ""]), ["auto", "always", "never"]);
    assert_eq!(offered(&place, &["-r", "lo"]), ["lobby"]);
    assert_eq!(offered(&place, &["lis"]), ["listen"]);
    assert_eq!(offered(&place, &["man", "cooee-"]), ["cooee-config", "cooee-protocol"]);
    assert_eq!(offered(&place, &["completions", "z"]), ["zsh"]);
    assert_eq!(offered(&place, &["listen", "--ex"]), ["--exec"]);
    #[cfg(target_os = "linux")]
    for typed in ["lo", "eth7,lo"] {
        assert_eq!(offered(&place, &["-i", typed]), [typed]);
    }
}

#[test]
fn completing_is_silent_and_keeps_nothing() {
    let place = with_known_peers();
    let known = place.folder().join("home/cooee/known_peers");
    fs::write(&known, vec![b'x'; 2 << 20]).unwrap();
    assert_eq!(offered(&place, &["send", "--to", ""]), [""; 0], "a file that cannot be understood");
    fs::remove_dir_all(place.folder().join("home")).unwrap();
    assert_eq!(offered(&place, &["send", "--to", ""]), [""; 0], "nobody was met yet");
    assert!(!place.folder().join("home").exists());
    let mut unknown = place.command(&["--", "cooee", ""]);
    let unknown = told(unknown.env("COOEE_COMPLETE", "no-such-shell"));
    assert_eq!(unknown, (Some(1), String::new(), String::new()));
}

#[test]
fn the_variable_of_other_programs_is_none_of_ours() {
    let place = Place::new(15);
    let (code, version, _) = told(place.command(&["--version"]).env("COMPLETE", "bash"));
    assert!(code == Some(0) && version.starts_with("cooee "), "{version}");
}

/// Where it is installed: zsh loads the script at the first Tab, which has to be answered already.
#[test]
fn zsh_and_fish_understand_their_scripts() {
    let place = Place::new(16);
    for shell in ["zsh", "fish"] {
        let (code, script, _) = place.run(&["completions", shell]);
        assert!(code == Some(0) && script.contains(&format!("COOEE_COMPLETE={}", quoted(shell))), "{shell}: {script}");
        let file = place.folder().join(shell);
        fs::write(&file, script).unwrap();
        if let Some(complaint) = complaint(shell, &file) {
            assert_eq!(complaint, "", "{shell}");
        }
    }
}

fn quoted(shell: &str) -> String {
    if shell == "zsh" { format!("\"{shell}\"") } else { shell.to_owned() }
}

/// What a shell says of a script that it only parses; `None` where it is not installed.
fn complaint(shell: &str, script: &Path) -> Option<String> {
    let output = Command::new(shell).arg("-n").arg(script).output().ok()?;
    Some(String::from_utf8_lossy(&output.stderr).into_owned())
}
