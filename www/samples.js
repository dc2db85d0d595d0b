// Lua samples. Each one is copied into the console, where the user can change and run it.

const COUNTER = `Counter = Counter or 0

Handlers.add('Increment', 'Increment', function (msg)
  Counter = Counter + (tonumber(msg.Quantity) or 1)
  msg.reply({ Action = 'Counted', Data = tostring(Counter) })
end)

return 'Counter is ' .. Counter`

const TOKEN = `Balances = Balances or { [Owner] = 1000 }

Handlers.add('Transfer', 'Transfer', function (msg)
  local quantity = tonumber(msg.Quantity) or 0
  local balance = Balances[msg.From] or 0
  if quantity <= 0 or balance < quantity then
    return msg.reply({ Action = 'Transfer-Error', Data = 'Insufficient balance' })
  end
  Balances[msg.From] = balance - quantity
  Balances[msg.Recipient] = (Balances[msg.Recipient] or 0) + quantity
  msg.reply({ Action = 'Debit-Notice', Recipient = msg.Recipient, Quantity = msg.Quantity })
  Send({ Target = msg.Recipient, Action = 'Credit-Notice', Sender = msg.From, Quantity = msg.Quantity })
end)

Handlers.add('Balance', 'Balance', function (msg)
  msg.reply({ Data = tostring(Balances[msg.Recipient or msg.From] or 0) })
end)

return Balances`

const TOKEN_SHARE = `-- This process gets something to spend.
Balances[Owner] = Balances[Owner] - 100
Balances[ao.id] = (Balances[ao.id] or 0) + 100
return Balances`

const PING_PONG = `Rounds = 3

Handlers.add('Pong', 'Pong', function (msg)
  local round = tonumber(msg.Round)
  print('Round ' .. round .. ' came back')
  if round < Rounds then
    msg.reply({ Action = 'Ping', Round = tostring(round + 1) })
  end
end)

-- The other process answers each Ping with a Pong.
Handlers.add('Spawned', 'Spawned', function (msg)
  Send({ Target = msg.Process, Action = 'Eval', Data = [[
    Handlers.add('Ping', 'Ping', function (msg)
      msg.reply({ Action = 'Pong', Round = msg.Round })
    end)
  ]] })
  Send({ Target = msg.Process, Action = 'Ping', Round = '1' })
end)

Spawn(ao.env.Module.Id, { Name = 'Pong', Authority = ao.authorities[1] })
return 'Spawning Pong'`

export const SAMPLES = [
  {
    name: 'A counter',
    steps: [
      ['Define it', COUNTER],
      ['Add five', `Send({ Target = ao.id, Action = 'Increment', Quantity = '5' })`],
      ['Read it', 'return Counter']
    ]
  },
  {
    name: 'A token',
    steps: [
      ['Define it', TOKEN],
      ['Share', TOKEN_SHARE],
      ['Transfer back', `Send({ Target = ao.id, Action = 'Transfer', Recipient = Owner, Quantity = '40' })`],
      ['Overdraw', `Send({ Target = ao.id, Action = 'Transfer', Recipient = Owner, Quantity = '4000' })`],
      ['Balances', 'return Balances']
    ]
  },
  { name: 'Ping-pong', steps: [['Spawn and play', PING_PONG]] },
  {
    name: 'More',
    steps: [
      ['The inbox', 'return #Inbox, Inbox[#Inbox]'],
      [
        'The handlers',
        `local names = {}\nfor _, handler in ipairs(Handlers.list) do table.insert(names, handler.name) end\nreturn names`
      ],
      ['An error', `error('thrown inside the process')`],
      ['An endless loop', `while true do end -- stopped when its gas is used up`]
    ]
  }
]
