--- Random numbers that a message decides (xorshift64*), the same on every engine. Not secret: whoever sees the message knows them.

local chance = {}

local error, math, string, tostring, type = error, math, string, tostring, type

local state = 0x9E3779B97F4A7C15

--- Seeds from a text or a number.
function chance.seed(seed)
  local text = tostring(seed)
  local length = #text
  local hash = -3750763034362895579 ~ length -- FNV-1a, 64 bits, a word at a time
  text = text .. string.rep("\0", -length % 8)
  for position = 1, length, 8 do
    hash = (hash ~ string.unpack("<i8", text, position)) * 1099511628211
  end
  state = hash ~= 0 and hash or 1
end

local function bits()
  state = state ~ (state >> 12)
  state = state ~ (state << 25)
  state = state ~ (state >> 27)
  return state * 2685821657736338717
end

local function float()
  return (bits() >> 11) * (0.5 ^ 53)
end

--- As `math.random` of Lua: a float below 1, or an integer of a range.
function chance.random(low, high)
  if low == nil then
    return float()
  elseif high == nil then
    low, high = 1, low
  end
  low, high = math.tointeger(low), math.tointeger(high)
  if not low or not high then
    error("bad argument to 'random' (number has no integer representation)", 2)
  elseif low > high then
    error("bad argument to 'random' (interval is empty)", 2)
  end
  local span = high - low + 1
  if span <= 0 then -- more than 2^63 values: take the first one inside
    local value
    repeat
      value = bits()
    until value >= low and value <= high
    return value
  end
  return low + (bits() >> 1) % span
end

--- An integer from `low` to `high - 1`.
function chance.integer(low, high)
  return chance.random(low, high - 1)
end

return chance
