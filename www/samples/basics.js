// Samples for the first minutes: a counter, a token, and small things to try.

const COUNTER = `Counter = Counter or 0

Handlers.add('Increment', Handlers.utils.hasMatchingTag('Action', 'Increment'), function (msg)
  Counter = Counter + (tonumber(msg.Tags.Quantity) or 1)
  msg.reply({ Action = 'Counted', Data = tostring(Counter) })
end)

return 'Counter is ' .. Counter`

const TOKEN = `Name = 'MyToken'
Ticker = 'MTK'
Balances = Balances or { [Owner] = 1000 }

-- Says what is wrong with a transfer, or nothing.
local function problemOf(msg)
  local quantity = math.tointeger(tonumber(msg.Tags.Quantity))
  if not msg.Tags.Recipient then return 'Invalid recipient' end
  if not quantity or quantity <= 0 then return 'Invalid quantity' end
  if (Balances[msg.From] or 0) < quantity then return 'Insufficient balance' end
end

Handlers.add('Transfer', Handlers.utils.hasMatchingTag('Action', 'Transfer'), function (msg)
  local problem = problemOf(msg)
  if problem then
    ao.send({ Target = msg.From, Action = 'Transfer-Error', Data = problem })
    return
  end
  local quantity, recipient = math.tointeger(tonumber(msg.Tags.Quantity)), msg.Tags.Recipient
  Balances[msg.From] = Balances[msg.From] - quantity
  Balances[recipient] = (Balances[recipient] or 0) + quantity
  ao.send({ Target = msg.From, Action = 'Debit-Notice', Quantity = msg.Tags.Quantity })
  ao.send({ Target = recipient, Action = 'Credit-Notice', Quantity = msg.Tags.Quantity })
end)

Handlers.add('Balance', Handlers.utils.hasMatchingTag('Action', 'Balance'), function (msg)
  local account = msg.Tags.Recipient or msg.From
  msg.reply({ Action = 'Balance-Notice', Data = tostring(Balances[account] or 0) })
end)

return Balances`

const TOKEN_SHARE = `-- This process gets something to spend.
Balances[Owner] = Balances[Owner] - 100
Balances[ao.id] = (Balances[ao.id] or 0) + 100
return Balances`

const HANDLERS = `local names = {}
for _, handler in ipairs(Handlers.list) do table.insert(names, handler.name) end
return names`

const SAFE = `local json = require('json')

-- pcall turns the error into an answer.
local ok, reason = pcall(function ()
  local data = json.decode('{ "other": 1 }')
  if not data.required then error('Missing required field') end
end)
return ok and 'no error' or 'Caught: ' .. reason`

export const BASICS = [
  {
    name: 'A counter',
    about: 'A handler adds to a variable of the process.',
    steps: [
      ['Define it', COUNTER],
      ['Add five', `Send({ Target = ao.id, Action = 'Increment', Quantity = '5' })`],
      ['Read it', 'return Counter']
    ]
  },
  {
    name: 'A token',
    about: 'Balances, transfers that are checked, and notices to both sides.',
    steps: [
      ['Define it', TOKEN],
      ['Share', TOKEN_SHARE],
      ['Transfer back', `Send({ Target = ao.id, Action = 'Transfer', Recipient = Owner, Quantity = '40' })`],
      ['Overdraw', `Send({ Target = ao.id, Action = 'Transfer', Recipient = Owner, Quantity = '4000' })`],
      ['Balances', 'return Balances']
    ]
  }
]

export const MORE = {
  name: 'More',
  about: 'Things to try in any process.',
  steps: [
    ['The inbox', 'return { count = #Inbox, last = Inbox[#Inbox] }'],
    ['The handlers', HANDLERS],
    ['The ao object', 'return ao'],
    ['A caught error', SAFE],
    ['An error', `error('thrown inside the process')`],
    ['An endless loop', `while true do end -- stopped when its gas is used up`]
  ]
}
