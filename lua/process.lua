--- The process: takes a message and the environment as JSON, gives the result as JSON.

local json = require("json")
local chance = require(".chance")
local stringify = require(".stringify")

-- The loop below must work whatever the process's code does to the globals.
local assert, error, ipairs, load, next, pcall, require, select, tonumber, tostring, type =
  assert, error, ipairs, load, next, pcall, require, select, tonumber, tostring, type
local insert, remove, concat, sub = table.insert, table.remove, table.concat, string.sub
local create, resume, status = coroutine.create, coroutine.resume, coroutine.status
local osDate, osTime = os.date, os.time

local INBOX_LIMIT = 10000
local VERSION = "0.1.0"

ao = require("ao")
_G.json = json
Handlers = require(".handlers")
Utils = require(".utils")
Colors = { red = "\27[31m", green = "\27[32m", blue = "\27[34m", gray = "\27[90m", reset = "\27[0m" }
Inbox = Inbox or {}
Errors = Errors or {}

local utils = Utils
local colors = {}
for name, code in next, Colors do
  colors[name] = code
end
local logs = {}
local prompt
local now = 0

-- Globals ---------------------------------------------------------------------------------------------------------------

--- Puts a text, or the text of the value, into the output of the message.
local function print(value)
  local kind = type(value)
  if kind == "table" then
    value = stringify.format(value)
  elseif kind == "boolean" then
    value = colors.blue .. tostring(value) .. colors.reset
  elseif kind == "number" then
    value = colors.green .. tostring(value) .. colors.reset
  elseif kind == "nil" then
    value = colors.red .. "nil" .. colors.reset
  elseif kind ~= "string" then
    value = tostring(value)
  end
  logs[#logs + 1] = value
end
_G.print = print

--- As Lua's, with the place of the call in the message.
function _G.assert(...)
  local value, message = ...
  local count = select("#", ...)
  if count == 0 then
    error("bad argument #1 to 'assert' (value expected)", 2)
  elseif not value then
    if count == 1 then
      message = "assertion failed!"
    end
    error(message, 2)
  end
  return ...
end

function Prompt()
  return colors.green .. Name .. colors.gray .. "@" .. colors.blue .. "aoxide-" .. VERSION .. colors.gray .. "[Inbox:"
    .. colors.red .. tostring(#Inbox) .. colors.gray .. "]" .. colors.reset .. "> "
end

--- Text of a table as Lua writes it. The library is loaded on first use.
function Dump(...)
  return require(".dump")(...)
end

function Version()
  print("version: " .. VERSION)
end

function Send(msg)
  local sent = ao.send(msg)
  return { output = "Message added to outbox", receive = sent.receive, onReply = sent.onReply }
end

--- Spawns a process: `(module, message)`, or `(message)` for the process's own module.
function Spawn(...)
  local module, msg = ...
  if select("#", ...) == 1 then
    module, msg = ao._module, module
  end
  local spawned = ao.spawn(module, msg or {})
  return { output = "Spawn process request added to outbox", receive = spawned.receive }
end

function Assign(assignment)
  ao.assign(assignment)
  print("Assignment added to outbox.")
  return "Assignment added to outbox."
end

function Receive(pattern)
  return Handlers.receive(pattern)
end

--- Tags of a message by name.
function Tab(msg)
  local tags = {}
  for _, tag in ipairs(msg.Tags) do
    tags[tag.name] = tag.value
  end
  return tags
end

--- Time of the message in milliseconds.
function os.time()
  return now
end

--- As Lua's `os.date`, in the time of the message.
function os.date(form, time)
  return osDate(form or "%c", time or now // 1000)
end

--- No time passes while a message is evaluated: the result must not depend on the machine.
function os.clock()
  return 0.0
end

math.random = chance.random
math.randomseed = chance.seed

-- Messages --------------------------------------------------------------------------------------------------------------

local function byName(tags)
  local named = {}
  for _, tag in ipairs(tags) do
    named[utils.capitalize(tag.name)] = tag.value
  end
  return named
end

--- Fields that the compute unit sets: a tag of the same name stays in `msg.Tags`.
local GIVEN = { "Id", "Timestamp", "Block-Height", "Nonce", "Epoch", "Cron", "Hash-Chain", "Signature", "Forwarded-By" }

local function normalized(msg)
  local given = {}
  for _, name in ipairs(GIVEN) do
    given[name] = msg[name]
  end
  msg.Tags = msg.Tags or {}
  ao.normalize(msg)
  for name, value in next, given do
    msg[name] = value
  end
  msg.TagArray, msg.Tags = msg.Tags, byName(msg.Tags)
  return msg
end

--- Adds `reply` and `forward`, which keep the thread of a conversation in the tags `X-Reference`, `X-Origin` and `Reply-To`.
local function addReplies(msg)
  function msg.reply(answer)
    local copy = {}
    for key, value in next, answer do
      copy[key] = value
    end
    copy.Target = msg["Reply-To"] or answer.Target or msg.From
    copy["X-Reference"] = msg["X-Reference"] or msg.Reference
    copy["X-Origin"] = msg["X-Origin"]
    return ao.send(copy)
  end
  function msg.forward(target, changes)
    local copy = ao.sanitize(msg)
    for key, value in next, changes or {} do
      copy[key] = value
    end
    copy.Target = target
    copy["Reply-To"] = msg["Reply-To"] or msg.From
    copy["X-Reference"] = msg["X-Reference"] or msg.Reference
    copy["X-Origin"] = msg["X-Origin"] or msg.From
    return ao.send(copy)
  end
end

local function shorten(text)
  if not text then
    return "unknown"
  end
  return sub(text, 1, 3) .. "..." .. sub(text, -3)
end

local function keep(msg)
  insert(Inbox, msg)
  while #Inbox > INBOX_LIMIT do
    remove(Inbox, 1)
  end
end

--- Handler of messages that no other handler took.
local function default(msg)
  keep(msg)
  local what = msg.Action and "Action = " .. colors.blue .. sub(msg.Action, 1, 20)
    or "Data = " .. colors.blue .. sub(type(msg.Data) == "string" and msg.Data or "", 1, 20)
  print(colors.gray .. "New Message From " .. colors.green .. shorten(msg.From) .. colors.gray .. ": " .. colors.gray
    .. what .. colors.reset)
end

--- Handler of the owner's `Eval`: runs the data as an expression, or else as a chunk.
local function eval(msg)
  local source = type(msg.Data) == "string" and msg.Data or ""
  local chunk, reason = load("return " .. source, "aos")
  if not chunk then
    chunk, reason = load(source, "aos")
  end
  if not chunk then
    ao.outbox.Error = reason
    return
  end
  local value, second = chunk()
  if second then
    ao.outbox.Error = second
  elseif type(value) == "table" then
    print(stringify.format(value))
  elseif value then
    print(tostring(value))
  end
  prompt = Prompt()
end

local function isEval(msg)
  return msg.Action == "Eval" and msg.From == Owner
end

--- Handler of the process's own message: the first of a process. `On-Boot: Data` evaluates its data.
local function boot(msg)
  if #Inbox == 0 then
    keep(msg)
  end
  local source = msg.Tags["On-Boot"]
  if source == "Data" then
    eval(msg)
  elseif source then
    error("On-Boot is \"" .. source .. "\": this runtime reads no transactions. Set it to \"Data\"", 0)
  end
end

local function isBoot(msg)
  return msg.Tags.Type == "Process" and msg.From == Owner and msg.Id == ao.id
end

-- Results ---------------------------------------------------------------------------------------------------------------

local function output(msg)
  return { data = concat(logs, "\n"), prompt = prompt or Prompt(), print = msg.Action ~= "Eval" or nil }
end

--- Text of an error value. Its metamethods do not run.
local function errorText(reason)
  if type(reason) == "table" then
    return stringify.format(reason)
  end
  return tostring(reason)
end

local function failure(msg, reason)
  reason = errorText(reason)
  if not isEval(msg) then
    local what = msg.Action and "with Action = " .. tostring(msg.Action) or ""
    print(colors.red .. "Error" .. colors.gray .. " handling message " .. what .. colors.reset)
    print(colors.green .. reason .. colors.reset)
    print("\n" .. colors.gray .. "stack traceback:\n\t[string \".process\"]:1: in function '.process.handle'" .. colors.reset)
  end
  return { Error = concat(logs, "\n") .. "\n\n" .. colors.red .. "error:\n" .. colors.reset .. reason }
end

--- Runs the handlers in a coroutine, so that `Receive` can wait in the middle of one.
local function evaluate(msg)
  local routine = create(Handlers.evaluate)
  local ok, reason = resume(routine, msg, ao.env)
  local routines = Handlers.coroutines
  if status(routine) == "suspended" then
    insert(routines, routine)
  end
  for index = #routines, 1, -1 do
    if status(routines[index]) == "dead" then
      remove(routines, index)
    end
  end
  return ok, reason
end

local function respond(msg, env)
  ao.id = env.Process.Id
  ao.init(env)
  env.Process.TagArray = env.Process.Tags
  env.Process.Tags = byName(env.Process.Tags)
  -- Where a process spawned this one, it is the owner, and `env.Process.Owner` is the messenger unit. That holds for a process
  -- that does not trust the unit, too.
  Owner = Owner or env.Process.Tags["From-Process"] or msg.Id == ao.id and msg.From or env.Process.Owner
  Name = Name or env.Process.Tags.Name or "aos"
  logs, prompt = {}, nil
  now = tonumber(msg.Timestamp) or 0
  chance.seed(tostring(msg.Id) .. tostring(msg["Block-Height"]))
  normalized(msg)

  if msg.From ~= msg.Owner and not ao.isTrusted(msg) then
    print("Message is not trusted! From: " .. tostring(msg.From) .. " - Owner: " .. tostring(msg.Owner))
    return ao.result({ Output = output(msg) })
  elseif ao.isAssignment(msg) and not ao.isAssignable(msg) then
    if msg.From ~= ao.id then
      ao.send({ Target = msg.From, Data = "Assignment is not trusted by this process!" })
    end
    print("Assignment is not trusted! From: " .. tostring(msg.From) .. " - Owner: " .. tostring(msg.Owner))
    return ao.result({ Output = output(msg) })
  end

  addReplies(msg)
  Handlers.add("_eval", isEval, eval)
  Handlers.add("_default", function()
    return true
  end, default)
  if isBoot(msg) then
    Handlers.once("_boot", isBoot, boot)
  end
  local ok, reason = evaluate(msg)
  if not ok then
    return failure(msg, reason)
  end
  return ao.result({ Output = output(msg) })
end

--- Handles one message. Whatever fails is an `Error` of the result: the compute unit then keeps the state before the message.
return function(msgJson, envJson)
  local ok, response = pcall(function()
    return respond(json.decode(msgJson), json.decode(envJson))
  end)
  if not ok then
    response = { Error = errorText(response) }
  end
  local encoded, text = pcall(json.encode, { ok = true, response = response })
  if not encoded then
    text = json.encode({ ok = true, response = { Error = errorText(text) } })
  end
  return text
end
