--- The list of handlers of a process, and how a message finds its own.

local handlers = { _version = "0.0.5", list = {}, coroutines = {}, onceNonce = 0, utils = require(".handlers-utils") }

local utils = require(".utils")
local error, ipairs, pairs, pcall, select, tostring, type = error, ipairs, pairs, pcall, select, tostring, type
local insert, remove = table.insert, table.remove
local resume, running, yield = coroutine.resume, coroutine.running, coroutine.yield

local EXPECTED = "Invalid arguments given. Expected: \n\tname : string, "
  .. "\tpattern : Action : string | MsgMatch : table,\n\t\tfunction(msg: Message) : {-1 = break, 0 = skip, 1 = continue},\n"
  .. '\thandle(msg : Message) : void) | Resolver,\n\tMaxRuns? : number | "inf" | nil'

local function indexOf(name)
  for index, handler in ipairs(handlers.list) do
    if handler.name == name then
      return index
    end
  end
end

--- One function for a table of functions by spec: the first spec that fits the message.
function handlers.generateResolver(resolver)
  return function(msg)
    for spec, handle in pairs(resolver) do
      if utils.matchesSpec(msg, spec) then
        return handle(msg)
      end
    end
  end
end

--- Reads `(name, handle)`, where the name is the Action, or `(name, pattern, handle, maxRuns)`.
local function record(name, pattern, handle, maxRuns)
  if type(pattern) == "function" and handle == nil then
    pattern, handle = name, pattern
  end
  local kind = type(pattern)
  if type(name) ~= "string" or (kind ~= "function" and kind ~= "table" and kind ~= "string") then
    error(EXPECTED, 3)
  end
  if type(handle) == "table" then
    handle = handlers.generateResolver(handle)
  end
  return { name = name, pattern = pattern, handle = handle, maxRuns = maxRuns }
end

--- Places a handler. One of the same name keeps its place when `at` is nil.
local function place(handler, at)
  local index = indexOf(handler.name)
  if index then
    local known = handlers.list[index]
    known.pattern, known.handle, known.maxRuns = handler.pattern, handler.handle, handler.maxRuns
  elseif at then
    insert(handlers.list, at, handler)
  else
    insert(handlers.list, handler)
  end
end

function handlers.add(name, pattern, handle, maxRuns)
  place(record(name, pattern, handle, maxRuns))
  return #handlers.list
end

function handlers.append(name, pattern, handle, maxRuns)
  place(record(name, pattern, handle, maxRuns))
end

function handlers.prepend(name, pattern, handle, maxRuns)
  place(record(name, pattern, handle, maxRuns), 1)
end

--- Adds a handler that runs once: `(pattern, handle)` or `(name, pattern, handle)`.
function handlers.once(...)
  local name, pattern, handle
  if select("#", ...) == 3 then
    name, pattern, handle = ...
  else
    name = "_once_" .. tostring(handlers.onceNonce)
    handlers.onceNonce = handlers.onceNonce + 1
    pattern, handle = ...
  end
  handlers.prepend(name, pattern, handle, 1)
end

local function beside(name, offset)
  if type(name) ~= "string" then
    error("Handler name MUST be a string", 3)
  end
  local index = indexOf(name)
  return {
    add = function(newName, pattern, handle, maxRuns)
      local handler = record(newName, pattern, handle, maxRuns)
      if index then
        insert(handlers.list, index + offset, handler)
      end
    end,
  }
end

function handlers.before(name)
  local place = beside(name, 0)
  return place
end

function handlers.after(name)
  local place = beside(name, 1)
  return place
end

function handlers.remove(name)
  if type(name) ~= "string" then
    error("name MUST be string")
  end
  local index = indexOf(name)
  if index then
    remove(handlers.list, index)
  end
end

--- Waits for the next message that fits the pattern and returns it. The handler that called goes on in that later message.
function handlers.receive(pattern)
  local waiting = running()
  handlers.once(pattern, function(msg)
    local ok, reason = resume(waiting, msg)
    if not ok then
      error(reason)
    end
  end)
  return yield({})
end

--- What a pattern returned, as a number: -1 handle and stop, 0 skip, 1 handle and go on.
local function verdict(result)
  local kind = type(result)
  if kind == "number" then
    return result
  elseif kind == "boolean" then
    return result and -1 or 0
  elseif kind == "string" then
    return result == "continue" and 1 or result == "break" and -1 or 0
  end
  error("Pattern result is not valid, it MUST be string, number, or boolean")
end

local function run(handle, msg)
  local ok, reason = pcall(handle, msg)
  if not ok then
    error(reason)
  end
end

--- Gives a message to the handlers, in their order. `_default` gets what no handler ended.
function handlers.evaluate(msg, env)
  if type(msg) ~= "table" then
    error("msg is not valid")
  elseif type(env) ~= "table" then
    error("env is not valid")
  end
  for _, handler in ipairs(handlers.list) do
    if handler.name ~= "_default" then
      local result = verdict(utils.matchesSpec(msg, handler.pattern))
      if result ~= 0 then
        run(handler.handle, msg)
        if type(handler.maxRuns) == "number" then
          handler.maxRuns = handler.maxRuns - 1
          if handler.maxRuns <= 0 then
            handlers.remove(handler.name)
          end
        end
        if result < 0 then
          return true
        end
      end
    end
  end
  local index = indexOf("_default")
  if index then
    run(handlers.list[index].handle, msg)
  end
end

return handlers
