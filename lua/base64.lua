--- Base64: `encode(text)`, `decode(text)`, and alphabets of one's own.

local base64 = {}

local byte, char, concat = string.byte, string.char, table.concat
local pairs = pairs

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

--- Alphabet for `encode`: `makeencoder("-", "_")` is that of addresses.
function base64.makeencoder(s62, s63, padding)
  local alphabet = LETTERS .. (s62 or "+") .. (s63 or "/")
  local encoder = {}
  for index = 1, 64 do
    encoder[index - 1] = byte(alphabet, index)
  end
  encoder[64] = byte(padding or "=")
  return encoder
end

--- Alphabet for `decode`.
function base64.makedecoder(s62, s63, padding)
  local decoder = {}
  for value, code in pairs(base64.makeencoder(s62, s63, padding)) do
    if value < 64 then
      decoder[code] = value
    end
  end
  return decoder
end

local ENCODER, DECODER = base64.makeencoder(), base64.makedecoder()

function base64.encode(text, encoder)
  encoder = encoder or ENCODER
  local out, length = {}, #text
  for position = 1, length, 3 do
    local a, b, c = byte(text, position, position + 2)
    local bits = a << 16 | (b or 0) << 8 | (c or 0)
    out[#out + 1] = char(
      encoder[bits >> 18],
      encoder[bits >> 12 & 63],
      b and encoder[bits >> 6 & 63] or encoder[64],
      c and encoder[bits & 63] or encoder[64]
    )
  end
  return concat(out)
end

--- Characters outside of the alphabet are left out; the padding may be missing.
function base64.decode(text, decoder)
  decoder = decoder or DECODER
  local out, bits, count = {}, 0, 0
  for position = 1, #text do
    local value = decoder[byte(text, position)]
    if value then
      bits = bits << 6 | value
      count = count + 6
      if count >= 8 then
        count = count - 8
        out[#out + 1] = char(bits >> count & 255)
        bits = bits & (1 << count) - 1
      end
    end
  end
  return concat(out)
end

return base64
