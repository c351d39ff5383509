--- Those who wait for the end of records.
--- @use read

--- Per producer the ids of those among these whose end it waits for, with a space between them; none if nobody waits for anything.
local function awaitedBy(awaited, ids)
  if #ids == 0 or redis.call('HLEN', awaited) == 0 then return {} end
  local byProducer, texts = {}, {}
  for at, producers in ipairs(readFields(awaited, ids)) do
    for producer in string.gmatch(producers or '', '%S+') do
      local own = byProducer[producer] or {}
      own[#own + 1] = ids[at]
      byProducer[producer] = own
    end
  end
  for producer, own in pairs(byProducer) do texts[producer] = table.concat(own, ' ') end
  return texts
end
