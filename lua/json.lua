--- JSON: `encode(value)` and `decode(text)`.
-- `nil` is `null`, an empty table is `[]`, and the keys of an object are sorted, so that the text depends on the value alone.

local json = { _version = "0.2.0" }

local error, type = error, type
local find, format, gsub, sub = string.find, string.format, string.gsub, string.sub

-- Functions in C. They return the result, or `nil` and what is wrong; of a text also where, and the part of it that is meant.
local encode, decode = ...

function json.encode(value)
  local text, reason = encode(value)
  if reason then
    error(reason)
  end
  return text
end

function json.decode(text)
  if type(text) ~= "string" then
    error("expected argument of type string, got " .. type(text))
  end
  local value, reason, position, part = decode(text)
  if position then
    local before = sub(text, 1, position - 1)
    local _, lines = gsub(before, "\n", "")
    local column = position - (find(before, "\n[^\n]*$") or 0)
    error(format("%s at line %d col %d", format(reason, part), lines + 1, column))
  elseif reason then
    error(reason)
  end
  return value
end

return json
