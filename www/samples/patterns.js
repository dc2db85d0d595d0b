// Samples of handlers in one process: votes, roles, batches, requests that count once, health.

const VOTES = `local json = require('json')

Proposals = Proposals or {}

Handlers.add('Create-Proposal', Handlers.utils.hasMatchingTag('Action', 'Create-Proposal'), function (msg)
  Proposals[msg.Tags.Title] = { description = msg.Data, creator = msg.From, created = msg.Timestamp, votes = {} }
  ao.send({ Target = msg.From, Data = 'Proposal created: ' .. msg.Tags.Title })
end)

-- An address has one vote. It can change its mind.
Handlers.add('Vote', Handlers.utils.hasMatchingTag('Action', 'Vote'), function (msg)
  local proposal = Proposals[msg.Tags.Title]
  if not proposal then
    ao.send({ Target = msg.From, Data = 'There is no such proposal' })
    return
  end
  proposal.votes[msg.From] = msg.Tags.Side
  local count = { yes = 0, no = 0 }
  for _, side in pairs(proposal.votes) do
    if count[side] then count[side] = count[side] + 1 end
  end
  proposal.yes, proposal.no = count.yes, count.no
  print(msg.Tags.Title .. ': ' .. count.yes .. ' for, ' .. count.no .. ' against')
end)

Handlers.add('Tally', Handlers.utils.hasMatchingTag('Action', 'Tally'), function (msg)
  local proposal = Proposals[msg.Tags.Title]
  ao.send({ Target = msg.From, Data = json.encode({ yes = proposal.yes, no = proposal.no }) })
end)

return 'Ready for proposals'`

const VOTERS = `-- Two more processes vote. Spawn(…).receive() waits for the new process.
for _, side in ipairs({ 'yes', 'no' }) do
  local voter = Spawn(ao._module, { Name = 'Votes ' .. side, Authority = ao.authorities[1] }).receive().Process
  local vote = "Send({ Target = '" .. ao.id .. "', Action = 'Vote', Title = 'Colour', Side = '" .. side .. "' })"
  Send({ Target = voter, Action = 'Eval', Data = vote })
end`

const ROLES = `Roles = Roles or { [Owner] = 'admin' }
Settings = Settings or {}

local function hasRole(address, role)
  return Roles[address] == role
end

Handlers.add('Set', Handlers.utils.hasMatchingTag('Action', 'Set'), function (msg)
  if not hasRole(msg.From, 'admin') then
    print('Access denied: Admin role required')
    ao.send({ Target = msg.From, Data = 'Access denied: Admin role required' })
    return
  end
  Settings[msg.Tags.Key] = msg.Data
  print(msg.Tags.Key .. ' is ' .. msg.Data)
end)

return Roles`

const BATCH = `local json = require('json')

Balances = { [ao.id] = 100 }

-- Why a transfer is refused, or nothing when it was made.
local function executeTransfer(from, to, amount)
  if type(to) ~= 'string' or math.type(amount) ~= 'integer' or amount <= 0 then return 'invalid' end
  if (Balances[from] or 0) < amount then return 'insufficient balance' end
  Balances[from] = Balances[from] - amount
  Balances[to] = (Balances[to] or 0) + amount
end

Handlers.add('Batch-Transfer', Handlers.utils.hasMatchingTag('Action', 'Batch-Transfer'), function (msg)
  local results = {}
  for index, transfer in ipairs(json.decode(msg.Data)) do
    local problem = executeTransfer(msg.From, transfer.to, transfer.amount)
    table.insert(results, { index = index, success = not problem, reason = problem })
    print(index .. ' to ' .. tostring(transfer.to) .. ': ' .. (problem or 'done'))
  end
  ao.send({ Target = msg.From, Action = 'Batch-Result', Data = json.encode(results) })
end)

return Balances`

const BATCH_SEND = `local json = require('json')

Send({
  Target = ao.id,
  Action = 'Batch-Transfer',
  Data = json.encode({
    { to = 'alice', amount = 30 },
    { to = 'bob', amount = 50 },
    { to = 'carol', amount = 40 },
    { to = 'dave', amount = -1 },
  }),
})`

const ONCE = `Total = Total or 0
ProcessedRequests = ProcessedRequests or {}

-- A sender that got no answer sends its request again. It counts once.
Handlers.add('Deposit', Handlers.utils.hasMatchingTag('Action', 'Deposit'), function (msg)
  local request = msg.Tags['Request-Id']
  if ProcessedRequests[request] then
    print('Request ' .. request .. ' was processed before')
    return
  end
  Total = Total + math.tointeger(tonumber(msg.Tags.Amount))
  ProcessedRequests[request] = msg.Timestamp
  print('Total is ' .. Total)
end)

return 'Total is ' .. Total`

const HEALTH = `local json = require('json')

StartTime = StartTime or os.time()
MessageCount = MessageCount or 0

-- Counts each message and lets the next handler have it.
Handlers.prepend('Activity', function () return 'continue' end, function (msg)
  MessageCount = MessageCount + 1
  LastActivity = msg.Timestamp
end)

Handlers.add('Health-Check', Handlers.utils.hasMatchingTag('Action', 'Health-Check'), function (msg)
  local health = {
    status = #Errors == 0 and 'healthy' or 'degraded',
    uptime = msg.Timestamp - StartTime,
    messages = MessageCount,
    inbox = #Inbox,
  }
  print(health.status .. ' after ' .. health.messages .. ' messages')
  ao.send({ Target = msg.From, Action = 'Health', Data = json.encode(health) })
end)

return 'Watching'`

const vote = (side) => `Send({ Target = ao.id, Action = 'Vote', Title = 'Colour', Side = '${side}' })`
const deposit = (id) => `Send({ Target = ao.id, Action = 'Deposit', ['Request-Id'] = '${id}', Amount = '25' })`
const set = `Send({ Target = ao.id, Action = 'Set', Key = 'Colour', Data = 'rust' })`

export const PATTERNS = [
  {
    name: 'Votes',
    about: 'Proposals, and one vote for each address.',
    steps: [
      ['Define it', VOTES],
      [
        'Propose',
        `Send({ Target = ao.id, Action = 'Create-Proposal', Title = 'Colour', Data = 'Rust for all pages' })`
      ],
      ['Vote', vote('yes')],
      ['Spawn voters', VOTERS],
      ['Change the vote', vote('no')],
      ['Result', `return Proposals['Colour']`]
    ]
  },
  {
    name: 'Roles',
    about: 'A handler that only an admin may use.',
    steps: [
      ['Define it', ROLES],
      ['Try', set],
      ['Grant the role', `Roles[ao.id] = 'admin'\nreturn Roles`],
      ['Try again', set],
      ['Settings', 'return Settings']
    ]
  },
  {
    name: 'A batch',
    about: 'Many transfers in one message, with a result for each.',
    steps: [
      ['Define it', BATCH],
      ['Send a batch', BATCH_SEND],
      ['Balances', 'return Balances']
    ]
  },
  {
    name: 'Once only',
    about: 'Idempotence: the same request counts once.',
    steps: [
      ['Define it', ONCE],
      ['Deposit', deposit('a1')],
      ['The same again', deposit('a1')],
      ['Another', deposit('a2')],
      ['Total', 'return Total']
    ]
  },
  {
    name: 'Health',
    about: 'The process counts its messages and says how it is.',
    steps: [
      ['Define it', HEALTH],
      ['Check', `Send({ Target = ao.id, Action = 'Health-Check' })`]
    ]
  }
]
