--- Conflict-free replicated data types: state that several processes change on their own and merge in any order.
-- A state is a plain table (texts, numbers, booleans), so that it can be sent as JSON. `merge(a, b)` returns a new state; it is
-- commutative, associative and idempotent. Changes return a new state too, and take the id of the process that makes them.

local crdt = { _version = "0.1.0" }

local error, next, pairs, tostring, type = error, next, pairs, tostring, type
local sort = table.sort

local function copied(object)
  local copy = {}
  for key, value in next, object do
    copy[key] = value
  end
  return copy
end

local function need(id)
  if type(id) ~= "string" or id == "" then
    error("the id of the process that makes the change is missing", 3)
  end
end

local function mergeMax(a, b)
  local result = copied(a)
  for id, count in next, b do
    if not result[id] or count > result[id] then
      result[id] = count
    end
  end
  return result
end

-- Grow-only counter: a count for each process ---------------------------------------------------------------------------

crdt.gcounter = {}

function crdt.gcounter.new()
  return {}
end

function crdt.gcounter.increment(state, id, amount)
  need(id)
  amount = amount or 1
  if not (amount >= 0) then
    error("a grow-only counter cannot be decremented", 2)
  end
  local result = copied(state)
  result[id] = (result[id] or 0) + amount
  return result
end

function crdt.gcounter.value(state)
  local total = 0
  for _, count in next, state do
    total = total + count
  end
  return total
end

crdt.gcounter.merge = mergeMax

-- Counter up and down: two grow-only counters ---------------------------------------------------------------------------

crdt.pncounter = {}

function crdt.pncounter.new()
  return { up = {}, down = {} }
end

function crdt.pncounter.increment(state, id, amount)
  need(id)
  amount = amount or 1
  if amount < 0 then
    return { up = state.up, down = crdt.gcounter.increment(state.down, id, -amount) }
  end
  return { up = crdt.gcounter.increment(state.up, id, amount), down = state.down }
end

function crdt.pncounter.decrement(state, id, amount)
  return crdt.pncounter.increment(state, id, -(amount or 1))
end

function crdt.pncounter.value(state)
  return crdt.gcounter.value(state.up) - crdt.gcounter.value(state.down)
end

function crdt.pncounter.merge(a, b)
  return { up = mergeMax(a.up, b.up), down = mergeMax(a.down, b.down) }
end

-- Last-writer-wins register ---------------------------------------------------------------------------------------------

crdt.register = {}

--- Order of two writes: by time, then by the id of the writer, then by the value, so that every process picks the same one.
local function later(a, b)
  if a.time ~= b.time then
    return a.time > b.time
  elseif a.id ~= b.id then
    return a.id > b.id
  elseif (a.removed or false) ~= (b.removed or false) then
    return a.removed or false
  end
  return type(a.value) .. tostring(a.value) > type(b.value) .. tostring(b.value)
end

function crdt.register.new()
  return { time = 0, id = "" }
end

--- `time` is that of the message. A write that is not later than the known one gets the time behind it.
function crdt.register.set(state, id, value, time)
  need(id)
  if type(value) == "table" or type(value) == "function" then
    error("a register holds a text, a number or a boolean", 2)
  end
  return { value = value, id = id, time = time > state.time and time or state.time + 1 }
end

function crdt.register.value(state)
  return state.value
end

function crdt.register.merge(a, b)
  return copied(later(b, a) and b or a)
end

-- Map of last-writer-wins registers -------------------------------------------------------------------------------------

crdt.map = {}

function crdt.map.new()
  return {}
end

function crdt.map.set(state, id, key, value, time)
  local result = copied(state)
  result[key] = crdt.register.set(state[key] or crdt.register.new(), id, value, time)
  return result
end

--- Removes a key. What is left of it keeps an older write of another process from coming back.
function crdt.map.remove(state, id, key, time)
  local result = crdt.map.set(state, id, key, nil, time)
  result[key].removed = true
  return result
end

function crdt.map.get(state, key)
  local register = state[key]
  if register and not register.removed then
    return register.value
  end
end

function crdt.map.value(state)
  local result = {}
  for key, register in next, state do
    if not register.removed then
      result[key] = register.value
    end
  end
  return result
end

function crdt.map.merge(a, b)
  local result = {}
  for key, register in next, a do
    result[key] = copied(register)
  end
  for key, register in next, b do
    result[key] = result[key] and crdt.register.merge(result[key], register) or copied(register)
  end
  return result
end

-- Observed-remove set ---------------------------------------------------------------------------------------------------

-- `items[item][mark]` are additions that count; `removed[mark]` are those that a removal has seen. An addition that a removal has
-- not seen survives it. `clock[id]` counts the additions of a process: a mark is used once.
crdt.orset = {}

function crdt.orset.new()
  return { items = {}, removed = {}, clock = {} }
end

local function setCopy(state)
  local items = {}
  for item, marks in next, state.items do
    items[item] = copied(marks)
  end
  return { items = items, removed = copied(state.removed), clock = copied(state.clock) }
end

function crdt.orset.add(state, id, item)
  need(id)
  if type(item) ~= "string" then
    error("an item of a set is a text", 2)
  end
  local result = setCopy(state)
  result.clock[id] = (result.clock[id] or 0) + 1
  result.items[item] = result.items[item] or {}
  result.items[item][id .. ":" .. tostring(result.clock[id])] = true
  return result
end

function crdt.orset.remove(state, item)
  local result = setCopy(state)
  for mark in next, result.items[item] or {} do
    result.removed[mark] = true
  end
  result.items[item] = nil
  return result
end

function crdt.orset.has(state, item)
  return state.items[item] ~= nil
end

--- The items, sorted.
function crdt.orset.value(state)
  local result = {}
  for item in next, state.items do
    result[#result + 1] = item
  end
  sort(result)
  return result
end

function crdt.orset.merge(a, b)
  local result = { items = {}, removed = copied(a.removed), clock = mergeMax(a.clock, b.clock) }
  for mark in next, b.removed do
    result.removed[mark] = true
  end
  for _, state in pairs({ a, b }) do
    for item, marks in next, state.items do
      for mark in next, marks do
        if not result.removed[mark] then
          result.items[item] = result.items[item] or {}
          result.items[item][mark] = true
        end
      end
    end
  end
  return result
end

return crdt
