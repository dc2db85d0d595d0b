--- Functions on tables and the matching of messages against patterns.

local utils = { _version = "0.0.5" }

local error, ipairs, next, pairs, select, tostring, type = error, ipairs, next, pairs, select, tostring, type
local find, gsub, lower, match, upper = string.find, string.gsub, string.lower, string.match, string.upper
local unpack = table.unpack

local function check(condition, message)
  if not condition then
    error(message, 3)
  end
end

local function isArray(value)
  if type(value) ~= "table" then
    return false
  end
  local count = 0
  for _ in next, value do
    count = count + 1
    if value[count] == nil then
      return false
    end
  end
  return true
end

-- Matching --------------------------------------------------------------------------------------------------------------

--- Whether one value of a message fits one pattern: "_" (anything), a text, a Lua pattern (letters of either
-- case in both), a list of alternatives, or a function of the value and the message.
function utils.matchesPattern(pattern, value, msg)
  if not pattern then
    return false
  elseif pattern == "_" then
    return true
  end
  local kind = type(pattern)
  if kind == "function" then
    return pattern(value, msg) and true or false
  elseif kind == "string" and value ~= nil then
    -- A hyphen alone makes no pattern: every second id has one.
    if find(pattern, "[%^%$%(%)%%%.%[%]%*%+%?]") then
      return match(lower(value), lower(pattern)) ~= nil
    end
    return lower(pattern) == lower(value)
  elseif kind == "table" then
    for _, alternative in pairs(pattern) do
      if utils.matchesPattern(alternative, value, msg) then
        return true
      end
    end
  end
  return false
end

--- Whether a message fits a spec: a text (its Action), a function of the message, or a table of patterns by name of a field or tag.
function utils.matchesSpec(msg, spec)
  local kind = type(spec)
  if kind == "function" then
    return spec(msg)
  elseif kind == "table" then
    for key, pattern in pairs(spec) do
      local value = msg[key]
      local tag = msg.Tags and msg.Tags[key]
      if value == nil and tag == nil then
        return false
      elseif not utils.matchesPattern(pattern, value, msg) and not (tag ~= nil and utils.matchesPattern(pattern, tag, msg)) then
        return false
      end
    end
    return true
  elseif kind == "string" then
    return msg.Action ~= nil and msg.Action == spec
  end
  return false
end

-- Functions on tables ---------------------------------------------------------------------------------------------------

function utils.curry(fn, arity)
  check(type(fn) == "function", "function is required as first argument")
  arity = arity or debug.getinfo(fn, "u").nparams
  if arity < 2 then
    return fn
  end
  local function collect(count, ...)
    local held = { ... }
    return function(...)
      local all, total = {}, count + select("#", ...)
      for index = 1, count do
        all[index] = held[index]
      end
      for index = count + 1, total do
        all[index] = (select(index - count, ...))
      end
      if total >= arity then
        return fn(unpack(all, 1, total))
      end
      return collect(total, unpack(all, 1, total))
    end
  end
  return function(...)
    local count = select("#", ...)
    if count >= arity then
      return fn(...)
    end
    return collect(count, ...)
  end
end

utils.concat = utils.curry(function(first, second)
  check(type(first) == "table", "first argument should be a table that is an array")
  check(type(second) == "table", "second argument should be a table that is an array")
  check(isArray(first), "first argument should be a table")
  check(isArray(second), "second argument should be a table")
  local result = {}
  for _, value in ipairs(first) do
    result[#result + 1] = value
  end
  for _, value in ipairs(second) do
    result[#result + 1] = value
  end
  return result
end, 2)

utils.reduce = utils.curry(function(fn, initial, list)
  check(type(fn) == "function", "first argument should be a function that accepts (result, value, key)")
  check(isArray(list), "third argument should be a table that is an array")
  local result = initial
  for key, value in next, list do
    if result == nil then
      result = value
    else
      result = fn(result, value, key)
    end
  end
  return result
end, 3)

utils.map = utils.curry(function(fn, list)
  check(type(fn) == "function", "first argument should be a unary function")
  check(isArray(list), "second argument should be an Array")
  local result = {}
  for index, value in ipairs(list) do
    result[#result + 1] = fn(value, index)
  end
  return result
end, 2)

utils.filter = utils.curry(function(fn, list)
  check(type(fn) == "function", "first argument should be a unary function")
  check(isArray(list), "second argument should be an Array")
  local result = {}
  for _, value in ipairs(list) do
    if fn(value) then
      result[#result + 1] = value
    end
  end
  return result
end, 2)

utils.find = utils.curry(function(fn, list)
  check(type(fn) == "function", "first argument should be a unary function")
  check(type(list) == "table", "second argument should be a table that is an array")
  for _, value in pairs(list) do
    if fn(value) then
      return value
    end
  end
end, 2)

utils.propEq = utils.curry(function(name, value, object)
  check(type(name) == "string", "first argument should be a string")
  check(type(value) == "string", "second argument should be a string")
  check(type(object) == "table", "third argument should be a table<object>")
  return object[name] == value
end, 3)

utils.prop = utils.curry(function(name, object)
  return object[name]
end, 2)

utils.includes = utils.curry(function(value, list)
  check(type(list) == "table", "argument needs to be a table")
  for _, item in pairs(list) do
    if item == value then
      return true
    end
  end
  return false
end, 2)

function utils.reverse(list)
  check(type(list) == "table", "argument needs to be a table that is an array")
  local result = {}
  for index = #list, 1, -1 do
    result[#result + 1] = list[index]
  end
  return result
end

--- Composes functions from right to left.
function utils.compose(...)
  local functions = { ... }
  return function(...)
    local results = { ... }
    for index = #functions, 1, -1 do
      results = { functions[index](unpack(results)) }
    end
    return unpack(results)
  end
end

function utils.keys(object)
  check(type(object) == "table", "argument needs to be a table")
  local result = {}
  for key in pairs(object) do
    result[#result + 1] = key
  end
  return result
end

function utils.values(object)
  check(type(object) == "table", "argument needs to be a table")
  local result = {}
  for _, value in pairs(object) do
    result[#result + 1] = value
  end
  return result
end

--- Upper case for the first letter of each word of a tag's name: `content-type` is `Content-Type`.
function utils.capitalize(text)
  return (gsub(gsub(tostring(text), "^%l", upper), "%-%l", upper))
end

--- Returns the object itself; `ao.normalize` is the function that lifts tags.
function utils.normalize(object)
  return object
end

return utils
