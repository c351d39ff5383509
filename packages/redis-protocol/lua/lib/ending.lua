--- Those who wait for the end of a record are told when it ended or is gone.
--- @use plan awaited

--- Ids that ended in this call.
local ENDED = {}

local function ended(id) ENDED[#ENDED + 1] = id end

--- Looks up who waits, once, before anything is written. `prefix` is that of the channels.
local function tellEnds(awaited, prefix)
  for producer, ids in pairs(awaitedBy(awaited, ENDED)) do publish(prefix .. 'done:' .. producer, ids) end
end
