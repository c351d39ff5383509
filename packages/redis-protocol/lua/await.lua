--- Registers a producer for the ends of records, or takes it back. Nobody is registered for what does not exist.
--- @flags allow-oom
--- @keys meta records awaited queues
--- @args producer isWaiting
--- @items ids
--- @reply ids that have ended already, or that do not exist
--- @use clock load

local refusal = version(meta)
if refusal then return refusal end

local ids, over = {}, {}
for at = ITEM, #ARGV do ids[#ids + 1] = ARGV[at] end
load(records, ids)
local waiting = readFields(awaited, ids)

local function without(producers)
  local left = {}
  for one in string.gmatch(producers, '%S+') do
    if one ~= producer then left[#left + 1] = one end
  end
  return left
end

for at, id in ipairs(ids) do
  local record = loaded(id)
  if not record or TERMINAL[record.status] then over[#over + 1] = id end
  local left = without(waiting[at] or '')
  if isWaiting == '1' and record ~= nil then left[#left + 1] = producer end
  if #left > 0 then
    put(awaited, id, table.concat(left, ' '))
  elseif waiting[at] then
    drop(awaited, id)
  end
end
commit(records, queues, meta)
return table.concat(over, ' ')
