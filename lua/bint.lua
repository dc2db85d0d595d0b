--- Integers of a fixed number of bits, in two's complement: `require(".bint")(256)`.
-- A number is a list of 32-bit words, the lowest first. Results wrap around at the width, as in Lua's own integers.

local error, getmetatable, ipairs, math, setmetatable, type = error, getmetatable, ipairs, math, setmetatable, type

local WORD, MASK = 32, 0xFFFFFFFF
--- The parts that add their functions.
local PARTS = { ".bint-arithmetic", ".bint-bits", ".bint-division", ".bint-text" }

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

  -- Numbers --------------------------------------------------------------------------------------------------------------

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

  -- Lua's numbers --------------------------------------------------------------------------------------------------------

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

  --- What the parts share.
  local words = { size = size, blank = blank, copy = copy, need = need, numbers = numbers }
  for _, name in ipairs(PARTS) do
    require(name)(bint, words)
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
