--- Sums, products and powers of integers of `.bint`.
-- `words` has what the parts share: see bint.lua.

local WORD, MASK = 32, 0xFFFFFFFF

return function(bint, words)
  local size, blank, copy, need, numbers = words.size, words.blank, words.copy, words.need, words.numbers

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

  --- Power of integers; the exponent has no sign.
  function bint.ipow(a, b)
    local base, exponent, result = need(a), copy(need(b)), bint.one()
    while not bint.iszero(exponent) do
      if exponent[1] & 1 == 1 then
        result = result * base
      end
      exponent = exponent >> 1
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
      exponent = exponent >> 1
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
end
