//! The virtual LAN: one network namespace a host, one bridge between them, no way out.
//!
//! A *switch* process stands in a user namespace and a network namespace of its own and holds the bridge; each host is
//! a process that holds one more network namespace. Nothing has a name that another test could see, so that tests run
//! side by side. All of it hangs on a pipe from this process: when that closes, because the [`Network`] is dropped or
//! the test was killed, the switch ends every process in its user namespace, and the kernel takes the rest away.

use std::env;
use std::io::{self, Read, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Where a broadcast to all hosts of a [`Network`] goes.
pub(crate) const BROADCAST: Ipv4Addr = Ipv4Addr::new(10, 77, 255, 255);

/// The first card of every host.
pub(crate) const CARD: &str = "eth0";

/// The card that [`Network::second_card`] puts in.
pub(crate) const SECOND_CARD: &str = "eth1";

/// For what the kernel does in milliseconds; a busy machine gets the rest.
const SETTLED: Duration = Duration::from_secs(10);

/// Says that it stands, waits until its standard input ends, then ends all that lives in its user namespace, again and
/// again, because what is ended may just have started something. The first line keeps it from ever doing that in the
/// user namespace of the test itself; the trap, from ending too early when somebody presses Ctrl-C. What has ended and
/// is not yet reaped has no `ns/net`.
const SWITCH: &str = r#"
[ "/proc/$PPID/ns/user" -ef "/proc/$$/ns/user" ] && exit 1
trap '' HUP INT TERM
echo
read -r _
alone=
until [ "$alone" ]; do
    alone=yes
    for process in /proc/[0-9]*; do
        [ "$process/ns/user" -ef "/proc/$$/ns/user" ] && [ -e "$process/ns/net" ] || continue
        [ "$process" = "/proc/$$" ] || { kill -s KILL "${process#/proc/}"; alone=; }
    done
done
"#;

const HOST: &str = "echo; read -r _";
const BATCH: &str = "ip -batch -";
const HOLDING: &str = "starting a process in namespaces of its own";

/// Whether virtual LANs can be had on this machine. Tried once.
pub(crate) fn available() -> Result<(), Unavailable> {
    static TRIED: OnceLock<Result<(), Unavailable>> = OnceLock::new();
    TRIED.get_or_init(|| Network::new(1).map(drop)).clone()
}

/// Whether [`Network::loss`] and [`Network::cut`] can be had as well. Tried once.
pub(crate) fn filters_available() -> Result<(), Unavailable> {
    static TRIED: OnceLock<Result<(), Unavailable>> = OnceLock::new();
    TRIED.get_or_init(|| Network::new(1)?.filter("try", "numgen random mod 1000000 < 500000 drop\n")).clone()
}

/// A virtual LAN. Gone, with every process that runs in it, when dropped.
pub(crate) struct Network {
    switch: Holder,
    hosts: Vec<Host>,
    #[expect(dead_code, reason = "the hosts' files are there as long as it is")]
    files: TempDir,
}

impl Network {
    /// A LAN of that many hosts: host `i` at 10.77.0.(i+1)/16 on `eth0`, `lo` up, no IPv6 address on `eth0`, and so
    /// no frames but those that somebody sends. Fails where the machine does not allow it.
    pub(crate) fn new(hosts: usize) -> Result<Self, Unavailable> {
        let unshare = find("unshare")?;
        let outermost = ["--user", "--map-root-user", "--net"];
        let switch = Holder::start(Command::new(&unshare).args(outermost), SWITCH)?.standing()?;
        // All are started before the first is waited for.
        let started = (0..hosts).map(|_| Holder::start(switch.inside().command(&unshare)?.arg("--net"), HOST));
        let holders = started.collect::<Result<Vec<_>, _>>()?;
        let files = TempDir::new().map_err(|error| Unavailable::refused("making a folder", error))?;
        let host = |(number, holder)| {
            let data = files.path().join(format!("host-{number}"));
            Ok(Host { number, holder: Holder::standing(holder)?, switch: switch.inside(), data })
        };
        let hosts = holders.into_iter().enumerate().map(host).collect::<Result<_, _>>()?;
        let network = Self { switch, hosts, files };
        network.wire()?;
        Ok(network)
    }

    /// Host `i`, counted from 0.
    pub(crate) fn host(&self, i: usize) -> &Host {
        &self.hosts[i]
    }

    /// Every host loses this share of the IP frames that come to it, each by its own draw; 0 is none. ARP is spared.
    #[track_caller]
    pub(crate) fn loss(&self, share: f64) {
        assert!((0.0..=1.0).contains(&share), "a share of the frames, not {share}");
        // The draw is below a million, and nft refuses to compare it with what it cannot be.
        let kept = ((1.0 - share) * 1e6).min(999_999.0);
        let rule = format!("ether type {{ ip, ip6 }} numgen random mod 1000000 >= {kept:.0} drop\n");
        or_panic(self.filter("loss", if share > 0.0 { &rule } else { "" }));
    }

    /// These hosts and those hear nothing of each other until [`heal`](Self::heal). Cuts add up.
    #[track_caller]
    pub(crate) fn cut(&self, these: &[usize], those: &[usize]) {
        self.silence(these, those);
        self.silence(those, these);
    }

    /// Nothing that `talkers` send reaches `hearers` until [`heal`](Self::heal); the other way is left open.
    #[track_caller]
    pub(crate) fn silence(&self, talkers: &[usize], hearers: &[usize]) {
        let ports = |hosts: &[usize]| {
            let cards = hosts.iter().flat_map(|&i| [port(i, CARD), port(i, SECOND_CARD)]);
            cards.map(|port| format!("\"{port}\"")).collect::<Vec<_>>().join(", ")
        };
        let rule = format!("iifname {{ {} }} oifname {{ {} }} drop\n", ports(talkers), ports(hearers));
        or_panic(self.nft(&table("cut", &rule)));
    }

    /// These hosts reach all others by unicast, but not each other, as by an access point that isolates its clients;
    /// until [`heal`](Self::heal).
    #[track_caller]
    pub(crate) fn isolate(&self, clients: &[usize]) {
        let ports: Vec<String> = clients.iter().map(|&i| format!("\"{}\"", port(i, CARD))).collect();
        let (ports, to_one) = (ports.join(", "), "ether daddr & 01:00:00:00:00:00 == 00:00:00:00:00:00");
        let rule = format!("iifname {{ {ports} }} oifname {{ {ports} }} {to_one} drop\n");
        or_panic(self.nft(&table("cut", &rule)));
    }

    /// Takes back every [`cut`](Self::cut), [`silence`](Self::silence) and [`isolate`](Self::isolate). Loss stays.
    #[track_caller]
    pub(crate) fn heal(&self) {
        or_panic(self.filter("cut", ""));
    }

    /// Tells every host the card addresses of all others, so that nobody has to ask for them. All namespaces share the
    /// kernel's one table of neighbours, which holds 1,024 that were asked for: fewer than 33 hosts that all talk with
    /// each other need. What is told counts for nothing there.
    #[track_caller]
    #[allow(dead_code, reason = "it is for what is measured")]
    pub(crate) fn introduce(&self) {
        let told: Vec<String> = self.hosts.iter().map(Host::introduction).collect();
        let batches = self.hosts.iter().map(|host| {
            let others = told.iter().enumerate().filter(|(i, _)| *i != host.number).map(|(_, told)| told.as_str());
            or_panic(host.holder.inside().begin_batch(&others.collect::<String>()))
        });
        let batches: Vec<Child> = batches.collect();
        batches.into_iter().for_each(|batch| drop(or_panic(finish(BATCH, batch))));
    }

    /// Puts a second card, `eth1`, into host `i`, its cable in the same switch. It is down and has no address;
    /// when it is up, [`Host::plug_in`] waits until frames pass.
    #[track_caller]
    pub(crate) fn second_card(&self, i: usize) {
        let cable = cable(i, SECOND_CARD, self.hosts[i].holder.inside());
        or_panic(self.switch.inside().begin_batch(&cable).and_then(|batch| finish(BATCH, batch)));
        self.host(i).ip(&format!("link set {SECOND_CARD} addrgenmode none"));
    }

    /// Lays the bridge and all cables, and comes back when a frame sent by any host would reach all others.
    fn wire(&self) -> Result<(), Unavailable> {
        // Snooping would hold multicast back from ports that have not asked; a delay would hold back everything.
        let bridge = "link add br0 type bridge mcast_snooping 0 forward_delay 0\n\
                      link set br0 addrgenmode none\n\
                      link set br0 up\n";
        let cables = self.hosts.iter().map(|host| cable(host.number, CARD, host.holder.inside()));
        finish(BATCH, self.switch.inside().begin_batch(&(bridge.to_owned() + &cables.collect::<String>()))?)?;

        // All at once: most of the time goes into starting programs.
        let batches = self.hosts.iter().map(Host::begin_set_up).collect::<Result<Vec<_>, _>>()?;
        batches.into_iter().try_for_each(|batch| finish(BATCH, batch).map(drop))?;
        self.switch.inside().settle("every port of the switch forwards", |links| {
            links.iter().filter(|link| link["master"] == "br0").all(forwards)
        })
    }

    /// Puts these rules in the place of those that the table has; none takes it away.
    fn filter(&self, name: &str, rules: &str) -> Result<(), Unavailable> {
        let clear = format!("table bridge {name} {{}}\ndelete table bridge {name}\n");
        self.nft(&if rules.is_empty() { clear } else { clear + &table(name, rules) })
    }

    fn nft(&self, text: &str) -> Result<(), Unavailable> {
        run("nft -f -", self.switch.inside().command(&find("nft")?)?.args(["-f", "-"]), text).map(drop)
    }
}

/// One host of a [`Network`].
pub(crate) struct Host {
    number: usize,
    holder: Holder,
    switch: Namespace,
    data: PathBuf,
}

impl Host {
    /// The address that its first card has from the start.
    pub(crate) fn address(&self) -> Ipv4Addr {
        let number = u32::try_from(self.number).expect("fewer hosts than addresses");
        Ipv4Addr::from_bits(Ipv4Addr::new(10, 77, 0, 1).to_bits() + number)
    }

    /// A command that runs inside this host. The process that it starts becomes the program itself, so its pid, its
    /// signals and its `/proc/PID/stat` are the program's. A program that is not there shows as exit code 127.
    /// What programs keep of their user's data and settings lies in [`data`](Self::data), their logs in
    /// [`state`](Self::state).
    #[track_caller]
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = or_panic(self.holder.inside().command(program.as_ref()));
        command.env("XDG_DATA_HOME", &self.data).env("XDG_CONFIG_HOME", &self.data).env("XDG_STATE_HOME", self.state());
        command
    }

    /// The folder for what has happened to this host's user, such as logs. It is not there until a program makes it.
    pub(crate) fn state(&self) -> PathBuf {
        self.data.join("state")
    }

    /// The folder for the data of this host's user, of no other's. It is not there until a program makes it.
    #[allow(dead_code, reason = "what is measured does not look into it")]
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Runs `ip` with these words inside this host and returns what it wrote: `ip("link set eth0 mtu 1280")`.
    #[track_caller]
    pub(crate) fn ip(&self, words: &str) -> String {
        or_panic(self.holder.inside().ip(words))
    }

    /// Lays a cable from a new card of this host to one of another host, beside their switch; both cards have this name and
    /// are down.
    #[track_caller]
    #[allow(dead_code, reason = "what is measured has one LAN")]
    pub(crate) fn lay_cable(&self, card: &str, other: &Host) {
        // The other end goes into the namespace of a process that surely stands in it.
        self.ip(&format!("link add {card} type veth peer name {card} netns {}", other.holder.inside().pid));
    }

    /// Pulls the cable out of a card, which stays up and loses its carrier. The card must be up.
    #[track_caller]
    pub(crate) fn unplug(&self, card: &str) {
        or_panic(self.switch.ip(&format!("link set {} down", port(self.number, card))));
        or_panic(self.holder.inside().settle("the carrier is lost", |links| !has_carrier(links, card)));
    }

    /// Puts the cable back and waits until frames pass. The card must be up.
    #[track_caller]
    pub(crate) fn plug_in(&self, card: &str) {
        let port = port(self.number, card);
        or_panic(self.switch.ip(&format!("link set {port} up")));
        or_panic(self.holder.inside().settle("the carrier is back", |links| has_carrier(links, card)));
        or_panic(self.switch.settle("the port forwards again", |links| forwards(named(links, &port))));
    }

    /// Waits until a card that was switched on has a carrier, which takes the kernel a moment.
    #[track_caller]
    pub(crate) fn await_carrier(&self, card: &str) {
        or_panic(self.holder.inside().settle("the carrier is there", |links| has_carrier(links, card)));
    }

    /// Whether a card is up and has a carrier.
    #[track_caller]
    pub(crate) fn has_carrier(&self, card: &str) -> bool {
        has_carrier(&or_panic(self.holder.inside().links()), card)
    }

    /// Frames that the first card has received and sent so far.
    #[track_caller]
    pub(crate) fn frames(&self) -> Frames {
        let links = or_panic(self.holder.inside().links());
        let count = |way: &str| named(&links, CARD)["stats64"][way]["packets"].as_u64().expect("ip -s counts packets");
        Frames { received: count("rx"), sent: count("tx") }
    }

    /// The command of `ip` that tells another host where this one's first card is.
    fn introduction(&self) -> String {
        let links = or_panic(self.holder.inside().links());
        let card = named(&links, CARD)["address"].as_str().expect("a card has an address").to_owned();
        format!("neighbour replace {} lladdr {card} nud permanent dev {CARD}\n", self.address())
    }

    fn begin_set_up(&self) -> Result<Child, Unavailable> {
        let address = self.address();
        let batch = format!(
            "link set lo up\n\
             address add {address}/16 broadcast {BROADCAST} dev {CARD}\n\
             link set {CARD} addrgenmode none\n\
             link set {CARD} up\n"
        );
        self.holder.inside().begin_batch(&batch)
    }
}

/// Frames that a card has counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frames {
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

/// The network namespace, and the user namespace around it, of a process that is there for nothing else.
#[derive(Clone, Copy)]
struct Namespace {
    pid: u32,
}

impl Namespace {
    fn command(self, program: &Path) -> Result<Command, Unavailable> {
        let mut command = Command::new(find("nsenter")?);
        // An ordinary user is root in there already, and may not call setgroups(2), which nsenter does otherwise.
        command.args(["--preserve-credentials", "--user", "--net", "--target", &self.pid.to_string(), "--"]);
        command.arg(program);
        Ok(command)
    }

    fn ip(self, words: &str) -> Result<String, Unavailable> {
        run(&format!("ip {words}"), self.command(&find("ip")?)?.args(words.split_whitespace()), "")
    }

    fn begin_batch(self, lines: &str) -> Result<Child, Unavailable> {
        begin(BATCH, self.command(&find("ip")?)?.args(["-batch", "-"]), lines)
    }

    fn links(self) -> Result<Vec<Value>, Unavailable> {
        serde_json::from_str(&self.ip("-j -d -s link show")?).map_err(|e| Unavailable::refused("ip -j", e))
    }

    /// Asks again and again until the links look as they should. A carrier comes and goes by a work queue of the
    /// kernel, usually before the first look.
    fn settle(self, what: &str, done: impl Fn(&[Value]) -> bool) -> Result<(), Unavailable> {
        let (begun, mut links) = (Instant::now(), self.links()?);
        while !done(&links) {
            if begun.elapsed() > SETTLED {
                return Err(Unavailable::refused(what, format!("not within {SETTLED:?}: {}", Value::from(links))));
            }
            links = self.links()?;
        }
        Ok(())
    }
}

/// A process that holds namespaces until its standard input ends.
struct Holder {
    process: Child,
}

impl Holder {
    /// Does not wait, so that many can start at the same time; [`standing`](Self::standing) does.
    fn start(enter: &mut Command, script: &str) -> Result<Self, Unavailable> {
        Ok(Self { process: spawn(HOLDING, enter.args(["--", "sh", "-c", script]))? })
    }

    /// Waits until the process has gone into its namespaces.
    fn standing(mut self) -> Result<Self, Unavailable> {
        let mut said = [0];
        if self.process.stdout.as_mut().is_some_and(|stdout| stdout.read_exact(&mut said).is_ok()) {
            return Ok(self);
        }
        let words = self.process.stderr.take().map(io::read_to_string);
        Err(Unavailable::refused(HOLDING, words.and_then(Result::ok).unwrap_or_default()))
    }

    fn inside(&self) -> Namespace {
        Namespace { pid: self.process.id() }
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait(); // an error here would hide the one that a test has found
    }
}

/// Why this machine cannot have a virtual LAN.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Unavailable {
    #[error("`{0}` is not installed")]
    Missing(&'static str),
    /// The system would not do it; `words` are its own.
    #[error("{what}: {words}")]
    Refused { what: String, words: String },
}

impl Unavailable {
    fn refused(what: &str, words: impl ToString) -> Self {
        Self::Refused { what: what.to_owned(), words: words.to_string().trim().to_owned() }
    }
}

/// The commands of `ip` that lay a cable from a card of host `i` to the switch.
fn cable(i: usize, card: &str, host: Namespace) -> String {
    let (port, pid) = (port(i, card), host.pid);
    // Without the second line before the third, the port would get an IPv6 address of its own and talk on the LAN.
    format!(
        "link add {port} master br0 type veth peer name {card} netns {pid}\n\
         link set {port} addrgenmode none\n\
         link set {port} up\n"
    )
}

/// The switch's end of a cable.
fn port(i: usize, card: &str) -> String {
    format!("{card}-{i}")
}

fn table(name: &str, rules: &str) -> String {
    format!("table bridge {name} {{\nchain f {{\ntype filter hook forward priority 0; policy accept;\n{rules}}}\n}}\n")
}

fn forwards(link: &Value) -> bool {
    link["operstate"] == "UP" && link["linkinfo"]["info_slave_data"]["state"] == "forwarding"
}

fn has_carrier(links: &[Value], card: &str) -> bool {
    named(links, card)["operstate"] == "UP"
}

fn named<'a>(links: &'a [Value], name: &str) -> &'a Value {
    links.iter().find(|link| link["ifname"] == name).unwrap_or(&Value::Null)
}

/// Looks beyond the search path too: an ordinary user's leaves out the places where `ip` and `nft` lie.
fn find(tool: &'static str) -> Result<PathBuf, Unavailable> {
    let path = env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin:/usr/local/sbin";
    let mut files = env::split_paths(&path).map(|folder| folder.join(tool));
    files.find(|file| file.is_file()).ok_or(Unavailable::Missing(tool))
}

fn run(what: &str, command: &mut Command, input: &str) -> Result<String, Unavailable> {
    finish(what, begin(what, command, input)?)
}

fn begin(what: &str, command: &mut Command, input: &str) -> Result<Child, Unavailable> {
    let mut child = spawn(what, command)?;
    let mut stdin = child.stdin.take().expect("it is piped");
    let _ = stdin.write_all(input.as_bytes()); // who does not read all of it says why on its standard error
    Ok(child)
}

fn spawn(what: &str, command: &mut Command) -> Result<Child, Unavailable> {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    piped.spawn().map_err(|e| Unavailable::refused(what, e))
}

fn finish(what: &str, child: Child) -> Result<String, Unavailable> {
    let output = child.wait_with_output().map_err(|e| Unavailable::refused(what, e))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Unavailable::refused(what, format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr))))
}

#[track_caller]
fn or_panic<T>(result: Result<T, Unavailable>) -> T {
    match result {
        Ok(done) => done,
        Err(e) => panic!("the virtual LAN: {e}"),
    }
}
