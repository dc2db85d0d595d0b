--- Text of a value for people: colours, one entry a line, keys sorted.

local stringify = { _version = "0.0.1" }

local colors = { red = "\27[31m", green = "\27[32m", blue = "\27[34m", gray = "\27[90m", reset = "\27[0m" }

local next, rawget, rawlen, tostring, type = next, rawget, rawlen, tostring, type
local concat, sort, rep = table.concat, table.sort, string.rep

function stringify.isSimpleArray(value)
  local count = 0
  for key, item in next, value do
    local kind = type(item)
    if type(key) ~= "number" or (kind ~= "number" and kind ~= "string") then
      return false
    end
    count = count + 1
  end
  return count == rawlen(value)
end

local function isArray(value)
  local count = 0
  for _ in next, value do
    count = count + 1
  end
  return count == rawlen(value)
end

--- Text of anything but a table. Metamethods do not run: the text of a value that a message brought must not run its code.
local function plain(value)
  local kind = type(value)
  if kind == "string" then
    return colors.green .. '"' .. value .. '"' .. colors.reset
  elseif kind == "userdata" then
    return colors.blue .. kind .. colors.reset
  end
  return colors.blue .. tostring(value) .. colors.reset
end

local function keyText(key)
  return (type(key) == "table" or type(key) == "userdata") and type(key) or tostring(key)
end

function stringify.format(value, indent, open)
  indent, open = indent or 0, open or {}
  local parts = {}
  if stringify.isSimpleArray(value) then
    for index = 1, rawlen(value) do
      parts[index] = plain(rawget(value, index))
    end
    return "{ " .. concat(parts, ", ") .. " }"
  end
  open[value] = true
  local function text(item)
    if type(item) ~= "table" then
      return plain(item)
    elseif open[item] then
      return "<circular reference>"
    end
    return stringify.format(item, indent + 2, open)
  end
  local pad, close = rep(" ", indent), rep(" ", indent) .. "}"
  if isArray(value) then
    for index = 1, rawlen(value) do
      parts[index] = pad .. "  " .. text(rawget(value, index))
    end
    close = " " .. close
  else
    local names, values = {}, {}
    for key, item in next, value do
      local name = keyText(key)
      names[#names + 1] = name
      values[name] = text(item)
    end
    sort(names)
    for index = 1, #names do
      parts[index] = pad .. "   " .. colors.red .. names[index] .. colors.reset .. " = " .. values[names[index]]
    end
  end
  open[value] = nil
  return "{\n" .. concat(parts, ",\n") .. "\n" .. close
end

return stringify
