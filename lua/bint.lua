--- Integers of a fixed number of bits, in two's complement: `require(".bint")(256)`.
-- A number is a list of 32-bit words, the lowest first. Results wrap around at the width, as in Lua's own integers.

local error, getmetatable, math, setmetatable, string, tonumber, tostring, type =
  error, getmetatable, math, setmetatable, string, tonumber, tostring, type
local concat = table.concat

local WORD, MASK = 32, 0xFFFFFFFF
local DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

local function build(bits)
  local size = bits // WORD
  local bint = { bits = bits }
  bint.__index = bint

  local function blank()
    local number = setmetatable({}, bint)
    for index = 1, size do
      number[index] = 0
    end
    return number
  end

  local function copy(number)
    local result = setmetatable({}, bint)
    for index = 1, size do
      result[index] = number[index]
    end
    return result
  end

  -- Conversion in ---------------------------------------------------------------------------------------------------------

  function bint.isbint(value)
    return type(value) == "table" and getmetatable(value) == bint
  end

  function bint.zero()
    return blank()
  end

  function bint.frominteger(value)
    local number = blank()
    number[1] = value & MASK
    local rest = value >> WORD
    if size > 1 then
      number[2] = rest & MASK
    end
    if value < 0 then
      for index = 3, size do
        number[index] = MASK
      end
    end
    return number
  end

  function bint.fromuinteger(value)
    local number = bint.frominteger(value)
    for index = 3, size do
      number[index] = 0
    end
    return number
  end

  function bint.one()
    return bint.frominteger(1)
  end

  function bint.mininteger()
    local number = blank()
    number[size] = 0x80000000
    return number
  end

  function bint.maxinteger()
    return ~bint.mininteger()
  end

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

  --- The value as a bint, or nil. Floats must be integers of Lua.
  function bint.tobint(value, clone)
    if bint.isbint(value) then
      return clone and copy(value) or value
    elseif type(value) == "number" then
      local integer = math.tointeger(value)
      if integer then
        return bint.frominteger(integer)
      end
    elseif type(value) == "string" then
      return bint.fromstring(value)
    end
  end

  function bint.new(value)
    local number = bint.tobint(value, true)
    if not number then
      error("value cannot be represented by a bint", 2)
    end
    return number
  end

  --- As `tobint`, but a number that is no integer stays itself.
  function bint.parse(value)
    return bint.tobint(value, true) or (type(value) == "number" and value or tonumber(value))
  end

  local function need(value)
    local number = bint.tobint(value)
    if not number then
      error("value cannot be represented by a bint", 3)
    end
    return number
  end

  -- Questions -------------------------------------------------------------------------------------------------------------

  function bint.iszero(value)
    if not bint.isbint(value) then
      return value == 0
    end
    for index = 1, size do
      if value[index] ~= 0 then
        return false
      end
    end
    return true
  end

  function bint.isneg(value)
    if not bint.isbint(value) then
      return value < 0
    end
    return value[size] & 0x80000000 ~= 0
  end

  function bint.ispos(value)
    return not bint.isneg(value) and not bint.iszero(value)
  end

  function bint.isone(value)
    return bint.eq(value, 1)
  end

  function bint.isminusone(value)
    return bint.eq(value, -1)
  end

  function bint.iseven(value)
    return need(value)[1] & 1 == 0
  end

  function bint.isodd(value)
    return need(value)[1] & 1 == 1
  end

  function bint.isintegral(value)
    return bint.isbint(value) or (type(value) == "number" and math.tointeger(value) ~= nil)
  end

  function bint.isnumeric(value)
    return bint.isbint(value) or type(value) == "number"
  end

  function bint.type(value)
    return bint.isbint(value) and "bint" or math.type(value)
  end

  -- Conversion out --------------------------------------------------------------------------------------------------------

  function bint.touinteger(value)
    if bint.isbint(value) then
      return value[1] | (value[2] or 0) << WORD
    end
    return math.tointeger(value)
  end

  --- The low 64 bits as an integer of Lua.
  function bint.tointeger(value)
    if not bint.isbint(value) then
      return math.tointeger(value)
    elseif size == 1 then
      return bint.isneg(value) and value[1] - (1 << WORD) or value[1]
    end
    return bint.touinteger(value)
  end

  function bint.tonumber(value)
    if not bint.isbint(value) then
      return tonumber(value)
    elseif bint.frominteger(bint.tointeger(value)) == value then
      return bint.tointeger(value)
    end
    return tonumber(tostring(value) .. ".0")
  end

  --- Divides in place by a small number and returns the rest.
  local function shrink(number, divisor)
    local rest = 0
    for index = size, 1, -1 do
      local value = rest << WORD | number[index]
      number[index] = value // divisor
      rest = value % divisor
    end
    return rest
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

  local function rounded(round)
    return function(value)
      return bint.isbint(value) and copy(value) or bint.new(round(tonumber(value)))
    end
  end

  bint.floor, bint.ceil = rounded(math.floor), rounded(math.ceil)
  bint.trunc = rounded(function(number)
    return number < 0 and math.ceil(number) or math.floor(number)
  end)

  -- Comparison ------------------------------------------------------------------------------------------------------------

  function bint.eq(a, b)
    a, b = bint.tobint(a), bint.tobint(b)
    if not a or not b then
      return false
    end
    for index = 1, size do
      if a[index] ~= b[index] then
        return false
      end
    end
    return true
  end

  function bint.ult(a, b)
    a, b = need(a), need(b)
    for index = size, 1, -1 do
      if a[index] ~= b[index] then
        return a[index] < b[index]
      end
    end
    return false
  end

  function bint.ule(a, b)
    return not bint.ult(b, a)
  end

  --- A float that is no integer makes the operation one of floats, as for Lua's own numbers.
  local function numbers(a, b)
    local x, y = bint.tobint(a), bint.tobint(b)
    if x and y then
      return x, y
    end
    return nil, bint.tonumber(a), bint.tonumber(b)
  end

  function bint.__lt(a, b)
    local x, y, z = numbers(a, b)
    if not x then
      return y < z
    end
    local negative = bint.isneg(x)
    if negative ~= bint.isneg(y) then
      return negative
    end
    return bint.ult(x, y)
  end

  function bint.__le(a, b)
    local x, y, z = numbers(a, b)
    if not x then
      return y <= z
    end
    return not bint.__lt(y, x)
  end

  bint.__eq = bint.eq

  function bint.max(a, b)
    a, b = need(a), need(b)
    return copy(a > b and a or b)
  end

  function bint.min(a, b)
    a, b = need(a), need(b)
    return copy(a < b and a or b)
  end

  -- Arithmetic ------------------------------------------------------------------------------------------------------------

  local function sum(x, y)
    local result, carry = blank(), 0
    for index = 1, size do
      local value = x[index] + y[index] + carry
      result[index] = value & MASK
      carry = value >> WORD
    end
    return result
  end

  function bint.__bnot(x)
    local result = blank()
    for index = 1, size do
      result[index] = ~x[index] & MASK
    end
    return result
  end

  local ONE = bint.frominteger(1)

  function bint.__unm(x)
    return sum(~x, ONE)
  end

  function bint.__add(a, b)
    local x, y, z = numbers(a, b)
    return x and sum(x, y) or y + z
  end

  function bint.__sub(a, b)
    local x, y, z = numbers(a, b)
    return x and sum(x, -y) or y - z
  end

  function bint.__mul(a, b)
    local x, y, z = numbers(a, b)
    if not x then
      return y * z
    end
    local result = blank()
    for i = 1, size do
      local factor, carry = x[i], 0
      if factor ~= 0 then
        for j = 1, size - i + 1 do
          local place = i + j - 1
          -- The product of two words fills 64 bits: the low word is added first, so that nothing is lost.
          local product = factor * y[j]
          local low = (product & MASK) + result[place] + carry
          result[place] = low & MASK
          carry = (product >> WORD) + (low >> WORD)
        end
      end
    end
    return result
  end

  local function shiftLeft(x, count)
    local result, words, rest = blank(), count // WORD, count % WORD
    for index = size, words + 1, -1 do
      local low = index - words - 1 >= 1 and x[index - words - 1] >> WORD - rest or 0
      result[index] = (x[index - words] << rest | low) & MASK
    end
    return result
  end

  local function shiftRight(x, count)
    local result, words, rest = blank(), count // WORD, count % WORD
    for index = 1, size - words do
      local high = index + words + 1 <= size and x[index + words + 1] << WORD - rest or 0
      result[index] = (x[index + words] >> rest | high) & MASK
    end
    return result
  end

  --- Shifts fill with zeros, as Lua's do.
  function bint.__shl(x, count)
    x, count = need(x), bint.tointeger(count)
    if count < 0 then
      return x >> -count
    end
    return count >= bits and blank() or shiftLeft(x, count)
  end

  function bint.__shr(x, count)
    x, count = need(x), bint.tointeger(count)
    if count < 0 then
      return x << -count
    end
    return count >= bits and blank() or shiftRight(x, count)
  end

  --- Position of the highest bit that is set, from 1; 0 for zero.
  local function length(x)
    for index = size, 1, -1 do
      local word = x[index]
      if word ~= 0 then
        local count = 0
        while word ~= 0 do
          word, count = word >> 1, count + 1
        end
        return (index - 1) * WORD + count
      end
    end
    return 0
  end

  --- Quotient and rest of two numbers without sign.
  function bint.udivmod(a, b)
    local x, y = need(a), need(b)
    if bint.iszero(y) then
      error("attempt to divide by zero", 2)
    end
    local quotient, rest = blank(), copy(x)
    local last = length(y)
    if last <= 31 then
      quotient = copy(x)
      return quotient, bint.frominteger(shrink(quotient, y[1]))
    end
    for shift = length(x) - last, 0, -1 do
      local step = shiftLeft(y, shift)
      if bint.ule(step, rest) then
        rest = rest - step
        local index = shift // WORD + 1
        quotient[index] = quotient[index] | 1 << shift % WORD
      end
    end
    return quotient, rest
  end

  function bint.udiv(a, b)
    return (bint.udivmod(a, b))
  end

  function bint.umod(a, b)
    local _, rest = bint.udivmod(a, b)
    return rest
  end

  function bint.abs(value)
    local x = need(value)
    return bint.isneg(x) and -x or copy(x)
  end

  --- Quotient towards zero and its rest.
  function bint.tdivmod(a, b)
    local x, y = need(a), need(b)
    local quotient, rest = bint.udivmod(bint.abs(x), bint.abs(y))
    if bint.isneg(x) ~= bint.isneg(y) then
      quotient = -quotient
    end
    return quotient, bint.isneg(x) and -rest or rest
  end

  function bint.tdiv(a, b)
    return (bint.tdivmod(a, b))
  end

  function bint.tmod(a, b)
    local _, rest = bint.tdivmod(a, b)
    return rest
  end

  --- Quotient towards minus infinity and its rest, as `//` and `%` of Lua.
  function bint.idivmod(a, b)
    local x, y = need(a), need(b)
    local quotient, rest = bint.tdivmod(x, y)
    if not bint.iszero(rest) and bint.isneg(x) ~= bint.isneg(y) then
      quotient, rest = quotient - 1, rest + y
    end
    return quotient, rest
  end

  function bint.__idiv(a, b)
    local x, y, z = numbers(a, b)
    if not x then
      return y // z
    end
    return (bint.idivmod(x, y))
  end

  function bint.__mod(a, b)
    local x, y, z = numbers(a, b)
    if not x then
      return y % z
    end
    local _, rest = bint.idivmod(x, y)
    return rest
  end

  function bint.__div(a, b)
    return bint.tonumber(a) / bint.tonumber(b)
  end

  function bint.__pow(a, b)
    return bint.tonumber(a) ^ bint.tonumber(b)
  end

  --- Power of integers; the exponent has no sign.
  function bint.ipow(a, b)
    local base, exponent, result = need(a), copy(need(b)), bint.one()
    while not bint.iszero(exponent) do
      if exponent[1] & 1 == 1 then
        result = result * base
      end
      exponent = shiftRight(exponent, 1)
      base = base * base
    end
    return result
  end

  --- `a ^ b % m` for numbers without sign.
  function bint.upowmod(a, b, m)
    local modulus, exponent, result = need(m), copy(need(b)), bint.one()
    if bint.isone(modulus) then
      return blank()
    end
    local base = bint.umod(a, modulus)
    while not bint.iszero(exponent) do
      if exponent[1] & 1 == 1 then
        result = bint.umod(result * base, modulus)
      end
      exponent = shiftRight(exponent, 1)
      base = bint.umod(base * base, modulus)
    end
    return result
  end

  function bint.inc(value)
    return need(value) + 1
  end

  function bint.dec(value)
    return need(value) - 1
  end

  local function bitwise(operation)
    return function(a, b)
      local x, y, result = need(a), need(b), blank()
      for index = 1, size do
        result[index] = operation(x[index], y[index])
      end
      return result
    end
  end

  bint.__band = bitwise(function(a, b)
    return a & b
  end)
  bint.__bor = bitwise(function(a, b)
    return a | b
  end)
  bint.__bxor = bitwise(function(a, b)
    return a ~ b
  end)

  --- Keeps the lowest `count` bits.
  function bint.bwrap(value, count)
    if count <= 0 then
      return blank()
    elseif count >= bits then
      return copy(need(value))
    end
    return need(value) & (bint.one() << count) - 1
  end

  function bint.brol(value, count)
    count = count % bits
    return need(value) << count | need(value) >> bits - count
  end

  function bint.bror(value, count)
    return bint.brol(value, -count)
  end

  return setmetatable(bint, {
    __call = function(_, value)
      return bint.new(value)
    end,
  })
end

local known = {}

--- The integers of this many bits, a multiple of 32 (256 when it is left out).
return function(bits)
  bits = bits or 256
  if math.type(bits) ~= "integer" or bits < WORD or bits % WORD ~= 0 then
    error("number of bits must be a multiple of 32", 2)
  end
  known[bits] = known[bits] or build(bits)
  return known[bits]
end
