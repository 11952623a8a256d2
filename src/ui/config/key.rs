//! The settings by name: the one table of them, to which cooee(5) is held by a test.

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Nick,
    Room,
    Interfaces,
    IgnoreInterfaces,
    Peers,
    Port,
    Identity,
    Ephemeral,
    Sealed,
    PassphraseFile,
    SignedOnly,
    Color,
    Verbose,
    Log,
    History,
    Timestamp,
    NickColors,
    Bell,
    Highlight,
    Notify,
}

/// What a value in the file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    String,
    Integer,
    Boolean,
    Strings,
    BooleanOrStrings,
}

impl Key {
    /// All of them, in the order in which they are told.
    pub(crate) const ALL: [Self; 20] = [
        Self::Nick,
        Self::Room,
        Self::Interfaces,
        Self::IgnoreInterfaces,
        Self::Peers,
        Self::Port,
        Self::Identity,
        Self::Ephemeral,
        Self::Sealed,
        Self::PassphraseFile,
        Self::SignedOnly,
        Self::Color,
        Self::Verbose,
        Self::Log,
        Self::History,
        Self::Timestamp,
        Self::NickColors,
        Self::Bell,
        Self::Highlight,
        Self::Notify,
    ];

    /// The key of that name in the file.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }

    /// The key that may be meant by a name that none has.
    pub(crate) fn near(name: &str) -> Option<Self> {
        /// So much is alike of `colour` and `color`, of `signed-only` and `signed_only`, but not of `exit` and `nick`.
        const ALIKE: f64 = 0.8;
        let name = name.to_lowercase();
        let alike = Self::ALL.into_iter().map(|key| (strsim::jaro_winkler(&name, key.name()), key));
        let (most, key) = alike.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (most >= ALIKE).then_some(key)
    }

    /// Its name in the file.
    pub(crate) const fn name(self) -> &'static str {
        self.row().0
    }

    /// What its value may be.
    pub(crate) const fn shape(self) -> Shape {
        self.row().1
    }

    /// How a value of it is written.
    pub(crate) const fn example(self) -> &'static str {
        self.row().2
    }

    /// The option of the command line that sets it, as it is typed, if there is one.
    pub(crate) const fn flag(self) -> Option<&'static str> {
        self.row().3
    }

    /// The variable of the environment that sets it, if there is one.
    pub(crate) const fn variable(self) -> Option<&'static str> {
        self.row().4
    }

    #[rustfmt::skip]
    const fn row(self) -> (&'static str, Shape, &'static str, Option<&'static str>, Option<&'static str>) {
        use Shape::{Boolean, BooleanOrStrings, Integer, String, Strings};
        match self {
            Self::Nick => ("nick", String, "\"alice\"", Some("--nick"), Some("COOEE_NICK")),
            Self::Room => ("room", String, "\"lobby\"", Some("--room"), Some("COOEE_ROOM")),
            Self::Interfaces => ("interfaces", Strings, "[\"eth0\"]", Some("--interface"), Some("COOEE_INTERFACE")),
            Self::IgnoreInterfaces => ("ignore_interfaces", Strings, "[\"docker*\", \"veth*\"]", None, None),
            Self::Peers => ("peers", Strings, "[\"vpn-host\", \"10.8.0.3:26633\"]", Some("--peer"), Some("COOEE_PEER")),
            Self::Port => ("port", Integer, "26633", Some("--port"), Some("COOEE_PORT")),
            Self::Identity => ("identity", String, "\"~/keys/cooee\"", Some("--identity"), Some("COOEE_IDENTITY")),
            Self::Ephemeral => ("ephemeral", Boolean, "true", Some("--ephemeral"), None),
            Self::Sealed => ("sealed", Boolean, "true", Some("--sealed"), None),
            Self::PassphraseFile => ("passphrase_file", String, "\"~/keys/room\"", Some("--passphrase-file"), None),
            Self::SignedOnly => ("signed_only", Boolean, "true", Some("--signed-only"), None),
            Self::Color => ("color", String, "\"never\"", Some("--color"), None),
            Self::Verbose => ("verbose", Boolean, "true", Some("--verbose"), None),
            Self::Log => ("log", Boolean, "true", Some("--log"), None),
            Self::History => ("history", Integer, "50", None, None),
            Self::Timestamp => ("timestamp", String, "\"%H:%M\"", None, None),
            Self::NickColors => ("nick_colors", Boolean, "false", None, None),
            Self::Bell => ("bell", Boolean, "false", None, None),
            Self::Highlight => ("highlight", Strings, "[\"lunch\"]", None, None),
            Self::Notify => ("notify", BooleanOrStrings, "[\"notify-send\", \"{nick}\", \"{text}\"]", None, None),
        }
    }
}

impl Shape {
    /// In words, as messages and cooee(5) have them.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "a whole number",
            Self::Boolean => "true or false",
            Self::Strings => "a list of strings",
            Self::BooleanOrStrings => "true, false or a list of strings",
        }
    }
}
