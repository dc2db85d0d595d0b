--- Digests and HMAC. Input is a text, a list of bytes, or a stream (a function that returns the next byte).
-- A digest answers `asHex()`, `asString()` and `asBytes()`.

local byte, char, concat, format, rep, sub = string.byte, string.char, table.concat, string.format, string.rep, string.sub
local pack, unpack = string.pack, string.unpack
local error, ipairs, pairs, tonumber, tostring, type = error, ipairs, pairs, tonumber, tostring, type

-- Texts, lists and streams ----------------------------------------------------------------------------------------------

local function toText(input)
  local kind = type(input)
  if kind == "string" then
    return input
  elseif kind == "function" then
    local bytes = {}
    for code in input do
      bytes[#bytes + 1] = char(code)
    end
    return concat(bytes)
  elseif kind == "table" then
    local bytes = {}
    for index, code in ipairs(input) do
      bytes[index] = char(code)
    end
    return concat(bytes)
  end
  error("expected a text, a list of bytes or a stream, got " .. kind, 3)
end

local function toList(input)
  local text, list = toText(input), {}
  for index = 1, #text do
    list[index] = byte(text, index)
  end
  return list
end

local function toStream(input)
  local text, index = toText(input), 0
  return function()
    index = index + 1
    return byte(text, index)
  end
end

local function toHex(input)
  return (toText(input):gsub("[\0-\255]", function(character)
    return format("%02x", byte(character))
  end))
end

local function fromHex(hex)
  return (hex:gsub("%x%x", function(digits)
    return char(tonumber(digits, 16))
  end))
end

local function digest(text)
  return {
    asString = function()
      return text
    end,
    asHex = function()
      return toHex(text)
    end,
    asBytes = function()
      return toList(text)
    end,
  }
end

-- MD5, SHA-1, SHA-2 -----------------------------------------------------------------------------------------------------

--- Pads a text to whole blocks: a one bit, zeros, and the length in bits in the given form.
local function padded(text, block, lengthForm, lengthSize)
  local zeros = (block - (#text + 1 + lengthSize) % block) % block
  return text .. "\128" .. rep("\0", zeros + lengthSize - 8) .. pack(lengthForm, #text * 8)
end

local function left(word, count)
  return (word << count | word >> 32 - count) & 0xFFFFFFFF
end

local MD5_SHIFT = { 7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21 }
local MD5_SINE = {}
for index = 0, 63 do
  MD5_SINE[index] = math.floor(math.abs(math.sin(index + 1)) * 4294967296) & 0xFFFFFFFF
end

local function md5(text)
  local a0, b0, c0, d0 = 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476
  text = padded(text, 64, "<i8", 8)
  for position = 1, #text, 64 do
    local words = { unpack("<" .. rep("I4", 16), text, position) }
    local a, b, c, d = a0, b0, c0, d0
    for index = 0, 63 do
      local round, mix, place = index >> 4, nil, nil
      if round == 0 then
        mix, place = b & c | ~b & d, index
      elseif round == 1 then
        mix, place = d & b | ~d & c, (5 * index + 1) % 16
      elseif round == 2 then
        mix, place = b ~ c ~ d, (3 * index + 5) % 16
      else
        mix, place = c ~ (b | ~d & 0xFFFFFFFF), 7 * index % 16
      end
      mix = (mix + a + MD5_SINE[index] + words[place + 1]) & 0xFFFFFFFF
      a, d, c = d, c, b
      b = (b + left(mix, MD5_SHIFT[round * 4 + index % 4 + 1])) & 0xFFFFFFFF
    end
    a0, b0, c0, d0 = (a0 + a) & 0xFFFFFFFF, (b0 + b) & 0xFFFFFFFF, (c0 + c) & 0xFFFFFFFF, (d0 + d) & 0xFFFFFFFF
  end
  return pack("<I4I4I4I4", a0, b0, c0, d0)
end

local function sha1(text)
  local h0, h1, h2, h3, h4 = 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0
  text = padded(text, 64, ">i8", 8)
  for position = 1, #text, 64 do
    local w = { unpack(">" .. rep("I4", 16), text, position) }
    for index = 17, 80 do
      w[index] = left(w[index - 3] ~ w[index - 8] ~ w[index - 14] ~ w[index - 16], 1)
    end
    local a, b, c, d, e = h0, h1, h2, h3, h4
    for index = 1, 80 do
      local mix, constant
      if index <= 20 then
        mix, constant = b & c | ~b & d, 0x5A827999
      elseif index <= 40 then
        mix, constant = b ~ c ~ d, 0x6ED9EBA1
      elseif index <= 60 then
        mix, constant = b & c | b & d | c & d, 0x8F1BBCDC
      else
        mix, constant = b ~ c ~ d, 0xCA62C1D6
      end
      a, b, c, d, e = (left(a, 5) + mix + e + constant + w[index]) & 0xFFFFFFFF, a, left(b, 30), c, d
    end
    h0, h1, h2 = (h0 + a) & 0xFFFFFFFF, (h1 + b) & 0xFFFFFFFF, (h2 + c) & 0xFFFFFFFF
    h3, h4 = (h3 + d) & 0xFFFFFFFF, (h4 + e) & 0xFFFFFFFF
  end
  return pack(">I4I4I4I4I4", h0, h1, h2, h3, h4)
end

--- Integer root of `value * 2^(64 * power)`: the first 64 bits behind the point of the root of a small prime.
local function rootBits(prime, power)
  -- Grown bit by bit in words of 24 bits, since a product of two 72-bit numbers does not fit an integer of Lua.
  local function multiply(x, y)
    local result = {}
    for i = 1, #x do
      local carry = 0
      for j = 1, #y do
        local value = (result[i + j - 1] or 0) + x[i] * y[j] + carry
        result[i + j - 1] = value & 0xFFFFFF
        carry = value >> 24
      end
      result[i + #y] = carry
    end
    return result
  end
  local root = { 0, 0, 0, 0 }
  for bit = 72, 0, -1 do
    local word = bit // 24 + 1
    root[word] = root[word] | 1 << bit % 24
    local product = multiply(root, root)
    if power == 3 then
      product = multiply(product, root)
    end
    -- Compare with prime * 2^(64 * power): the part above that many bits against the prime.
    local shift = 64 * power
    local high, index = 0, #product
    while index * 24 > shift do
      local low = (index - 1) * 24
      local value = low >= shift and product[index] or product[index] >> shift - low
      high = low >= shift and high << 24 | value or high << 24 - (shift - low) | value
      index = index - 1
    end
    if high >= prime then
      root[word] = root[word] & ~(1 << bit % 24)
    end
  end
  return root[1] | root[2] << 24 | root[3] << 48
end

local SHA2_ROOTS, SHA2_START = {}, {}
do
  local prime, count = 1, 0
  while count < 80 do
    prime = prime + 1
    local composite = false
    for divisor = 2, prime - 1 do
      if divisor * divisor > prime then
        break
      elseif prime % divisor == 0 then
        composite = true
        break
      end
    end
    if not composite then
      count = count + 1
      SHA2_ROOTS[count] = rootBits(prime, 3)
      if count <= 8 then
        SHA2_START[count] = rootBits(prime, 2)
      end
    end
  end
end

--- SHA-2 of words of 32 or 64 bits: the constants of the former are the upper halves of those of the latter.
local function sha2(width, rounds, big0, big1, small0, small1)
  local mask = width == 64 and -1 or 0xFFFFFFFF
  local form, size = width == 64 and "i8" or "I4", width // 8
  local lengthSize = width // 4
  local constants, start = {}, {}
  for index = 1, rounds do
    constants[index] = SHA2_ROOTS[index] >> 64 - width
  end
  for index = 1, 8 do
    start[index] = SHA2_START[index] >> 64 - width
  end
  local function right(word, count)
    return (word >> count | word << width - count) & mask
  end
  local function big(word, by)
    return right(word, by[1]) ~ right(word, by[2]) ~ right(word, by[3])
  end
  local function small(word, by)
    return right(word, by[1]) ~ right(word, by[2]) ~ word >> by[3]
  end
  local read = ">" .. rep(form, 16)
  return function(text)
    local state = { table.unpack(start) }
    text = padded(text, size * 16, ">i8", lengthSize)
    for position = 1, #text, size * 16 do
      local w = { unpack(read, text, position) }
      for index = 17, rounds do
        w[index] = (small(w[index - 2], small1) + w[index - 7] + small(w[index - 15], small0) + w[index - 16]) & mask
      end
      local a, b, c, d, e, f, g, h = table.unpack(state)
      for index = 1, rounds do
        local t1 = h + big(e, big1) + (e & f ~ ~e & g) + constants[index] + w[index]
        local t2 = big(a, big0) + (a & b ~ a & c ~ b & c)
        h, g, f, e, d, c, b, a = g, f, e, (d + t1) & mask, c, b, a, (t1 + t2) & mask
      end
      for index, value in ipairs({ a, b, c, d, e, f, g, h }) do
        state[index] = (state[index] + value) & mask
      end
    end
    return pack(">" .. rep(form, 8), table.unpack(state))
  end
end

local sha256 = sha2(32, 64, { 2, 13, 22 }, { 6, 11, 25 }, { 7, 18, 3 }, { 17, 19, 10 })
local sha512 = sha2(64, 80, { 28, 34, 39 }, { 14, 18, 41 }, { 1, 8, 7 }, { 19, 61, 6 })

-- Keccak and SHA-3 ------------------------------------------------------------------------------------------------------

local KECCAK_ROUNDS, KECCAK_TURNS, KECCAK_PLACES = {}, {}, {}
do
  -- Round constants come from a shift register, rotations and places from a walk over the lanes.
  local register = 1
  for round = 1, 24 do
    local constant = 0
    for power = 0, 6 do
      if register & 1 == 1 then
        constant = constant | 1 << (1 << power) - 1
      end
      register = register << 1
      if register & 0x100 ~= 0 then
        register = register ~ 0x171
      end
    end
    KECCAK_ROUNDS[round] = constant
  end
  local x, y = 1, 0
  for step = 1, 24 do
    x, y = y, (2 * x + 3 * y) % 5
    KECCAK_PLACES[step] = x + 5 * y + 1
    KECCAK_TURNS[step] = step * (step + 1) // 2 % 64
  end
end

local function turn(lane, count)
  return count == 0 and lane or lane << count | lane >> 64 - count
end

local function permute(a)
  local c, b = {}, {}
  for round = 1, 24 do
    for x = 1, 5 do
      c[x] = a[x] ~ a[x + 5] ~ a[x + 10] ~ a[x + 15] ~ a[x + 20]
    end
    for x = 1, 5 do
      local mix = c[(x + 3) % 5 + 1] ~ turn(c[x % 5 + 1], 1)
      for y = 0, 20, 5 do
        a[x + y] = a[x + y] ~ mix
      end
    end
    local carried = a[2]
    for step = 1, 24 do
      local place = KECCAK_PLACES[step]
      carried, a[place] = a[place], turn(carried, KECCAK_TURNS[step])
    end
    for y = 0, 20, 5 do
      for x = 1, 5 do
        b[x] = a[x + y]
      end
      for x = 1, 5 do
        a[x + y] = b[x] ~ ~b[x % 5 + 1] & b[(x + 1) % 5 + 1]
      end
    end
    a[1] = a[1] ~ KECCAK_ROUNDS[round]
  end
end

--- Keccak with an output of `size` bytes; `suffix` tells SHA-3 from the original.
local function keccak(size, suffix)
  local rate = 200 - 2 * size
  return function(text)
    local zeros = (rate - (#text + 1) % rate) % rate
    text = text .. char(suffix) .. rep("\0", zeros)
    text = sub(text, 1, -2) .. char(byte(text, -1) | 0x80)
    local state = {}
    for index = 1, 25 do
      state[index] = 0
    end
    for position = 1, #text, rate do
      local lanes = { unpack("<" .. rep("i8", rate // 8), text, position) }
      for index = 1, rate // 8 do
        state[index] = state[index] ~ lanes[index]
      end
      permute(state)
    end
    return sub(pack("<" .. rep("i8", 25), table.unpack(state)), 1, size)
  end
end

-- BLAKE2b --------------------------------------------------------------------------------------------------------------

local MIXED = {
  { 1, 5, 9, 13 }, { 2, 6, 10, 14 }, { 3, 7, 11, 15 }, { 4, 8, 12, 16 },
  { 1, 6, 11, 16 }, { 2, 7, 12, 13 }, { 3, 8, 9, 14 }, { 4, 5, 10, 15 },
}
--- The order of the words of a block in each round. Rounds 11 and 12 are as rounds 1 and 2.
local ORDERS = {
  "0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8", "905724afe1bc683d",
  "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a", "6fe9b308c2d714a5", "a2847615fb9e3cd0",
}

--- BLAKE2b with 64 bytes of output and no key.
local function blake2b(text)
  local h = { table.unpack(SHA2_START) }
  h[1] = h[1] ~ 0x01010040
  local length = #text
  text = text .. rep("\0", length == 0 and 128 or -length % 128)
  for position = 1, #text, 128 do
    local words = { unpack("<" .. rep("i8", 16), text, position) }
    local v = { table.unpack(h) }
    for index = 1, 8 do
      v[index + 8] = SHA2_START[index]
    end
    local last = position + 128 > #text
    v[13] = v[13] ~ (last and length or position + 127)
    if last then
      v[15] = ~v[15]
    end
    for round = 0, 11 do
      local order = ORDERS[round % 10 + 1]
      for step = 1, 8 do
        local mixed = MIXED[step]
        local a, b, c, d = mixed[1], mixed[2], mixed[3], mixed[4]
        local first = words[tonumber(sub(order, 2 * step - 1, 2 * step - 1), 16) + 1]
        local second = words[tonumber(sub(order, 2 * step, 2 * step), 16) + 1]
        v[a] = v[a] + v[b] + first
        local word = v[d] ~ v[a]
        v[d] = word >> 32 | word << 32
        v[c] = v[c] + v[d]
        word = v[b] ~ v[c]
        v[b] = word >> 24 | word << 40
        v[a] = v[a] + v[b] + second
        word = v[d] ~ v[a]
        v[d] = word >> 16 | word << 48
        v[c] = v[c] + v[d]
        word = v[b] ~ v[c]
        v[b] = word >> 63 | word << 1
      end
    end
    for index = 1, 8 do
      h[index] = h[index] ~ v[index] ~ v[index + 8]
    end
  end
  return pack("<" .. rep("i8", 8), table.unpack(h))
end

-- The module ------------------------------------------------------------------------------------------------------------

local functions = {
  blake2b = blake2b,
  md5 = md5,
  sha1 = sha1,
  sha2_256 = sha256,
  sha2_512 = sha512,
  sha3_256 = keccak(32, 6),
  sha3_512 = keccak(64, 6),
  keccak256 = keccak(32, 1),
  keccak512 = keccak(64, 1),
}

local BLOCKS = { md5 = 64, sha1 = 64, sha256 = 64, sha512 = 128 }
local NAMES = { md5 = "md5", sha1 = "sha1", sha256 = "sha2_256", sha512 = "sha2_512" }

--- HMAC of a message under a key, with "md5", "sha1", "sha256" or "sha512".
local function createHmac(message, key, algorithm)
  algorithm = algorithm or "sha256"
  local block, name = BLOCKS[algorithm], NAMES[algorithm]
  if not block then
    error("unknown algorithm '" .. tostring(algorithm) .. "'", 2)
  end
  local hash = functions[name]
  key = toText(key)
  if #key > block then
    key = hash(key)
  end
  key = key .. rep("\0", block - #key)
  local function mixed(with)
    return (key:gsub("[\0-\255]", function(character)
      return char(byte(character) ~ with)
    end))
  end
  return digest(hash(mixed(0x5C) .. hash(mixed(0x36) .. toText(message))))
end

local crypto = {
  _version = "0.0.1",
  digest = { _version = "0.0.1" },
  mac = { _version = "0.0.1", createHmac = createHmac },
  utils = {
    _version = "0.0.1",
    bit = bit32,
    hex = { stringToHex = toHex, hexToString = fromHex },
    stream = {
      fromString = toStream,
      fromArray = toStream,
      fromHex = function(hex)
        return toStream(fromHex(hex))
      end,
      toString = toText,
      toArray = toList,
      toHex = toHex,
    },
    array = {
      fromString = toList,
      fromStream = toList,
      fromHex = function(hex)
        return toList(fromHex(hex))
      end,
      toString = toText,
      toStream = toStream,
      toHex = toHex,
    },
  },
}

for name, hash in pairs(functions) do
  crypto.digest[name] = function(input)
    return digest(hash(toText(input)))
  end
end

return crypto
