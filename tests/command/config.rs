//! The settings: who has the say of flag, variable, file and default, and what is told of a file that is not right.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{cooee, run, told_of};

/// Somebody with a file of settings.
struct Home {
    folder: TempDir,
}

impl Home {
    fn new(settings: &str) -> Self {
        let home = Self { folder: TempDir::new().unwrap() };
        fs::create_dir(home.folder.path().join("cooee")).unwrap();
        fs::write(home.file(), settings).unwrap();
        home
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("cooee/config.toml")
    }

    fn cooee(&self, words: &[&str]) -> Command {
        let mut command = cooee(words);
        command.env("XDG_CONFIG_HOME", self.folder.path()).env("HOME", "/home/ada").env_remove("COOEE_INTERFACE");
        command
    }

    /// What `config --json` tells of a setting, with these flags and these variables.
    fn setting(&self, key: &str, flags: &[&str], variables: &[(&str, &str)]) -> Value {
        setting(self.cooee(&[flags, &["config", "--json"]].concat()).envs(variables.iter().copied()).output(), key)
    }
}

fn setting(output: std::io::Result<Output>, key: &str) -> Value {
    let (code, printed, told) = told_of(output);
    assert_eq!((code, &*told), (Some(0), ""));
    let mut objects = printed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut object = objects.find(|object| object["key"] == key).unwrap();
    assert_eq!(object["type"].take(), "setting");
    object
}

fn from(key: &str, value: &Value, source: &str, variable: Option<&str>, place: Option<(&Path, u32)>) -> Value {
    let (file, line) = place.unzip();
    json!({ "type": null, "key": key, "value": value, "source": source, "variable": variable, "file": file, "line": line })
}

/// A setting, and what the default, the file, a variable and a flag make of it.
struct Case {
    key: &'static str,
    default: Value,
    written: (&'static str, Value),
    variable: Option<(&'static str, &'static str, Value)>,
    flag: Option<(&'static str, Value)>,
}

fn cases() -> Vec<Case> {
    let switch = |key, flag| {
        let (on, off) = (json!(true), json!(false));
        Case { key, default: off.clone(), written: ("true", on), variable: None, flag: Some((flag, off)) }
    };
    let of_file_alone = |key, default, written| Case { key, default, written, variable: None, flag: None };
    let given = |key, default, written, variable, flag| Case { key, default, written, variable, flag: Some(flag) };
    let file = "/home/ada/k";
    vec![
        given(
            "room",
            json!("lobby"),
            ("\"a\"", json!("a")),
            Some(("COOEE_ROOM", "b", json!("b"))),
            ("--room=c", json!("c")),
        ),
        given(
            "interfaces",
            json!([]),
            ("[\"a\", \"b\"]", json!(["a", "b"])),
            Some(("COOEE_INTERFACE", "c,d", json!(["c", "d"]))),
            ("--interface=e", json!(["e"])),
        ),
        given(
            "peers",
            json!([]),
            ("[\"a\", \"[fd00::3]:5\"]", json!(["a", "[fd00::3]:5"])),
            Some(("COOEE_PEER", "c,10.8.0.3:7", json!(["c", "10.8.0.3:7"]))),
            ("--peer=e", json!(["e"])),
        ),
        given("port", json!(26633), ("1", json!(1)), Some(("COOEE_PORT", "2", json!(2))), ("--port=3", json!(3))),
        given(
            "passphrase_file",
            Value::Null,
            ("\"~/k\"", json!(file)),
            Some(("COOEE_PASSPHRASE", "magpie", Value::Null)),
            ("--passphrase-file=/x", json!("/x")),
        ),
        given(
            "color",
            json!("auto"),
            ("\"always\"", json!("always")),
            Some(("NO_COLOR", "1", json!("never"))),
            ("--color=auto", json!("auto")),
        ),
        switch("ephemeral", "--ephemeral=false"),
        switch("sealed", "--sealed=false"),
        switch("signed_only", "--signed-only=false"),
        switch("verbose", "--verbose=false"),
        switch("log", "--log=false"),
        of_file_alone("ignore_interfaces", json!([]), ("[\"veth*\"]", json!(["veth*"]))),
        of_file_alone("history", json!(50), ("0", json!(0))),
        of_file_alone("timestamp", json!("%H:%M"), ("\"%T\"", json!("%T"))),
        of_file_alone("nick_colors", json!(true), ("false", json!(false))),
        of_file_alone("bell", json!(true), ("false", json!(false))),
        of_file_alone("highlight", json!([]), ("[\"tea\"]", json!(["tea"]))),
        of_file_alone("notify", json!(true), ("[\"say\", \"{text}\"]", json!(["say", "{text}"]))),
    ]
}

#[test]
fn the_strongest_source_has_the_say() {
    for Case { key, default, written: (written, in_file), variable, flag } in cases() {
        assert_eq!(Home::new("").setting(key, &[], &[]), from(key, &default, "default", None, None));
        let home = Home::new(&format!("\n{key} = {written}\n"));
        let file = home.file();
        let place = Some((file.as_path(), 2));
        assert_eq!(home.setting(key, &[], &[]), from(key, &in_file, "file", None, place));
        let mut variables = Vec::new();
        if let Some((name, value, set)) = &variable {
            variables.push((*name, *value));
            assert_eq!(home.setting(key, &[], &variables), from(key, set, "environment", Some(name), None));
        }
        if let Some((flag, typed)) = &flag {
            assert_eq!(home.setting(key, &[flag], &variables), from(key, typed, "flag", None, None));
        }
    }
}

/// Those whose default depends on who starts the program.
#[test]
fn nick_and_identity_have_a_default_for_each_user() {
    let home = Home::new("nick = \"ada\"\nidentity = \"/ada\"\n");
    let file = home.file();
    for (key, line, variable, flag) in
        [("nick", 1, "COOEE_NICK", "--nick"), ("identity", 2, "COOEE_IDENTITY", "--identity")]
    {
        let default = Home::new("").setting(key, &[], &[]);
        assert_eq!(default, from(key, &default["value"], "default", None, None));
        let value = |name: &str| if key == "nick" { json!(name) } else { json!(format!("/{name}")) };
        let text = |name: &str| value(name).as_str().unwrap().to_owned();
        assert_eq!(home.setting(key, &[], &[]), from(key, &value("ada"), "file", None, Some((&file, line))));
        let set = (variable, &*text("bob"));
        assert_eq!(home.setting(key, &[], &[set]), from(key, &value("bob"), "environment", Some(variable), None));
        assert_eq!(home.setting(key, &[flag, &text("cy")], &[set]), from(key, &value("cy"), "flag", None, None));
        // What is set to nothing is not set; what is typed as nothing asks for the default.
        assert_eq!(home.setting(key, &[], &[(variable, "")])["source"], "file");
        assert_eq!(home.setting(key, &[flag, ""], &[set]), from(key, &default["value"], "flag", None, None));
    }
}

#[test]
fn what_is_empty_in_the_environment_is_not_set() {
    let home = Home::new("room = \"a\"\ninterfaces = [\"a\"]\ncolor = \"always\"\n");
    for (key, variable) in [("room", "COOEE_ROOM"), ("interfaces", "COOEE_INTERFACE"), ("color", "NO_COLOR")] {
        assert_eq!(home.setting(key, &[], &[(variable, "")])["source"], "file", "{key}");
    }
    let all = home.setting("interfaces", &["--interface", ""], &[("COOEE_INTERFACE", "b")]);
    assert_eq!(all, from("interfaces", &json!([]), "flag", None, None));
}

#[test]
fn a_key_for_one_run_and_one_in_a_file_are_two_answers_to_one_question() {
    let ephemeral = |settings: &str, flags: &[&str], variables: &[(&str, &str)]| {
        let home = Home::new(settings);
        let [one, other] = ["ephemeral", "identity"].map(|key| home.setting(key, flags, variables));
        (one["value"] == true, one["source"].as_str().unwrap().to_owned(), other["value"].clone())
    };
    let expected = |is, source: &str, file: Value| (is, source.to_owned(), file);
    let variable = [("COOEE_IDENTITY", "/v")];
    let (file, none) = ("identity = \"/f\"\n", Value::Null);
    assert_eq!(ephemeral(file, &["--ephemeral"], &[]), expected(true, "flag", none.clone()));
    assert_eq!(ephemeral(file, &["--ephemeral"], &variable), expected(true, "flag", none.clone()));
    assert_eq!(ephemeral("ephemeral = true", &[], &[]), expected(true, "file", none));
    assert_eq!(ephemeral("ephemeral = true", &[], &variable), expected(false, "environment", json!("/v")));
    assert_eq!(ephemeral("ephemeral = true", &["--identity", "/x"], &[]), expected(false, "flag", json!("/x")));
    assert_eq!(ephemeral(file, &["--ephemeral=false"], &[]), expected(false, "flag", json!("/f")));
}

#[test]
fn a_passphrase_seals_and_is_never_printed() {
    let home = Home::new("passphrase_file = \"/f\"\n");
    let sealed = |home: &Home, flags: &[&str], variables: &[(&str, &str)]| {
        let [one, other] = ["sealed", "passphrase_file"].map(|key| home.setting(key, flags, variables));
        (one["value"] == true, one["source"].as_str().unwrap().to_owned(), other["value"].clone())
    };
    let variable = [("COOEE_PASSPHRASE", "magpie at dawn")];
    assert_eq!(sealed(&home, &[], &[]), (true, "file".to_owned(), json!("/f")));
    assert_eq!(sealed(&home, &["--sealed"], &[]), (true, "flag".to_owned(), json!("/f")));
    assert_eq!(sealed(&home, &["--sealed=false"], &variable), (false, "flag".to_owned(), Value::Null));
    assert_eq!(sealed(&home, &[], &variable), (true, "environment".to_owned(), Value::Null));
    let open = Home::new("sealed = false\n");
    assert_eq!(sealed(&open, &[], &variable), (true, "environment".to_owned(), Value::Null));
    for words in [&["config"][..], &["config", "--json"]] {
        let (_, printed, told) = told_of(home.cooee(words).envs(variable).output());
        assert!(printed.contains("COOEE_PASSPHRASE") && !(printed + &told).contains("magpie"));
    }
    let (code, _, told) = run(&["--sealed=false", "--passphrase-file", "/f", "config"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("'--sealed=false' cannot be used with '--passphrase-file <FILE>'"), "{told}");
}

#[test]
fn the_list_lines_up_and_names_the_file() {
    let home = Home::new("# mine\nport = 26640\nroom = \"k\\u001bi\\u202et\"\n");
    let refused = told_of(home.cooee(&["config"]).output());
    assert_eq!(refused.0, Some(2));
    fs::write(home.file(), "# mine\nport = 26640\nhighlight = [\"\\u001b[2J\\u202e\"]\n").unwrap();
    let (code, printed, told) = told_of(home.cooee(&["--nick", "alice", "config"]).output());
    assert_eq!((code, &*told), (Some(0), ""));
    let (file, rows) = (home.file().display().to_string(), printed.lines().collect::<Vec<_>>());
    assert_eq!(rows[0], format!("# {file}"));
    assert!(rows[1].starts_with("nick               \"alice\"  ") && rows[1].ends_with("  --nick"), "{printed}");
    assert!(
        rows[6].starts_with("port               26640  ") && rows[6].ends_with(&format!("  {file} line 2")),
        "{printed}"
    );
    assert!(printed.contains("room               \"lobby\"  ") && rows[2].ends_with("  default"), "{printed}");
    assert!(!printed.contains(['\u{1b}', '\u{202e}']) && printed.contains("\\u001b[2J"), "{printed}");
    let columns = |row: &&str| row.find("  ").map(|end| end + row[end..].find(|c| c != ' ').unwrap());
    assert!(rows[1..].iter().map(columns).all(|column| column == Some(19)), "{printed}");
}

#[test]
fn without_a_file_all_is_default_and_it_is_told_where_it_would_be() {
    let home = Home::new("");
    fs::remove_file(home.file()).unwrap();
    let heading = |command: &mut Command| {
        let (code, printed, told) = told_of(command.output());
        assert_eq!((code, &*told), (Some(0), ""));
        assert!(printed.lines().skip(1).all(|row| !row.contains("config.toml")));
        printed.lines().next().unwrap().to_owned()
    };
    let words = ["--identity", "x", "config"];
    assert_eq!(heading(&mut home.cooee(&words)), format!("# {} (not there)", home.file().display()));
    // What is no absolute path counts as not set.
    let usual = "# /home/ada/.config/cooee/config.toml (not there)";
    assert_eq!(heading(home.cooee(&words).env("XDG_CONFIG_HOME", "here")), usual);
    let homeless = heading(home.cooee(&words).env("XDG_CONFIG_HOME", "").env("HOME", "nowhere"));
    assert_eq!(homeless, "# no file: there is no home directory to look for one in; set XDG_CONFIG_HOME");
    assert_eq!(
        heading(home.cooee(&words).env("XDG_CONFIG_HOME", "/dev/null")),
        "# /dev/null/cooee/config.toml (not there)"
    );
}

#[test]
fn a_file_that_makes_no_sense_ends_what_uses_settings() {
    let home = Home::new("nick = \"ada\"\nport = \"high\"\n");
    let message = format!(
        "cooee: {} line 2, column 8, port: has to be a whole number, as in port = 26633; here it is a string\n",
        home.file().display()
    );
    let tasks = ["config", "peers", "listen", "send", "id", "interfaces", "chat"];
    for words in tasks.iter().map(|task| vec![*task]).chain([vec![], vec!["--port", "1", "peers"]]) {
        assert_eq!(told_of(home.cooee(&words).output()), (Some(2), String::new(), message.clone()), "{words:?}");
    }
    for words in [&["man"][..], &["man", "cooee-config"], &["completions", "bash"], &["--help"], &["--version"]] {
        let (code, printed, told) = told_of(home.cooee(words).output());
        assert_eq!((code, &*told), (Some(0), ""), "{words:?}");
        assert!(!printed.is_empty());
    }
    fs::remove_file(home.file()).unwrap();
    fs::create_dir(home.file()).unwrap();
    let message =
        format!("cooee: {} is a folder, where a file of settings is looked for; move it away\n", home.file().display());
    assert_eq!(told_of(home.cooee(&["peers"]).output()), (Some(2), String::new(), message));
}

#[test]
fn what_there_is_not_is_told_of_and_the_command_goes_on() {
    let home = Home::new("nick = \"ada\"\nsigned-only = true\n");
    let (code, printed, told) = told_of(home.cooee(&["--identity", "x", "config"]).output());
    let warning = format!(
        "cooee: {} line 2, column 1: there is no setting signed-only, which is passed over; did you mean signed_only?\n",
        home.file().display()
    );
    assert_eq!((code, told), (Some(0), warning));
    assert!(printed.contains("\"ada\"") && printed.contains("signed_only        false"), "{printed}");
}

#[test]
fn the_settings_of_the_file_are_those_of_a_run() {
    let port = super::port(6);
    let home = Home::new(&format!("nick = \"Ada Lovelace\"\nport = {port}\ninterfaces = [\"lo\"]\nephemeral = true\n"));
    let (code, table, told) = told_of(home.cooee(&["peers", "--all", "--wait", "0"]).output());
    assert!(code == Some(1) && told.contains("on lo"), "{told}");
    assert!(table.lines().nth(1).unwrap().starts_with("Ada_Lovelace "), "{table}");
}
