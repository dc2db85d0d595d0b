// Samples with several processes: a pipeline, subscriptions, ping-pong.

const PIPELINE = `local json = require('json')

-- A stage squares numbers, the last one adds them up. Each gets the next process by a tag.
local STAGE = [[
  local json = require('json')
  Handlers.add('Process-Data', Handlers.utils.hasMatchingTag('Action', 'Process-Data'), function (msg)
    local squares = {}
    for index, number in ipairs(json.decode(msg.Data)) do squares[index] = number * number end
    ao.send({
      Target = msg.Tags['Next-Process'],
      Data = json.encode(squares),
      Tags = { { name = 'Action', value = 'Receive-Data' }, { name = 'Source', value = ao.id } },
    })
  end)
]]

Handlers.add('Receive-Data', Handlers.utils.hasMatchingTag('Action', 'Receive-Data'), function (msg)
  Sum = 0
  for _, number in ipairs(json.decode(msg.Data)) do Sum = Sum + number end
  print('Squares ' .. msg.Data .. ', sum ' .. Sum)
end)

Stage = Spawn(ao._module, { Name = 'Stage', Authority = ao.authorities[1] }).receive().Process
Send({ Target = Stage, Action = 'Eval', Data = STAGE })`

const FEED = `local json = require('json')

Send({
  Target = Stage,
  Action = 'Process-Data',
  ['Next-Process'] = ao.id,
  Data = json.encode({ 1, 2, 3, 4 }),
})`

const PUBLISHER = `Subscribers = Subscribers or {}

Handlers.add('Subscribe', Handlers.utils.hasMatchingTag('Action', 'Subscribe'), function (msg)
  local topic = msg.Tags.Topic
  Subscribers[topic] = Subscribers[topic] or {}
  table.insert(Subscribers[topic], msg.From)
  print(#Subscribers[topic] .. ' for ' .. topic)
  ao.send({ Target = msg.From, Data = 'Subscribed to ' .. topic })
end)

Handlers.add('Publish', Handlers.utils.hasMatchingTag('Action', 'Publish'), function (msg)
  for _, subscriber in ipairs(Subscribers[msg.Tags.Topic] or {}) do
    ao.send({
      Target = subscriber,
      Data = msg.Data,
      Tags = {
        { name = 'Action', value = 'News' },
        { name = 'Topic', value = msg.Tags.Topic },
        { name = 'Publisher', value = msg.From },
      },
    })
  end
end)

return 'Ready for subscribers'`

const SUBSCRIBERS = `for number = 1, 2 do
  local reader = Spawn(ao._module, { Name = 'Reader ' .. number, Authority = ao.authorities[1] }).receive().Process
  Send({ Target = reader, Action = 'Eval', Data = [[
    Handlers.add('News', Handlers.utils.hasMatchingTag('Action', 'News'), function (msg)
      News = msg.Data
      print(msg.Tags.Topic .. ': ' .. msg.Data)
    end)
    Send({ Target = ']] .. ao.id .. [[', Action = 'Subscribe', Topic = 'weather' })
  ]] })
end`

const PING_PONG = `Rounds = 3

Handlers.add('Pong', Handlers.utils.hasMatchingTag('Action', 'Pong'), function (msg)
  local round = tonumber(msg.Round)
  print('Round ' .. round .. ' came back')
  if round < Rounds then
    msg.reply({ Action = 'Ping', Round = tostring(round + 1) })
  end
end)

-- The other process answers each Ping with a Pong.
Handlers.once('Spawned', Handlers.utils.hasMatchingTag('Action', 'Spawned'), function (msg)
  Send({ Target = msg.Process, Action = 'Eval', Data = [[
    Handlers.add('Ping', Handlers.utils.hasMatchingTag('Action', 'Ping'), function (msg)
      msg.reply({ Action = 'Pong', Round = msg.Round })
    end)
  ]] })
  Send({ Target = msg.Process, Action = 'Ping', Round = '1' })
end)

Spawn(ao.env.Module.Id, { Name = 'Pong', Authority = ao.authorities[1] })
return 'Spawning Pong'`

export const NETWORKS = [
  {
    name: 'A pipeline',
    about: 'Data goes through another process and comes back.',
    steps: [
      ['Build it', PIPELINE],
      ['Feed it', FEED],
      ['Sum', 'return Sum']
    ]
  },
  {
    name: 'Subscriptions',
    about: 'Publish and subscribe: one message reaches every reader of a topic.',
    steps: [
      ['Define it', PUBLISHER],
      ['Spawn readers', SUBSCRIBERS],
      ['Publish', `Send({ Target = ao.id, Action = 'Publish', Topic = 'weather', Data = 'Sunny' })`]
    ]
  },
  {
    name: 'Ping-pong',
    about: 'Two processes send a message to and fro.',
    steps: [['Spawn and play', PING_PONG]]
  }
]
