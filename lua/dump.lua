--- `Dump(value, indent)`: text of a table, with its keys and values as Lua has them. Numbers come first, in their order; then texts, in that of their text.

local error, format, math, next, rep, sort, tostring, type =
  error, string.format, math, next, string.rep, table.sort, tostring, type
local concat = table.concat

local RESERVED = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true until while"):gmatch("%a+") do
  RESERVED[word] = true
end

local function plain(value)
  local kind = type(value)
  return (kind == "number" or kind == "boolean") and tostring(value) or format("%q", tostring(value))
end

local function keyText(key)
  if type(key) == "string" and key:find("^[%a_][%w_]*$") and not RESERVED[key] then
    return key
  end
  return "[" .. plain(key) .. "]"
end

local RANK = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local left, right = type(a), type(b)
  if left ~= right then
    return (RANK[left] or 4) < (RANK[right] or 4)
  elseif left == "number" then
    return a < b
  end
  return keyText(a) < keyText(b)
end

local function text(object, indent, depth, open)
  if type(object) ~= "table" then
    return plain(object)
  elseif open[object] then
    return format("%q", "<Circular " .. tostring(object) .. ">")
  elseif next(object) == nil then
    return "{}"
  end
  local keys = {}
  for key in next, object do
    keys[#keys + 1] = key
  end
  sort(keys, before)
  open[object] = true
  local lines, pad = {}, rep(" ", indent * (depth + 1))
  for index = 1, #keys do
    lines[index] = pad .. keyText(keys[index]) .. " = " .. text(object[keys[index]], indent, depth + 1, open)
  end
  open[object] = nil
  return "{\n" .. concat(lines, ",\n") .. "\n" .. rep(" ", indent * depth) .. "}"
end

return function(value, indent)
  indent = indent or 4
  if math.type(indent) ~= "integer" or indent < 0 then
    error("indent must be unsigned integer", 2)
  elseif type(value) ~= "table" then
    return format("%q", tostring(value))
  end
  return text(value, indent, 0, {})
end
