-- The patterns of AO's documentation in one process: balances, checkpoints, votes, a pipeline, subscriptions, roles, batches.

local matching = Handlers.utils.hasMatchingTag

State = State or {}
Balances = Balances or { [Owner] = 1000 }
Proposals = Proposals or {}
Subscribers = Subscribers or {}
Processed = Processed or {}
Roles = Roles or { [Owner] = "admin" }

local json = require("json")

local function answer(msg, data)
  ao.send({ Target = msg.From, Data = data })
end

Handlers.add("Initialize", matching("Action", "Initialize"), function(msg)
  local data = json.decode(msg.Data)
  State.owner, State.name, State.initialized = data.owner, data.name, true
  answer(msg, "initialized " .. State.name)
end)

Handlers.add("Credit", matching("Action", "Credit"), function(msg)
  local amount = tonumber(msg.Tags.Amount)
  Balances[msg.From] = (Balances[msg.From] or 0) + amount
  answer(msg, json.encode({ balance = Balances[msg.From] }))
end)

Handlers.add("Checkpoint", matching("Action", "Checkpoint"), function(msg)
  local text = json.encode({ name = State.name })
  ao.send({ Target = msg.From, Data = "saved", Tags = { { name = "Checkpoint-Data", value = text } } })
end)

local function validate(msg)
  local recipient, quantity = msg.Tags.Recipient, tonumber(msg.Tags.Quantity)
  if not recipient or recipient == "" then
    return false, "invalid recipient"
  elseif not quantity or quantity <= 0 then
    return false, "invalid quantity"
  elseif (Balances[msg.From] or 0) < quantity then
    return false, "insufficient balance"
  end
  return true
end

Handlers.add("Transfer", matching("Action", "Transfer"), function(msg)
  local ok, reason = validate(msg)
  if not ok then
    answer(msg, reason)
    return
  end
  local recipient, quantity = msg.Tags.Recipient, tonumber(msg.Tags.Quantity)
  Balances[msg.From] = Balances[msg.From] - quantity
  Balances[recipient] = (Balances[recipient] or 0) + quantity
  ao.send({ Target = msg.From, Data = "debit " .. quantity })
  ao.send({ Target = recipient, Data = "credit " .. quantity })
end)

Handlers.add("Propose", matching("Action", "Propose"), function(msg)
  Proposals[msg.Tags.Title] = { text = msg.Data, creator = msg.From, created = msg.Timestamp, votes = 0 }
  answer(msg, "proposed " .. msg.Tags.Title)
end)

Handlers.add("Vote", matching("Action", "Vote"), function(msg)
  local proposal = Proposals[msg.Tags.Title]
  proposal.votes = proposal.votes + 1
  answer(msg, msg.Tags.Title .. " has " .. proposal.votes)
end)

Handlers.add("Pipeline", matching("Action", "Process-Data"), function(msg)
  local list = json.decode(msg.Data)
  table.sort(list)
  ao.send({
    Target = msg.Tags["Next-Process"],
    Data = json.encode(list),
    Tags = { { name = "Action", value = "Received" }, { name = "Source", value = ao.id } },
  })
end)

Handlers.add("Subscribe", matching("Action", "Subscribe"), function(msg)
  local topic = msg.Tags.Topic
  Subscribers[topic] = Subscribers[topic] or {}
  table.insert(Subscribers[topic], msg.From)
end)

Handlers.add("Publish", matching("Action", "Publish"), function(msg)
  for _, subscriber in ipairs(Subscribers[msg.Tags.Topic] or {}) do
    ao.send({ Target = subscriber, Data = msg.Data, Tags = { { name = "Topic", value = msg.Tags.Topic } } })
  end
end)

Handlers.add("Safe", matching("Action", "Safe"), function(msg)
  local ok, reason = pcall(function()
    if not json.decode(msg.Data).field then
      error("missing field", 0)
    end
  end)
  answer(msg, ok and "safe" or "failed: " .. reason:gsub("%[.-%]:%d+: ", ""))
end)

Handlers.add("Admin", matching("Action", "Admin"), function(msg)
  answer(msg, Roles[msg.From] == "admin" and "welcome" or "access denied")
end)

Handlers.add("Batch", matching("Action", "Batch"), function(msg)
  local results = {}
  for index, transfer in ipairs(json.decode(msg.Data)) do
    table.insert(results, index .. ":" .. transfer.to .. ":" .. transfer.amount)
  end
  answer(msg, json.encode(results))
end)

Handlers.add("Once", matching("Action", "Once"), function(msg)
  if not Processed[msg.Tags.Key] then
    Processed[msg.Tags.Key] = true
    answer(msg, "done")
  end
end)

Handlers.add("Health", matching("Action", "Health"), function(msg)
  answer(msg, "healthy for " .. (msg.Timestamp - (StartTime or 1700000000000)))
end)

return #Handlers.list
