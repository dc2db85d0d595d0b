// A conversation with an aos process. It covers what a host can get wrong: errors and longjmp, memory growth, numbers,
// clocks, random numbers, calendars, the outbox. It was written for this test. Each entry is one message.

const id = (letter) => letter.repeat(43)

export const environment = {
  Process: {
    Id: id('P'),
    Owner: id('O'),
    Tags: [
      { name: 'Name', value: 'Différential' },
      { name: 'Authority', value: id('A') }
    ]
  },
  Module: { Id: id('M'), Owner: id('O'), Tags: [{ name: 'Memory-Limit', value: '1-gb' }] }
}

/** aos treats a second return value as an error. This joins all return values into one text. */
const all = (code) =>
  `local r = table.pack((function() ${code}\nend)()) for i = 1, r.n do r[i] = tostring(r[i]) end return table.concat(r, " | ")`

const lua = [
  // Values and arithmetic
  'return 1 + 1',
  all('return math.maxinteger, math.mininteger'),
  'return tostring(math.maxinteger + 1) .. " " .. tostring(math.maxinteger // 3) .. " " .. (math.mininteger // -1)',
  'return string.format("%d %x %5.2f %q %g", 9007199254740993, 255, 3.14159, "a\\nb", 1e100)',
  all('return 7 // 2, -7 // 2, 7 % -3, -7 % 3, 7.5 // 2, 2^53 == 2^53 + 1'),
  all('return 0x7fffffffffffffff & 0xff00, 1 << 63, -1 >> 1, ~0'),
  all('return math.tointeger(3.0), math.type(1), math.type(1.0), 1e15, 1e16, 2^63, -0.0, 1/0, -1/0'),
  all('return tostring(0/0) == tostring(0/0), math.sin(1), math.exp(1), math.sqrt(2), math.pi, 10 // 0.0'),
  all('return tonumber("0x1p4"), tonumber("  12  "), tonumber("1e"), tonumber("z", 36), 3 | 0'),
  // State across messages
  'Counter = 0; function bump(n) Counter = Counter + (n or 1) return Counter end return bump()',
  'return bump(41)',
  all('Names = {} for i = 1, 50 do Names["key" .. i] = i * i end return #Names, Names.key7, Names.key50'),
  'local keys = {} for k in pairs(Names) do keys[#keys + 1] = k end table.sort(keys) return table.concat(keys, ",")',
  // Errors
  'error("thrown")',
  'error({ code = 42 })',
  'error()',
  'return nil + 1',
  'this is not Lua',
  'local t = nil; return t.x.y',
  'Counter = 1000; error("this assignment does not last")',
  'return Counter',
  all('return pcall(error, "caught")'),
  'return select("#", pcall(function() return 1, nil, 3 end))',
  'local x <const> = 1 return x',
  all('return xpcall(function() error("inner") end, function(m) return "handled: " .. m end)'),
  all(
    'local function f(n) local ok, e = pcall(function() if n == 0 then error("deep") end f(n - 1) end) if not ok then error(e, 0) end end ' +
      'return pcall(f, 30)'
  ),
  // With many arguments the stack is full after some thousand calls.
  all(
    'local function f(...) return f(...) + 1 end local ok, e = pcall(f, ("x"):rep(200):byte(1, -1)) ' +
      'return ok, (e:gsub("%s+", " ")):sub(1, 60)'
  ),
  all('local s = "x" local ok, e = pcall(string.rep, s, -1) return ok, e == ""'),
  'local function nest(n) return n == 0 and 0 or select(2, pcall(nest, n - 1)) + 1 end return nest(150)',
  all(
    'local ok, e = pcall(function() local function nest(n) return select(2, pcall(nest, n + 1)) end return nest(0) end) return ok, e'
  ),
  'return load("return " .. ("("):rep(150) .. "1" .. (")"):rep(150))()',
  all('return load(("{"):rep(300))'),
  // Strings
  all('return ("abc"):rep(5), ("x"):byte(), ("%d"):format(3), ("hello world"):gsub("o", "0")'),
  all('Big = ("0123456789abcdef"):rep(65536) return #Big, Big:sub(-5)'),
  all('local t = {} for i = 1, 20000 do t[i] = tostring(i) end local s = table.concat(t, " ") return #s, s:sub(1, 30)'),
  all('return ("añb€c😀"):len(), utf8.len("añb€c😀"), utf8.char(8364, 128512), utf8.codepoint("€")'),
  'return "bytes: " .. string.char(255, 254, 128, 192, 65) .. " and " .. string.char(237, 160, 128)',
  'return "controls: \\1\\2\\31\\127 \\t\\r\\n quotes: \\" \\\\ /"',
  all('return string.pack("<i4", 100):byte(1, -1)'),
  all(
    'return ("key=value; k2=v2"):match("(%w+)=(%w+)"), ("  trim  "):match("^%s*(.-)%s*$"), ("a,b,,c"):find(",,", 1, true)'
  ),
  all('return (("x"):rep(200000)):reverse():sub(1, 3), ("é"):upper()'),
  // Memory
  all('local t = {} for i = 1, 50000 do t[i] = { i } end return #t, t[50000][1]'),
  'for round = 1, 8 do local t = {} for i = 1, 5000 do t[i] = ("g"):rep(i % 50) end end collectgarbage() return "collected"',
  'Kept = {} for i = 1, 200 do Kept[i] = ("k"):rep(200):rep(100) end return #Kept',
  'Kept = nil collectgarbage() collectgarbage() return collectgarbage("step")',
  'local weak = setmetatable({}, { __mode = "v" }) weak[1] = {} collectgarbage() return weak[1]',
  // Time and random numbers
  all('return os.time(), type(os.clock())'),
  all(
    'return os.date("!%Y-%m-%d %H:%M:%S", 1700000000), os.date("%c", 951782400), os.date("%x %X %p %j %U %W %w %A %B", 86400 * 400)'
  ),
  all(
    'local d = os.date("*t", 1709210096) return d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst'
  ),
  'return os.date("%G-%V %u %e %D %F %R %T %I %C %y %h %n%t%%", -86400 * 3)',
  all('math.randomseed(42) return math.random(1, 1000), math.random(1, 1000), math.random(1, 1000)'),
  all('return math.random(1, 1000000), math.random(0, 255)'),
  // Environment
  all('return os.getenv("HOME"), io and io.open and select("#", io.open("/etc/passwd")), type(os.tmpname)'),
  all('return pcall(require, "no.such.module")'),
  'print("printed") print({ a = 1 }) return "and returned"',
  // Coroutines and metatables
  all(
    'local co = coroutine.wrap(function(a) local b = coroutine.yield(a * 2) return b .. "!" end) return co(21), co("done")'
  ),
  all('local co = coroutine.create(function() error("in coroutine") end) return coroutine.resume(co)'),
  all(
    'local t = setmetatable({}, { __index = function(_, k) return k .. "?" end, __call = function(_, x) return x + 1 end }) return t.what, t(41)'
  ),
  'local n = 0 for i = 1, 200000 do n = n + i % 7 end return n',
  all('local t = {} for i = 1, 3000 do t[i] = (i * 7919) % 3001 end table.sort(t) return t[1], t[1500], t[3000]'),
  // The outbox
  'Send({ Target = "' + id('T') + '", Action = "Greet", Data = "hello", ["X-Custom"] = "1" }) return "sent"',
  'for i = 1, 5 do Send({ Target = "' +
    id('T') +
    '", Data = tostring(i), Tags = { N = tostring(i) } }) end return #Inbox',
  'Spawn("' + id('M') + '", { Data = "child", Tags = { Name = "Kid" } }) return "spawned"',
  'Assign({ Processes = { "' + id('T') + '" }, Message = "' + id('G') + '" }) return "assigned"',
  // JSON and dumps
  'local json = require("json") return json.encode({ 1, 2.5, "three", true, { 4 } })',
  'local json = require("json") return json.decode([[{"a":[1,2,{"b":null}],"c":"\\u00e9","d":1e3}]]).c',
  all('local json = require("json") return pcall(json.decode, "{broken")'),
  'return { list = { 1, 2, 3 }, text = "t" }',
  'return { 1, { 2, { 3, { 4 } } } }',
  // Handlers
  'Handlers.add("ping", Handlers.utils.hasMatchingTag("Action", "Ping"), function(msg) ao.send({ Target = msg.From, Data = "Pong " .. (msg.Data or "") }) end) return #Handlers.list > 0',
  { Action: 'Ping', Data: 'one' },
  { Action: 'Ping', Data: 'two', from: id('S') },
  { Action: 'Ping', Data: '', from: id('S') },
  'Handlers.add("boom", Handlers.utils.hasMatchingTag("Action", "Boom"), function(msg) Counter = 0 error("handler failed") end) return "added"',
  { Action: 'Boom', Data: 'x', from: id('S') },
  { Action: 'Unknown', Data: 'into the inbox', from: id('S') },
  { Action: 'Ping', Data: 'ünïcödé 😀 "quoted" \\ \n \u0001 \u2028', from: id('S') },
  { Action: 'Ping', Data: 'd'.repeat(100_000), from: id('S') },
  all('return #Inbox, Counter, Inbox[#Inbox] and Inbox[#Inbox].Action'),
  'Handlers.remove("ping") return "removed"',
  { Action: 'Ping', Data: 'nobody answers', from: id('S') },
  all('return Counter, #Names, Big:sub(1, 16)')
]

/** What only a module with SQLite understands. */
const sql = [
  'local sqlite = require("lsqlite3") Db = sqlite.open_memory() return sqlite.version()',
  'return Db:exec([[CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT, amount REAL); ' +
    'INSERT INTO accounts (name, amount) VALUES ("a", 1.5), ("b", 2.25), ("c", 1e300)]])',
  all(
    'for row in Db:nrows("SELECT name, amount FROM accounts ORDER BY amount DESC") do return row.name, row.amount end'
  ),
  'local insert = Db:prepare("INSERT INTO accounts (name, amount) VALUES (?, ?)") ' +
    'for i = 1, 2000 do insert:bind_values("n" .. i, i / 3) insert:step() insert:reset() end return insert:finalize()',
  all(
    'for a, b, c in Db:urows("SELECT sum(amount), avg(id), group_concat(name) FROM accounts WHERE id < 20") do return a, b, c end'
  ),
  'return Db:exec("SELECT * FROM nothing") .. " " .. Db:errmsg()',
  'Db:exec("BEGIN; DELETE FROM accounts; ROLLBACK") for n in Db:urows("SELECT count(*) FROM accounts") do return n end',
  all(
    'for a, b in Db:urows([[SELECT json_extract(\'{"a":[1,{"b":3}]}\', \'$.a[1].b\'), printf("%.3f|%e", 3.14159, 12345.678)]]) do return a, b end'
  ),
  'for n in Db:urows("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 5000) SELECT sum(x) FROM c") do return n end',
  'Db:exec("CREATE INDEX names ON accounts (name)") for a in Db:urows("SELECT amount FROM accounts WHERE name = \'n1999\'") do return a end'
]

const birth = { Tags: [{ name: 'Type', value: 'Process' }], Id: environment.Process.Id, Data: '' }

/** The message of an entry, in the form in which a compute unit hands it to a module. */
function message(entry, index) {
  const { Data, Id, Tags, from } =
    typeof entry === 'string'
      ? { Data: entry, Tags: [{ name: 'Action', value: 'Eval' }] }
      : entry.Tags
        ? entry
        : { ...entry, Tags: [{ name: 'Action', value: entry.Action }] }
  return {
    Id: Id ?? String(index).padStart(43, 'm'),
    Target: environment.Process.Id,
    Owner: from ?? environment.Process.Owner,
    From: from ?? environment.Process.Owner,
    Data,
    Tags,
    Module: environment.Module.Id,
    'Block-Height': String(1_400_000 + index),
    Timestamp: 1_700_000_000_000 + index * 1000,
    Nonce: index,
    Cron: false
  }
}

export const messages = [birth, ...lua].map(message)
/** The conversation for a module with SQLite. Messages in the first and in the second half use SQLite. */
export const messagesOnSql = [birth, ...sql.slice(0, 5), ...lua, ...sql.slice(5)].map(message)
