--- Those who wait for the end of a record are told when it ended or is gone.
--- @use plan

--- Ids that ended in this call.
local ENDED = {}

local function ended(id) ENDED[#ENDED + 1] = id end

--- Looks up who waits, once, before anything is written. `prefix` is that of the channels.
local function tellEnds(awaited, prefix)
  if #ENDED == 0 or redis.call('HLEN', awaited) == 0 then return end
  local byProducer = {}
  for from = 1, #ENDED, STEP do
    local some = {}
    for at = from, math.min(from + STEP - 1, #ENDED) do some[#some + 1] = ENDED[at] end
    for at, producers in ipairs(readFields(awaited, some)) do
      for producer in string.gmatch(producers or '', '%S+') do
        local ids = byProducer[producer] or {}
        ids[#ids + 1] = some[at]
        byProducer[producer] = ids
      end
    end
  end
  for producer, ids in pairs(byProducer) do publish(prefix .. 'done:' .. producer, table.concat(ids, ' ')) end
end
