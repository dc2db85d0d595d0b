-- A faucet: 10 tokens a day for each account.

Balances = Balances or {}
LastDrip = LastDrip or {}

local DAY = 24 * 60 * 60 * 1000

Handlers.add('Drip', function(msg)
  local last = LastDrip[msg.From]
  if last and msg.Timestamp - last < DAY then
    msg.reply({ Action = 'Refused', Data = 'Come back tomorrow' })
    return
  end
  LastDrip[msg.From] = msg.Timestamp
  Balances[msg.From] = (Balances[msg.From] or 0) + 10
  msg.reply({ Action = 'Credited', Data = tostring(Balances[msg.From]) })
end)

Handlers.add('Balance', function(msg)
  msg.reply({ Data = tostring(Balances[msg.Account or msg.From] or 0) })
end)
