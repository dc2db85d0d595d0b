--- Plain text of a table, one entry a line.

local pretty = { _version = "0.0.1" }

local next, tostring, type, sort = next, tostring, type, table.sort

function pretty.tprint(object, indent)
  indent = indent or 0
  local keys, text = {}, ""
  for key in next, object do
    keys[#keys + 1] = key
  end
  sort(keys, function(a, b)
    if type(a) == "number" and type(b) == "number" then
      return a < b
    end
    return tostring(a) < tostring(b)
  end)
  for _, key in ipairs(keys) do
    local value = object[key]
    text = text .. (" "):rep(indent) .. tostring(key) .. ": "
    if type(value) == "table" then
      text = text .. "\n" .. pretty.tprint(value, indent + 1)
    else
      text = text .. tostring(value) .. "\n"
    end
  end
  return text
end

return pretty
