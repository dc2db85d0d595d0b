--- The `ao` helper: who the process is, whom it trusts, and its outbox.

local json = require("json")
local utils = require(".utils")

local error, getmetatable, ipairs, next, pairs, select, setmetatable, tostring, type =
  error, getmetatable, ipairs, next, pairs, select, setmetatable, tostring, type
local insert, remove, sort = table.insert, table.remove, table.sort

local ao = {
  _version = "0.0.6",
  _module = "",
  id = "",
  authorities = {},
  assignables = {},
  reference = 0,
  outbox = { Output = {}, Messages = {}, Spawns = {}, Assignments = {} },
  -- Tags with these names stay in `msg.Tags`: they must not pass for what the network says of a message.
  nonExtractableTags = {
    "Data-Protocol", "Variant", "From-Process", "From-Module", "Type", "From", "Owner", "Anchor", "Target", "Data", "Tags",
    "Read-Only",
  },
  -- Fields that belong to a message on its way here and are left out where it is forwarded.
  nonForwardableTags = {
    "Data-Protocol", "Variant", "From-Process", "From-Module", "Type", "From", "Owner", "Anchor", "Target", "Tags",
    "TagArray", "Hash-Chain", "Timestamp", "Nonce", "Epoch", "Signature", "Forwarded-By", "Pushed-For", "Read-Only",
    "Cron", "Block-Height", "Reference", "Id", "Reply-To",
  },
}

local function includes(list, value)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
end

--- Entries of a table, sorted by key: the order of `pairs` depends on the build of Lua, and the order of tags must not.
local function sorted(object)
  local keys = {}
  for key in next, object do
    keys[#keys + 1] = key
  end
  sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "string" or type(a) == "number") then
      return a < b
    end
    return tostring(a) < tostring(b)
  end)
  local index = 0
  return function()
    index = index + 1
    return keys[index], object[keys[index]]
  end
end

local function isArray(object)
  return type(object) == "table" and (object[1] ~= nil or next(object) == nil)
end

function ao.clone(object, seen)
  if type(object) ~= "table" then
    return object
  end
  seen = seen or {}
  if seen[object] then
    return seen[object]
  end
  local copy = {}
  seen[object] = copy
  for key, value in next, object do
    copy[ao.clone(key, seen)] = ao.clone(value, seen)
  end
  return setmetatable(copy, getmetatable(object))
end

--- Lifts the tags of a message to fields of the message, under their names in Title-Case.
function ao.normalize(msg)
  for _, tag in ipairs(msg.Tags) do
    local name = utils.capitalize(tag.name)
    if not includes(ao.nonExtractableTags, name) then
      msg[name] = tag.value
    end
  end
  return msg
end

--- A copy of a message without what must not be forwarded.
function ao.sanitize(msg)
  local copy = {}
  for key, value in pairs(msg) do
    if not includes(ao.nonForwardableTags, key) then
      copy[key] = value
    end
  end
  return copy
end

--- Reads the environment that comes with each message. `Authority` tags of the process name the trusted addresses.
function ao.init(env)
  ao.env = env
  if ao.id == "" then
    ao.id = env.Process.Id
  end
  for _, tag in ipairs(env.Process.Tags) do
    if tag.name == "Authority" and not includes(ao.authorities, tag.value) then
      insert(ao.authorities, tag.value)
    elseif tag.name == "Module" and ao._module == "" then
      ao._module = tag.value
    end
  end
  ao.clearOutbox()
end

function ao.clearOutbox()
  ao.outbox = { Output = {}, Messages = {}, Spawns = {}, Assignments = {} }
end

function ao.log(text)
  if type(ao.outbox.Output) == "string" then
    ao.outbox.Output = ao.outbox.Output .. "\n" .. text
  else
    insert(ao.outbox.Output, text)
  end
end

--- Whether one of the process's authorities sent or signed the message.
function ao.isTrusted(msg)
  for _, authority in ipairs(ao.authorities) do
    if msg.From == authority or msg.Owner == authority then
      return true
    end
  end
  return false
end

-- Assignments -----------------------------------------------------------------------------------------------------------

--- Allows assignments of messages that fit the pattern: `(pattern)` or `(name, pattern)`.
function ao.addAssignable(...)
  local name, pattern = ...
  if select("#", ...) == 1 then
    name, pattern = nil, name
  end
  if name then
    for _, known in ipairs(ao.assignables) do
      if known.name == name then
        known.pattern = pattern
        return
      end
    end
  end
  insert(ao.assignables, { name = name, pattern = pattern })
end

function ao.removeAssignable(name)
  for index, known in ipairs(ao.assignables) do
    if known.name == name then
      remove(ao.assignables, index)
      return
    end
  end
end

function ao.isAssignment(msg)
  return msg.Target ~= ao.id
end

function ao.isAssignable(msg)
  for _, known in ipairs(ao.assignables) do
    if utils.matchesSpec(msg, known.pattern) then
      return true
    end
  end
  return false
end

function ao.assign(assignment)
  if type(assignment) ~= "table" then
    error("assignment should be a table")
  elseif type(assignment.Processes) ~= "table" then
    error("Processes should be a table")
  elseif type(assignment.Message) ~= "string" then
    error("Message should be a string")
  end
  insert(ao.outbox.Assignments, assignment)
end

-- Messages and spawns ---------------------------------------------------------------------------------------------------

local MESSAGE_FIELDS = { "Target", "Data", "Anchor", "Tags", "From" }

--- Takes the next reference, and makes the fields that messages and spawns share.
local function stamped()
  ao.reference = ao.reference + 1
  local reference = tostring(ao.reference)
  return { Anchor = ("0"):rep(32 - #reference) .. reference, Tags = {} }, reference
end

--- Adds the caller's fields and tags to an item: own fields first, then `Tags`, a list of names and values or a table by name.
local function addTags(item, fields, msg)
  for _, value in ipairs(fields) do
    insert(item.Tags, value)
  end
  for name, value in sorted(msg) do
    if not includes(MESSAGE_FIELDS, name) and type(value) ~= "function" then
      insert(item.Tags, { name = name, value = value })
    end
  end
  if msg.Tags then
    if type(msg.Tags) ~= "table" then
      error("Tags should be a table", 3)
    elseif isArray(msg.Tags) then
      for _, tag in ipairs(msg.Tags) do
        insert(item.Tags, tag)
      end
    else
      for name, value in sorted(msg.Tags) do
        insert(item.Tags, { name = name, value = value })
      end
    end
  end
end

--- Data that is a table is sent as JSON, and says so in a tag.
local function withJson(msg)
  if type(msg.Data) ~= "table" then
    return msg
  end
  local copy = {}
  for key, value in pairs(msg) do
    copy[key] = value
  end
  copy.Data = json.encode(msg.Data)
  copy["Content-Type"] = "application/json"
  return copy
end

--- The item as it goes into the outbox: what the caller gets has functions besides.
local function copied(item)
  local copy = {}
  for key, value in next, item do
    copy[key] = value
  end
  return copy
end

--- Adds `onReply` and `receive` for the pattern of an answer.
local function answered(item, pattern)
  function item.onReply(...)
    local answer, handle = ...
    if select("#", ...) == 2 then
      pattern.From = answer
    else
      handle = answer
    end
    Handlers.once(pattern, handle)
  end
  function item.receive(from)
    if from then
      pattern.From = from
    end
    return Handlers.receive(pattern)
  end
  return item
end

function ao.send(msg)
  if type(msg) ~= "table" then
    error("msg should be a table")
  end
  msg = withJson(msg)
  local item, reference = stamped()
  item.Target, item.Data = msg.Target, msg.Data
  addTags(item, {
    { name = "Data-Protocol", value = "ao" },
    { name = "Variant", value = "ao.TN.1" },
    { name = "Type", value = "Message" },
    { name = "Reference", value = reference },
  }, msg)
  insert(ao.outbox.Messages, copied(item))
  return answered(item, { From = msg.Target, ["X-Reference"] = reference })
end

function ao.spawn(module, msg)
  if type(module) ~= "string" then
    error("Module source id is required!")
  elseif type(msg) ~= "table" then
    error("Message should be a table")
  end
  msg = withJson(msg)
  local item, reference = stamped()
  item.Data = msg.Data or "NODATA"
  addTags(item, {
    { name = "Data-Protocol", value = "ao" },
    { name = "Variant", value = "ao.TN.1" },
    { name = "Type", value = "Process" },
    { name = "From-Process", value = ao.id },
    { name = "From-Module", value = ao._module },
    { name = "Module", value = module },
    { name = "Reference", value = reference },
  }, msg)
  insert(ao.outbox.Spawns, copied(item))
  return answered(item, { Action = "Spawned", From = ao.id, Reference = reference })
end

--- The result of a message: an error alone, or the outbox with this output.
function ao.result(result)
  local reason = ao.outbox.Error or result.Error
  if reason then
    return { Error = reason }
  end
  return {
    Output = result.Output or ao.outbox.Output,
    Messages = ao.outbox.Messages,
    Spawns = ao.outbox.Spawns,
    Assignments = ao.outbox.Assignments,
  }
end

--- A place for hosts that look for hints; this runtime has none.
function ao.registerHint() end

return ao
