--- Integers of `.bint` from and to text and bytes.
-- `words` has what the parts share: see bint.lua.

local math, string, tonumber, type = math, string, tonumber, type
local concat = table.concat

local WORD, MASK = 32, 0xFFFFFFFF
local DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

return function(bint, words)
  local size, blank, copy, need, shrink = words.size, words.blank, words.copy, words.need, words.shrink

  --- Reads digits of a base; nil where the text is none.
  function bint.frombase(text, base)
    base = base or 10
    if type(text) ~= "string" or base < 2 or base > 36 then
      return
    end
    local sign, digits = text:lower():match("^([-+]?)(%w+)$")
    if not digits then
      return
    end
    local number = blank()
    for position = 1, #digits do
      local digit = tonumber(digits:sub(position, position), 36)
      if not digit or digit >= base then
        return
      end
      for index = 1, size do
        local product = number[index] * base + digit
        number[index] = product & MASK
        digit = product >> WORD
      end
    end
    return sign == "-" and -number or number
  end

  --- Reads a decimal number, or one with `0x` or `0b` before it.
  function bint.fromstring(text)
    if type(text) ~= "string" then
      return
    end
    local sign, prefix, digits = text:lower():match("^([-+]?)(0?[xb]?)(%w+)$")
    if prefix == "0x" or prefix == "0b" then
      return bint.frombase(sign .. digits, prefix == "0x" and 16 or 2)
    end
    return bint.frombase(text, 10)
  end

  local function bytesOf(text, little)
    local number = blank()
    for position = 1, math.min(#text, size * 4) do
      local code = text:byte(little and position or #text - position + 1)
      local index = (position - 1) // 4 + 1
      number[index] = number[index] | code << (position - 1) % 4 * 8
    end
    return number
  end

  function bint.fromle(bytes)
    return bytesOf(bytes, true)
  end

  function bint.frombe(bytes)
    return bytesOf(bytes, false)
  end

  function bint.tobase(value, base, unsigned)
    base = base or 10
    if base < 2 or base > 36 then
      return nil
    end
    local number = copy(need(value))
    if unsigned == nil then
      unsigned = base ~= 10
    end
    local negative = not unsigned and bint.isneg(number)
    if negative then
      number = -number
    end
    local digits = {}
    repeat
      local digit = shrink(number, base)
      digits[#digits + 1] = DIGITS:sub(digit + 1, digit + 1)
    until bint.iszero(number)
    return (negative and "-" or "") .. concat(digits):reverse()
  end

  function bint.__tostring(value)
    return bint.tobase(value, 10)
  end

  local function toBytes(value, trim, little)
    local bytes = {}
    for index = 1, size do
      for shift = 0, 24, 8 do
        bytes[#bytes + 1] = string.char(value[index] >> shift & 255)
      end
    end
    local text = concat(bytes)
    if trim then
      text = text:gsub("\0+$", "")
      text = text == "" and "\0" or text
    end
    return little and text or text:reverse()
  end

  function bint.tole(value, trim)
    return toBytes(need(value), trim, true)
  end

  function bint.tobe(value, trim)
    return toBytes(need(value), trim, false)
  end

end
