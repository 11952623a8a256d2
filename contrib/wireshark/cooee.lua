-- A dissector for Wireshark of version 1 of the protocol that cooee-protocol(7) describes.
--
-- The tables below are those of that page, in its words: the row "first" of the table "nack" is "cooee.nack.first".
-- What is wrong with a datagram is told in the words of its section "What is refused".
--
-- Of what is refused it cannot tell what takes a hash or a key: whether a signature is right, a peer id is that of its
-- key, a room is called what its id says. And what is sealed, it does not open.
--
-- Nothing is read but by `take`, which gives no byte that is not there. So no datagram makes it fail.

local cooee = Proto("cooee", "cooee, talk on a LAN")

local PORT = 26633
local MAGIC = "COOE"
local VERSION = 1
local HEADER_LEN = 32
local TRAILER_LEN = 96
local DATAGRAM_MAX = 1200
local SEQ_MAX = 4294967295

-- By their numbers, as the tables below are called.
local KINDS = {
    "beacon",
    "goodbye",
    "lines",
    "nack",
    "ack",
    "request",
    "private_line",
    "notes",
    "private_ack",
    "ping",
    "pong",
    "addresses",
}

-- Those that everybody knows.
local ROOM_NAMES = { ["0000000000000000"] = "any", ["4b5dc076e7b9c122"] = "lobby" }

----------------------------------------------------------------------------------------------------------------------
-- The tables

-- What a number or a length may be is as wide as its type where nothing is said. A limit that is a name is the field of
-- that name. `bad` is what a datagram is refused with where a limit is not kept; a text is refused with it also for its
-- control characters, unless it is `free`.
local MANNER = { "action", "continues", "goes_on" }
local BAD_RANGE = "bad range of lines"
local BAD_SEQ = "bad line number"

local TABLES = {
    beacon = {
        { "flags", "u8", bits = { "hello", "visitor", "acks", "names", "some", "remote" } },
        { "nick", "text", least = 1, most = 64, bad = "bad nick" },
        { "host", "text", most = 64, bad = "bad host name" },
        { "version", "text", most = 32, bad = "bad program version" },
        { "status", "text", most = 128, bad = "bad status text" },
        { "port", "u16", least = 1, bad = "bad port" },
        { "interval", "u32", least = 1000, most = 600000, bad = "bad beacon interval", unit = " ms" },
        { "started", "u64", unit = " ms", is_time = true },
        { "time", "u64", unit = " ms", is_time = true },
        { "last_seq", "u32" },
        { "digest", "u64", hex = true },
        { "hears", "u32" },
        { "heard", "bytes", most = 624, bad = "bad list of heard runs" },
        { "room", "text", most = 64, bad = "bad name of the room" },
    },
    goodbye = {
        { "last_seq", "u32" },
    },
    lines = {
        { "time", "u64", unit = " ms", is_time = true },
        { "nick", "text", least = 1, most = 64, bad = "bad nick" },
    },
    line = {
        { "flags", "u8", bits = MANNER },
        { "text", "text", least = 1, most = 880, bad = "bad text", free = true },
    },
    nack = {
        { "flags", "u8", bits = { "to_all" } },
        { "peer", "u64", hex = true },
        { "epoch", "u32", hex = true },
        { "first", "u32", least = 1, most = "last", bad = BAD_RANGE },
        { "last", "u32" },
    },
    ack = {
        { "peer", "u64", hex = true },
        { "epoch", "u32", hex = true },
        { "up_to", "u32", least = 1, bad = BAD_SEQ },
        { "lost", "u32" },
    },
    request = {
        { "flags", "u8", bits = { "to_all" } },
        { "peer", "u64", hex = true },
        { "epoch", "u32", hex = true },
        { "lines", "u32" },
        { "but_for", "u32" },
    },
    notes = {
        { "flags", "u8", bits = { "more" } },
        { "lines", "u32" },
        { "but_for", "u32" },
    },
    entry = {
        { "peer", "u64", hex = true },
        { "epoch", "u32", hex = true },
        { "from", "u32", most = "last", bad = BAD_RANGE },
        { "last", "u32", least = 1, bad = BAD_RANGE },
    },
    private_line = {
        { "peer", "u64", hex = true },
        { "epoch", "u32", hex = true },
    },
    private_ack = {
        { "peer", "u64", hex = true },
        { "epoch", "u32", hex = true },
        { "up_to", "u32", least = 1, bad = BAD_SEQ },
    },
    ping = {
        { "flags", "u8", bits = { "to_all" } },
        { "peer", "u64", hex = true },
        { "epoch", "u32", hex = true },
        { "token", "u64", hex = true },
    },
    pong = {
        { "flags", "u8", bits = { "to_all" } },
        { "peer", "u64", hex = true },
        { "epoch", "u32", hex = true },
        { "token", "u64", hex = true },
    },
    addresses = {
        { "peer", "u64", hex = true },
        { "epoch", "u32", hex = true },
        { "addresses", "bytes", most = 960, bad = "bad list of addresses" },
    },
}

-- Bytes of the parts that have sizes and no postcard. The row without a size takes what the others leave.
local SIZED = {
    trailer = { { "key", 32 }, { "signature", 64 } },
    seal = { { "nonce", 24 }, { "sealed" }, { "tag", 16 } },
    private_seal = { { "once", 32 }, { "sealed" }, { "tag", 16 } },
}
local RECORD_LEN = 30

----------------------------------------------------------------------------------------------------------------------
-- The fields

local fields = {}

-- A name as people read it, in a line and at its beginning.
local function words(name)
    return (name:gsub("_", " "))
end

local function label(name)
    return (words(name):gsub("^%l", string.upper))
end

local function define(name, field)
    fields[name] = field
end

-- A field "x.flags", and "x.flags.y" for each of its bits, the lowest first; all others are "x.flags.unknown".
local function define_flags(name, width, names)
    local make = width == 8 and ProtoField.uint8 or ProtoField.uint16
    define(name, make("cooee." .. name, "Flags", base.HEX))
    local mask, known = 1, 0
    for _, bit_name in ipairs(names) do
        local bit = name .. "." .. bit_name
        define(bit, ProtoField.bool("cooee." .. bit, label(bit_name), width, nil, mask))
        known, mask = known + mask, mask * 2
    end
    local unknown = name .. ".unknown"
    local others = (width == 8 and 255 or 65535) - known
    define(unknown, make("cooee." .. unknown, "Unknown", base.HEX, nil, others))
end

local function define_row(table_name, row)
    local name = table_name .. "." .. row[1]
    local abbreviation, title = "cooee." .. name, label(row[1])
    if row.bits then
        define_flags(name, 8, row.bits)
    elseif row[2] == "text" then
        define(name, ProtoField.string(abbreviation, title))
    elseif row[2] == "bytes" then
        define(name, ProtoField.bytes(abbreviation, title))
    else
        local make = { u16 = ProtoField.uint16, u32 = ProtoField.uint32, u64 = ProtoField.uint64 }
        define(name, make[row[2]](abbreviation, title, row.hex and base.HEX or base.DEC))
    end
end

define("magic", ProtoField.string("cooee.magic", "Magic"))
define("version", ProtoField.uint8("cooee.version", "Version"))
local kind_names = {}
for number, name in ipairs(KINDS) do
    kind_names[number] = words(name)
end
define("kind", ProtoField.uint8("cooee.kind", "Kind", base.DEC, kind_names))
define_flags("flags", 16, { "signed", "sealed" })
define("room", ProtoField.uint64("cooee.room", "Room", base.HEX))
define("peer", ProtoField.uint64("cooee.peer", "Peer", base.HEX))
define("epoch", ProtoField.uint32("cooee.epoch", "Epoch", base.HEX))
-- The header's number: which of the two it is, the kind tells.
define("seq", ProtoField.uint32("cooee.seq", "Seq"))
define("counter", ProtoField.uint32("cooee.counter", "Counter"))
define("undecoded", ProtoField.bytes("cooee.undecoded", "Not decoded"))
for table_name, rows in pairs(TABLES) do
    for _, row in ipairs(rows) do
        define_row(table_name, row)
    end
end
for table_name, rows in pairs(SIZED) do
    for _, row in ipairs(rows) do
        local name = table_name .. "." .. row[1]
        define(name, ProtoField.bytes("cooee." .. name, label(row[1])))
    end
end
define("beacon.heard.name", ProtoField.uint32("cooee.beacon.heard.name", "Name", base.HEX))
define("line.seq", ProtoField.uint32("cooee.line.seq", "Seq"))
define("address.peer", ProtoField.uint64("cooee.address.peer", "Peer", base.HEX))
define("address.epoch", ProtoField.uint32("cooee.address.epoch", "Epoch", base.HEX))
define("address.ipv4", ProtoField.ipv4("cooee.address.ipv4", "IPv4 address"))
define("address.ipv6", ProtoField.ipv6("cooee.address.ipv6", "IPv6 address"))
define("address.port", ProtoField.uint16("cooee.address.port", "Port"))

cooee.fields = fields

local malformed =
    ProtoExpert.new("cooee.malformed", "Malformed: a reader refuses it", expert.group.MALFORMED, expert.severity.ERROR)
local cut =
    ProtoExpert.new("cooee.cut", "The capture has only a part of it", expert.group.UNDECODED, expert.severity.NOTE)
local unknown_bits = ProtoExpert.new(
    "cooee.unknown_flags",
    "Flags that version 1 does not name; a reader ignores them",
    expert.group.UNDECODED,
    expert.severity.NOTE
)
local not_decoded = ProtoExpert.new(
    "cooee.unknown",
    "A version or a kind that is not known; a reader skips it",
    expert.group.UNDECODED,
    expert.severity.NOTE
)
cooee.experts = { malformed, cut, unknown_bits, not_decoded }

----------------------------------------------------------------------------------------------------------------------
-- Reading

-- A datagram as it is read. What lies between `at` and `limit` is still to come, unless it has `ended`: then the rest
-- makes no sense. A capture may have less of it than there was; of what it lacks, nothing bad is said.
local function reading(tvb, root)
    return { tvb = tvb, root = root, at = 0, limit = tvb:reported_len(), ended = false, is_cut = false }
end

-- Notes what is wrong with it.
local function refuse(datagram, item, why)
    item:add_proto_expert_info(malformed, "Malformed: " .. why)
    datagram.refused = datagram.refused or why
end

-- The next bytes; nil where they are not to be had, and then nothing more is.
local function take(datagram, len)
    local first, rest = datagram.at, datagram.limit - datagram.at
    if datagram.ended then
        return nil
    end
    if len > rest then
        local is_header = datagram.limit < HEADER_LEN
        refuse(datagram, datagram.root, is_header and "shorter than a header" or "body ends too early")
        datagram.ended = true
        return nil
    end
    if first + len > datagram.tvb:len() then
        datagram.root:add_proto_expert_info(cut)
        datagram.ended, datagram.is_cut = true, true
        return nil
    end
    datagram.at = first + len
    return datagram.tvb(first, len)
end

-- From an offset up to where it is read.
local function since(datagram, first)
    return datagram.tvb(first, datagram.at - first)
end

-- How many bytes a varint has at most, and how large the last of these may be.
local VARINT_LIMITS = { u16 = { 3, 3 }, u32 = { 5, 15 }, u64 = { 10, 1 } }

-- A number, as Lua's and as one of 64 bits.
local function take_varint(datagram, kind)
    local longest, last_most = VARINT_LIMITS[kind][1], VARINT_LIMITS[kind][2]
    local wide = UInt64(0)
    for count = 1, longest do
        local range = take(datagram, 1)
        if not range then
            return nil
        end
        local byte = range:uint()
        wide = wide:bor(UInt64(byte % 128):lshift(7 * (count - 1)))
        if byte < 128 and (count < longest or byte <= last_most) then
            return math.floor(wide:tonumber()), wide
        end
    end
    refuse(datagram, datagram.root, "body cannot be read")
    datagram.ended = true
    return nil
end

-- The sequences of UTF-8 that there are (RFC 3629, section 4).
local UTF_8 = {
    "^[^\128-\255]+",
    "^[\194-\223][\128-\191]",
    "^\224[\160-\191][\128-\191]",
    "^[\225-\236\238\239][\128-\191][\128-\191]",
    "^\237[\128-\159][\128-\191]",
    "^\240[\144-\191][\128-\191][\128-\191]",
    "^[\241-\243][\128-\191][\128-\191][\128-\191]",
    "^\244[\128-\143][\128-\191][\128-\191]",
}

-- Where the characters end that begin at `at`; nil where none does.
local function characters_end(text, at)
    for _, pattern in ipairs(UTF_8) do
        local _, last = text:find(pattern, at)
        if last then
            return last
        end
    end
end

local function is_utf_8(text)
    local at = 1
    while at <= #text do
        local last = characters_end(text, at)
        if not last then
            return false
        end
        at = last + 1
    end
    return true
end

-- U+0000 to U+001F, and U+007F to U+009F.
local function has_control_characters(text)
    return text:find("[\0-\31\127]") or text:find("\194[\128-\159]")
end

----------------------------------------------------------------------------------------------------------------------
-- What a datagram shows

-- A moment, for people; nothing where the calendar has none for it.
local function calendar(millis)
    local seconds = math.floor(millis / 1000)
    if seconds > 253402300799 then -- 9999-12-31T23:59:59
        return ""
    end
    return (" (%s.%03d UTC)"):format(os.date("!%Y-%m-%d %H:%M:%S", seconds), math.floor(millis % 1000))
end

-- A run, as cooee shows it.
local function run_of(peer, epoch)
    return ("%s.%08x"):format(peer:tohex(16), epoch)
end

-- What could steer a terminal, turn the direction of writing around, or cannot be seen: U+0000 to U+001F, U+007F to
-- U+009F, U+061C, U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F and U+FEFF.
local HARMFUL = {
    "[\0-\31\127]",
    "\194[\128-\159]",
    "\216\156",
    "\226\128[\139-\143\168-\174]",
    "\226\129[\160-\175]",
    "\239\187\191",
}

-- A text for the info column. Wireshark escapes what strangers say in the tree, but not there, and tshark writes the
-- column to the terminal as it is.
local function harmless(text)
    local parts, at = {}, 1
    while at <= #text do
        local last = characters_end(text, at)
        parts[#parts + 1] = last and text:sub(at, last) or "?"
        at = (last or at) + 1
    end
    local whole = table.concat(parts)
    for _, pattern in ipairs(HARMFUL) do
        whole = whole:gsub(pattern, "?")
    end
    return whole
end

-- "#3", or "#3-5".
local function numbered(first, last)
    return first == last and ("#%d"):format(first) or ("#%d-%d"):format(first, last)
end

local function show_flags(tree, name, width, names, range)
    local item = tree:add(fields[name], range)
    local flags, set = range:uint(), {}
    for place, bit_name in ipairs(names) do
        item:add(fields[name .. "." .. bit_name], range)
        local is_set = math.floor(flags / 2 ^ (place - 1)) % 2 == 1
        set[bit_name] = is_set
        if is_set then
            item:append_text(", " .. bit_name)
        end
    end
    if math.floor(flags / 2 ^ #names) > 0 then
        item:add(fields[name .. ".unknown"], range):add_proto_expert_info(unknown_bits)
    end
    return set
end

-- Reads and shows a field; gives its value, the item that shows it, and how large or long it is.
local read_field = {}

function read_field.u8(datagram, tree, name, row)
    local range = take(datagram, 1)
    if range then
        return show_flags(tree, name, 8, row.bits, range)
    end
end

local function read_number(datagram, tree, name, row)
    local first = datagram.at
    local number, wide = take_varint(datagram, row[2])
    if not number then
        return nil
    end
    local value = row[2] == "u64" and wide or number
    local item = tree:add(fields[name], since(datagram, first), value)
    item:append_text((row.unit or "") .. (row.is_time and calendar(number) or ""))
    return value, item, number
end

read_field.u16, read_field.u32, read_field.u64 = read_number, read_number, read_number

function read_field.text(datagram, tree, name, row)
    local len = take_varint(datagram, "u64")
    local range = len and take(datagram, len)
    if not range then
        return nil
    end
    local text = len > 0 and range:raw() or ""
    if not is_utf_8(text) then
        local item = tree:add_packet_field(fields[name], range, ENC_UTF_8 + ENC_NA)
        refuse(datagram, item, "text is not UTF-8")
        return text, item, len
    end
    -- Wireshark's strings end with a NUL; its picture, U+2400, stands for one.
    local item = tree:add(fields[name], range, (text:gsub("\0", "\226\144\128")))
    if not row.free and has_control_characters(text) then
        refuse(datagram, item, row.bad)
    end
    return text, item, len
end

function read_field.bytes(datagram, tree, name)
    local len = take_varint(datagram, "u64")
    local range = len and take(datagram, len)
    if range then
        return range, tree:add(fields[name], range), len
    end
end

-- Whether a size keeps to a limit, which may be another field's size.
local function keeps_to(row, size, sizes)
    local most = type(row.most) == "string" and sizes[row.most] or row.most
    return (not row.least or size >= row.least) and (not most or size <= most)
end

-- Reads and shows the fields of a table; gives their values, or nil where it ends before them.
local function read_table(datagram, tree, table_name)
    local values, items, sizes = {}, {}, {}
    for _, row in ipairs(TABLES[table_name]) do
        local name = row[1]
        values[name], items[name], sizes[name] = read_field[row[2]](datagram, tree, table_name .. "." .. name, row)
        if values[name] == nil then
            return nil
        end
    end
    for _, row in ipairs(TABLES[table_name]) do
        local name = row[1]
        if row.bad and not keeps_to(row, sizes[name], sizes) then
            refuse(datagram, items[name], row.bad)
        end
    end
    return values, items
end

-- Reads and shows a part that has no postcard: up to the limit, or not at all.
local function read_sized(datagram, tree, name, title, too_short)
    local rest = datagram.limit - datagram.at
    for _, row in ipairs(SIZED[name]) do
        rest = rest - (row[2] or 0)
    end
    if rest < 0 then
        refuse(datagram, tree, too_short)
        datagram.ended = true
        return
    end
    local first = datagram.at
    local part = tree:add(datagram.tvb(first, 0), title)
    for _, row in ipairs(SIZED[name]) do
        local range = take(datagram, row[2] or rest)
        if range then
            part:add(fields[name .. "." .. row[1]], range)
        end
    end
    part:set_len(datagram.at - first)
end

----------------------------------------------------------------------------------------------------------------------
-- The bodies, by their kinds: each is shown, and said in one line

local bodies = {}

local function to_all(values)
    return values.flags.to_all and ", to all" or ""
end

local function show_names(values, items)
    if not values.flags.names then
        items.heard:append_text(" (a filter)")
        return
    end
    for offset = 0, values.heard:len() - 4, 4 do
        items.heard:add(fields["beacon.heard.name"], values.heard(offset, 4))
    end
end

function bodies.beacon(datagram, tree)
    local values, items = read_table(datagram, tree, "beacon")
    if not values then
        return
    end
    if values.heard:len() > 0 then
        show_names(values, items)
    end
    if values.flags.names and values.heard:len() % 4 ~= 0 then
        refuse(datagram, items.heard, "bad list of heard runs")
    end
    local is_named = values.room ~= ""
    if is_named == (datagram.room == "0000000000000000") then
        refuse(datagram, items.room, "bad name of the room")
    end
    local marks = {}
    for _, mark in ipairs({ "hello", "visitor", "remote" }) do
        marks[#marks + 1] = values.flags[mark] and mark or nil
    end
    datagram.info = values.nick
        .. (is_named and " in " .. values.room or " asks for rooms")
        .. (#marks > 0 and " (" .. table.concat(marks, ", ") .. ")" or "")
end

function bodies.goodbye(datagram, tree)
    local values = read_table(datagram, tree, "goodbye")
    if values then
        datagram.info = values.last_seq > 0 and ("after #%d"):format(values.last_seq) or "without a line"
    end
end

-- A line as one reads it: "*" before an action, dots where its text has begun before or goes on.
local function told(values)
    local flags = values.flags
    local text = (flags.continues and "..." or "") .. values.text .. (flags.goes_on and "..." or "")
    return (flags.action and "* " or "") .. '"' .. text .. '"'
end

local function read_line(datagram, tree, seq)
    local first = datagram.at
    local line = tree:add(datagram.tvb(first, 0), ("Line #%d"):format(seq))
    local number = line:add(fields["line.seq"], datagram.tvb(first, 0), seq)
    number:set_generated(true)
    if seq > SEQ_MAX then
        refuse(datagram, number, BAD_SEQ)
    end
    local values = read_table(datagram, line, "line")
    line:set_len(datagram.at - first)
    return values
end

function bodies.lines(datagram, tree)
    local head = read_table(datagram, tree, "lines")
    if not head then
        return
    end
    if datagram.number == 0 then
        refuse(datagram, tree, BAD_SEQ)
    end
    local seq, texts = datagram.number, {}
    while datagram.at < datagram.limit do
        local values = read_line(datagram, tree, seq)
        if not values then
            break
        end
        texts[#texts + 1], seq = told(values), seq + 1
    end
    if #texts == 0 and not datagram.ended then
        refuse(datagram, tree, "no line in it")
    end
    datagram.title = #texts == 1 and "line" or nil
    local numbers = numbered(datagram.number, math.max(datagram.number, seq - 1))
    datagram.info = table.concat({ head.nick, numbers, table.concat(texts, ", ") }, " ")
end

function bodies.nack(datagram, tree)
    local values = read_table(datagram, tree, "nack")
    if values then
        local missing, author = numbered(values.first, values.last), run_of(values.peer, values.epoch)
        datagram.info = ("%s of %s%s"):format(missing, author, to_all(values))
    end
end

function bodies.ack(datagram, tree)
    local values = read_table(datagram, tree, "ack")
    if values then
        local lost = values.lost > 0 and (", %d lost"):format(values.lost) or ""
        datagram.info = ("%s up to #%d%s"):format(run_of(values.peer, values.epoch), values.up_to, lost)
    end
end

-- What is asked for, or answered.
local function wanted(values)
    if values.lines > 0 then
        return ("the last %d lines"):format(values.lines)
    end
    return "all authors" .. (values.but_for > 0 and (" but for %d"):format(values.but_for) or "")
end

function bodies.request(datagram, tree)
    local values = read_table(datagram, tree, "request")
    if values then
        datagram.info = ("%s for %s%s"):format(run_of(values.peer, values.epoch), wanted(values), to_all(values))
    end
end

function bodies.private_line(datagram, tree)
    local values = read_table(datagram, tree, "private_line")
    if not values then
        return
    end
    datagram.info = "to " .. run_of(values.peer, values.epoch)
    read_sized(datagram, tree, "private_seal", "What is said, sealed to its reader", "body ends too early")
end

function bodies.notes(datagram, tree)
    local head, count = read_table(datagram, tree, "notes"), 0
    if not head then
        return
    end
    while datagram.at < datagram.limit do
        local first = datagram.at
        local entry = tree:add(datagram.tvb(first, 0), "Author")
        local values = read_table(datagram, entry, "entry")
        entry:set_len(datagram.at - first)
        if not values then
            break
        end
        local held = values.from > 0 and numbered(values.from, values.last) or ("none up to #%d"):format(values.last)
        entry:append_text((" %s, %s"):format(run_of(values.peer, values.epoch), held))
        count = count + 1
    end
    local more = head.flags.more and ", and there are more" or ""
    datagram.info = ("of %d author%s, for %s%s"):format(count, count == 1 and "" or "s", wanted(head), more)
end

function bodies.private_ack(datagram, tree)
    local values = read_table(datagram, tree, "private_ack")
    if values then
        datagram.info = ("%s up to #%d"):format(run_of(values.peer, values.epoch), values.up_to)
    end
end

local function read_ping(name)
    return function(datagram, tree)
        local values = read_table(datagram, tree, name)
        if values then
            local reader, token = run_of(values.peer, values.epoch), values.token:tohex(16)
            datagram.info = ("to %s, token %s%s"):format(reader, token, to_all(values))
        end
    end
end

bodies.ping, bodies.pong = read_ping("ping"), read_ping("pong")

-- A run and where it is. In IPv6 addresses, those of IPv4 stand as ::ffff:192.0.2.7 (RFC 4291, section 2.5.5.2).
local function show_address(datagram, tree, record)
    local item = tree:add(record, "Run " .. run_of(record(0, 8):uint64(), record(8, 4):uint()))
    item:add(fields["address.peer"], record(0, 8))
    item:add(fields["address.epoch"], record(8, 4))
    local is_ipv4 = record(12, 12):raw() == ("\0"):rep(10) .. "\255\255"
    if is_ipv4 then
        item:add(fields["address.ipv4"], record(24, 4))
    else
        item:add(fields["address.ipv6"], record(12, 16))
    end
    local port = item:add(fields["address.port"], record(28, 2))
    if record(28, 2):uint() == 0 then
        refuse(datagram, port, "bad port")
    end
end

function bodies.addresses(datagram, tree)
    local values, items = read_table(datagram, tree, "addresses")
    if not values then
        return
    end
    local len = values.addresses:len()
    for offset = 0, len - RECORD_LEN, RECORD_LEN do
        show_address(datagram, items.addresses, values.addresses(offset, RECORD_LEN))
    end
    if len % RECORD_LEN ~= 0 then
        refuse(datagram, items.addresses, "bad list of addresses")
    end
    local count = math.floor(len / RECORD_LEN)
    local reader = run_of(values.peer, values.epoch)
    datagram.info = ("of %d run%s, to %s"):format(count, count == 1 and "" or "s", reader)
end

----------------------------------------------------------------------------------------------------------------------
-- A whole datagram

local function show_rest(datagram, tree)
    local first = math.min(datagram.at, datagram.tvb:len())
    local last = math.min(datagram.limit, datagram.tvb:len())
    if last > first then
        tree:add(fields.undecoded, datagram.tvb(first, last - first))
    end
    datagram.at = datagram.limit
end

-- Whether its signature is there, or is missing as it should be.
local function check_signed(datagram, item)
    local is_key = datagram.peer:rshift(63):tonumber() == 1
    local must_be = is_key or datagram.flags.sealed or datagram.kind == "private_line" or datagram.kind == "private_ack"
    if must_be and not datagram.flags.signed then
        refuse(datagram, item, "not signed")
    elseif datagram.flags.signed and not is_key then
        refuse(datagram, item, "signed by somebody else")
    end
end

-- Reads what stands behind the version; tells whether it is there.
local function read_header(datagram, tree)
    local header = take(datagram, HEADER_LEN - datagram.at)
    if not header then
        return false
    end
    local kind = tree:add(fields.kind, header(0, 1))
    datagram.kind = KINDS[header(0, 1):uint()]
    datagram.flags = show_flags(tree, "flags", 16, { "signed", "sealed" }, header(1, 2))
    datagram.room = header(3, 8):uint64():tohex(16)
    local name = ROOM_NAMES[datagram.room]
    tree:add(fields.room, header(3, 8)):append_text(name and " (" .. name .. ")" or "")
    datagram.peer = header(11, 8):uint64()
    local peer = tree:add(fields.peer, header(11, 8))
    datagram.run = run_of(datagram.peer, header(19, 4):uint())
    tree:add(fields.epoch, header(19, 4))
    datagram.number = header(23, 4):uint()
    tree:add(datagram.kind == "lines" and fields.seq or fields.counter, header(23, 4))
    if datagram.kind then
        check_signed(datagram, peer)
    else
        kind:add_proto_expert_info(not_decoded)
        datagram.title = ("kind %d, which is not known"):format(header(0, 1):uint())
    end
    return true
end

local function read_signed(datagram, tree)
    local last = datagram.limit
    datagram.limit = datagram.flags.signed and last - TRAILER_LEN or last
    if datagram.limit < HEADER_LEN then
        datagram.limit = last
        refuse(datagram, tree, "too short for its signature")
        show_rest(datagram, tree)
        return
    end
    local first = datagram.at
    local body = tree:add(datagram.tvb(first, 0), label(datagram.kind))
    bodies[datagram.kind](datagram, body)
    if datagram.at < datagram.limit and not datagram.ended then
        refuse(datagram, body, "bytes behind the body")
    end
    body:set_len(datagram.at - first)
    show_rest(datagram, tree)
    datagram.limit, datagram.ended = last, datagram.is_cut
    if datagram.flags.signed and not datagram.ended then
        read_sized(datagram, tree, "trailer", "Trailer")
    end
end

local function read_datagram(datagram, tree)
    tree:add(fields.magic, take(datagram, #MAGIC))
    local version = take(datagram, 1)
    if not version then
        return
    end
    local item = tree:add(fields.version, version)
    if version:uint() ~= VERSION then
        item:add_proto_expert_info(not_decoded)
        datagram.title = ("version %d, which is not known"):format(version:uint())
        show_rest(datagram, tree)
        return
    end
    if datagram.limit > DATAGRAM_MAX then
        refuse(datagram, tree, "longer than 1,200 bytes")
    end
    if not read_header(datagram, tree) then
        return
    end
    if not datagram.kind then
        show_rest(datagram, tree)
    elseif datagram.flags.sealed then
        read_sized(datagram, tree, "seal", "Body and trailer, sealed", "seal is broken")
    else
        read_signed(datagram, tree)
    end
end

-- What the info column says.
local function summary(datagram)
    local said = {}
    local function say(what)
        said[#said + 1] = what or nil
    end
    local is_sealed = datagram.kind and datagram.flags.sealed
    say(is_sealed and "sealed")
    say(datagram.title or datagram.kind and words(datagram.kind))
    say(is_sealed and "of " .. datagram.run or datagram.info)
    say(datagram.refused and "[malformed: " .. datagram.refused .. "]")
    say(datagram.is_cut and "[cut short by the capture]")
    return table.concat(said, " ")
end

local function is_ours(tvb)
    return tvb:len() >= #MAGIC and tvb(0, #MAGIC):raw() == MAGIC
end

local function dissect(tvb, pinfo, tree)
    if not is_ours(tvb) then
        return 0
    end
    local root = tree:add(cooee, tvb())
    local datagram = reading(tvb, root)
    read_datagram(datagram, root)
    pinfo.cols.protocol = "cooee"
    pinfo.cols.info = harmless(summary(datagram))
    return tvb:len()
end

cooee.dissector = dissect

-- All that is meant for everybody goes to this port.
DissectorTable.get("udp.port"):add(PORT, cooee)

-- What is meant for one goes to and from any other: mostly those from 26634 to 26649.
cooee:register_heuristic("udp", function(tvb, pinfo, tree)
    local is_known = is_ours(tvb) and tvb:len() > #MAGIC and tvb(#MAGIC, 1):uint() == VERSION
    return is_known and dissect(tvb, pinfo, tree) > 0
end)
