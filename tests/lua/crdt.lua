-- Property test of `.crdt`: three processes make random changes and merge at random; in the end every order of merging gives one state.

local crdt = require(".crdt")
local json = require("json")

local ids = { "alice", "bob", "carol" }
local words = { "a", "b", "c", "d" }

-- A change of each type, by a process at a time.
local changes = {
  gcounter = function(state, id)
    return crdt.gcounter.increment(state, id, math.random(0, 5))
  end,
  pncounter = function(state, id)
    return crdt.pncounter.increment(state, id, math.random(-5, 5))
  end,
  register = function(state, id, time)
    return crdt.register.set(state, id, words[math.random(4)], time)
  end,
  map = function(state, id, time)
    local key = words[math.random(4)]
    if math.random(3) == 1 then
      return crdt.map.remove(state, id, key, time)
    end
    return crdt.map.set(state, id, key, math.random(100), time)
  end,
  orset = function(state, id)
    local item = words[math.random(4)]
    if math.random(2) == 1 then
      return crdt.orset.remove(state, item)
    end
    return crdt.orset.add(state, id, item)
  end,
}

local orders = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } }
local checks = 0

local function equal(a, b, what)
  a, b = json.encode(a), json.encode(b)
  if a ~= b then
    error(what .. ": " .. a .. " is not " .. b)
  end
  checks = checks + 1
end

for name, change in pairs(changes) do
  local kind = crdt[name]
  for history = 1, 200 do
    local states = { kind.new(), kind.new(), kind.new() }
    local plain = 0 -- what a counter must come to
    for step = 1, math.random(1, 30) do
      local who = math.random(3)
      if math.random(4) == 1 then
        states[who] = kind.merge(states[who], states[math.random(3)])
      else
        local before = name:find("counter") and kind.value(states[who]) or 0
        -- Times repeat and go back, as clocks of several schedulers do.
        states[who] = change(states[who], ids[who], math.random(1, 10) + step // 5)
        plain = plain + (name:find("counter") and kind.value(states[who]) or 0) - before
      end
      -- States travel as JSON.
      states[who] = json.decode(json.encode(states[who]))
    end
    local first
    for _, order in ipairs(orders) do
      local a, b, c = states[order[1]], states[order[2]], states[order[3]]
      local left, right = kind.merge(kind.merge(a, b), c), kind.merge(a, kind.merge(b, c))
      first = first or left
      equal(left, first, name .. " merged in another order")
      equal(right, first, name .. " merged in other groups")
      equal(kind.merge(left, left), first, name .. " merged with itself")
      equal(kind.merge(left, a), first, name .. " merged again with a part")
      equal(kind.value(left), kind.value(first), name .. ", its value")
    end
    if name:find("counter") then
      equal(kind.value(first), plain, name .. " lost or doubled a change")
    end
  end
end

-- An addition that a removal has not seen survives; one that it has seen does not come back.
local a = crdt.orset.add(crdt.orset.new(), "alice", "x")
local b = crdt.orset.remove(a, "x")
local c = crdt.orset.add(a, "carol", "x")
assert(not crdt.orset.has(crdt.orset.merge(a, b), "x"), "a removed item came back")
assert(crdt.orset.has(crdt.orset.merge(b, c), "x"), "an addition that the removal had not seen is lost")

return checks .. " checks"
