--- Shifts, rotations and bitwise operations of integers of `.bint`.
-- `words` has what the parts share: see bint.lua.

local WORD, MASK = 32, 0xFFFFFFFF

return function(bint, words)
  local size, blank, copy, need = words.size, words.blank, words.copy, words.need

  local bits = bint.bits

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

end
