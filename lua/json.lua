--- JSON: `encode(value)` and `decode(text)`.
-- `nil` is `null`, an empty table is `[]`, and the keys of an object are sorted, so that the text depends on the value alone.

local json = { _version = "0.2.0" }

local byte, char, find, format, gsub, sub = string.byte, string.char, string.find, string.format, string.gsub, string.sub
local concat, sort = table.concat, table.sort
local error, next, rawget, rawlen, tonumber, tostring, type = error, next, rawget, rawlen, tonumber, tostring, type
local huge = math.huge
local utf8char = utf8.char

-- Encoding --------------------------------------------------------------------------------------------------------------

local SHORT = { ["\\"] = "\\\\", ['"'] = '\\"', ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(character)
  return SHORT[character] or format("\\u%04x", byte(character))
end

local function quote(text)
  if find(text, '[%c"\\]') then
    text = gsub(text, '[%z\1-\31\\"]', escape)
  end
  return '"' .. text .. '"'
end

local write

local function writeArray(value, out, open)
  local count = 0
  for key in next, value do
    if type(key) ~= "number" then
      error("invalid table: mixed or invalid key types")
    end
    count = count + 1
  end
  if count ~= rawlen(value) then
    error("invalid table: sparse array")
  end
  out[#out + 1] = "["
  for index = 1, count do
    if index > 1 then
      out[#out + 1] = ","
    end
    write(rawget(value, index), out, open)
  end
  out[#out + 1] = "]"
end

local function writeObject(value, out, open)
  local keys = {}
  for key in next, value do
    if type(key) ~= "string" then
      error("invalid table: mixed or invalid key types")
    end
    keys[#keys + 1] = key
  end
  sort(keys)
  out[#out + 1] = "{"
  for index = 1, #keys do
    local key = keys[index]
    out[#out + 1] = (index > 1 and "," or "") .. quote(key) .. ":"
    write(rawget(value, key), out, open)
  end
  out[#out + 1] = "}"
end

-- `open` has the tables that enclose the value: a table inside itself has no text.
write = function(value, out, open)
  local kind = type(value)
  if kind == "string" then
    out[#out + 1] = quote(value)
  elseif kind == "table" then
    if open[value] then
      error("circular reference")
    end
    open[value] = true
    if rawget(value, 1) ~= nil or next(value) == nil then
      writeArray(value, out, open)
    else
      writeObject(value, out, open)
    end
    open[value] = nil
  elseif kind == "number" then
    if value ~= value or value <= -huge or value >= huge then
      error("unexpected number value '" .. tostring(value) .. "'")
    end
    out[#out + 1] = format("%.14g", value)
  elseif kind == "boolean" then
    out[#out + 1] = value and "true" or "false"
  elseif kind == "nil" then
    out[#out + 1] = "null"
  else
    error("unexpected type '" .. kind .. "'")
  end
end

function json.encode(value)
  local out = {}
  write(value, out, {})
  return concat(out)
end

-- Decoding --------------------------------------------------------------------------------------------------------------

local LITERALS = { ["true"] = true, ["false"] = false, ["null"] = "null" }
local UNESCAPED = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function fail(text, position, message)
  local before = sub(text, 1, position - 1)
  local _, lines = gsub(before, "\n", "")
  local column = #gsub(before, "^.*\n", "") + 1
  error(format("%s at line %d col %d", message, lines + 1, column))
end

--- Position of the next character that is no white space, and its code.
local function skip(text, position)
  local code = byte(text, position)
  if code and code <= 32 then
    position = find(text, "[^ \t\r\n]", position) or #text + 1
    code = byte(text, position)
  end
  return position, code
end

--- Reads the four digits of `\uXXXX`; `position` is that of the backslash.
local function unit(text, position)
  local digits = sub(text, position + 2, position + 5)
  if not find(digits, "^%x%x%x%x$") then
    fail(text, position, "invalid unicode escape in string")
  end
  return tonumber(digits, 16)
end

local function readEscapes(text, position, start)
  local parts, from = {}, start + 1
  while true do
    local stop = find(text, '[%c"\\]', position)
    while stop and byte(text, stop) == 127 do -- DEL is a control character for Lua, not for JSON
      stop = find(text, '[%c"\\]', stop + 1)
    end
    if not stop then
      fail(text, start, "expected closing quote for string")
    end
    local code = byte(text, stop)
    if code == 34 then
      parts[#parts + 1] = sub(text, from, stop - 1)
      return concat(parts), stop + 1
    elseif code ~= 92 then
      fail(text, stop, "control character in string")
    end
    parts[#parts + 1] = sub(text, from, stop - 1)
    local letter = sub(text, stop + 1, stop + 1)
    if letter == "u" then
      local code1 = unit(text, stop)
      from = stop + 6
      if code1 >= 0xD800 and code1 < 0xDC00 and find(text, "^\\u[dD][c-fC-F]%x%x", from) then
        code1 = 0x10000 + (code1 - 0xD800) * 0x400 + unit(text, from) - 0xDC00
        from = from + 6
      end
      parts[#parts + 1] = utf8char(code1)
    else
      local plain = UNESCAPED[letter]
      if not plain then
        fail(text, stop, "invalid escape char '" .. letter .. "' in string")
      end
      parts[#parts + 1] = plain
      from = stop + 2
    end
    position = from
  end
end

local function readString(text, position)
  local stop = find(text, '"', position + 1, true)
  if stop then
    local plain = sub(text, position + 1, stop - 1)
    if not find(plain, "\\", 1, true) and not find(plain, "%c") then
      return plain, stop + 1
    end
  end
  return readEscapes(text, position + 1, position)
end

local read

-- Texts of programs have little white space: `skip` is only called where the next character is not the expected one.

local function readArray(text, position)
  local result, count, code = {}, 0, nil
  position = position + 1
  while true do
    code = byte(text, position) or 32
    if code <= 32 then
      position, code = skip(text, position)
    end
    if code == 93 then
      return result, position + 1
    end
    count = count + 1
    result[count], position = read(text, position, code)
    code = byte(text, position)
    if code ~= 44 and code ~= 93 then
      position, code = skip(text, position)
    end
    position = position + 1
    if code == 93 then
      return result, position
    elseif code ~= 44 then
      fail(text, position, "expected ']' or ','")
    end
  end
end

local function readObject(text, position)
  local result, code, key = {}, nil, nil
  position = position + 1
  while true do
    code = byte(text, position)
    if code ~= 34 then
      position, code = skip(text, position)
      if code == 125 then
        return result, position + 1
      elseif code ~= 34 then
        fail(text, position, "expected string for key")
      end
    end
    key, position = readString(text, position)
    if byte(text, position) ~= 58 then
      position, code = skip(text, position)
      if code ~= 58 then
        fail(text, position, "expected ':' after key")
      end
    end
    position = position + 1
    code = byte(text, position) or 32
    if code <= 32 then
      position, code = skip(text, position)
    end
    result[key], position = read(text, position, code)
    code = byte(text, position)
    if code ~= 44 and code ~= 125 then
      position, code = skip(text, position)
    end
    position = position + 1
    if code == 125 then
      return result, position
    elseif code ~= 44 then
      fail(text, position, "expected '}' or ','")
    end
  end
end

--- Reads the value at the position, whose first character has the code.
read = function(text, position, code)
  if code == 34 then
    return readString(text, position)
  elseif code == 123 then
    return readObject(text, position)
  elseif code == 91 then
    return readArray(text, position)
  end
  local stop = (find(text, "[ \t\r\n%],}]", position) or #text + 1) - 1
  local word = sub(text, position, stop)
  if code and (code == 45 or code >= 48 and code <= 57) then
    local number = tonumber(word)
    if not number then
      fail(text, position, "invalid number '" .. word .. "'")
    end
    return number, stop + 1
  elseif code == 116 or code == 102 or code == 110 then
    local value = LITERALS[word]
    if value == nil then
      fail(text, position, "invalid literal '" .. word .. "'")
    elseif value == "null" then
      value = nil
    end
    return value, stop + 1
  end
  fail(text, position, "unexpected character '" .. sub(text, position, position) .. "'")
end

function json.decode(text)
  if type(text) ~= "string" then
    error("expected argument of type string, got " .. type(text))
  end
  local value, position = read(text, skip(text, 1))
  position = skip(text, position)
  if position <= #text then
    fail(text, position, "trailing garbage")
  end
  return value
end

return json
