--- Division of integers of `.bint`, as numbers without sign, towards zero and towards minus infinity.
-- `words` has what the parts share: see bint.lua.

local error = error

local WORD = 32

return function(bint, words)
  local size, blank, copy, need, numbers = words.size, words.blank, words.copy, words.need, words.numbers

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

  words.shrink = shrink

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
      local step = y << shift
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
end
