--- Patterns and handlers that most processes need.

local utils = { _version = "0.0.2" }

local matching = require(".utils")
local error, ipairs, type = error, ipairs, type

local function check(condition, message)
  if not condition then
    error(message, 3)
  end
end

--- Pattern: the tag `name` has this value.
function utils.hasMatchingTag(name, value)
  check(type(name) == "string" and type(value) == "string", "invalid arguments: (name : string, value : string)")
  return function(msg)
    return msg.Tags[name] == value
  end
end

--- Pattern: the tag `name` has one of these values.
function utils.hasMatchingTagOf(name, values)
  check(type(name) == "string" and type(values) == "table", "invalid arguments: (name : string, values : string[])")
  return function(msg)
    for _, value in ipairs(values) do
      if msg.Tags[name] == value then
        return true
      end
    end
    return 0
  end
end

--- Pattern: the data is this text.
function utils.hasMatchingData(value)
  check(type(value) == "string", "invalid arguments: (value : string)")
  return function(msg)
    return msg.Data == value
  end
end

--- Handler: replies with a text or a message.
function utils.reply(input)
  check(type(input) == "table" or type(input) == "string", "invalid arguments: (input : table or string)")
  return function(msg)
    msg.reply(type(input) == "string" and { Data = input } or input)
  end
end

--- Pattern: as `pattern`, but later handlers are asked too.
utils["continue"] = function(pattern)
  return function(msg)
    local result = matching.matchesSpec(msg, pattern)
    if not result or result == 0 or result == "skip" then
      return result
    end
    return 1
  end
end

return utils
