--- The records of these ids. Heartbeats of those that run lie in their lines, whose keys have to be declared.
--- @flags no-writes
--- @keys meta records bodies results progress @lines
--- @args now
--- @items ids
--- @reply now, then the records in the order of the ids, an empty text where there is none; only the first of them if they are large
--- @use clock line describe

local refusal = clock(meta, now)
if refusal then return refusal end

local ids = {}
for at = ITEM, #ARGV do ids[#ids + 1] = ARGV[at] end
load(records, ids)
loadBeats(ids)
local away = moved()
if away then return away end
local reports = readFields(progress, ids)
for at, id in ipairs(ids) do
  if isFull(id, bodies, results) then break end
  describe(id, loaded(id), bodies, results, reports[at])
end
return reply(NOW .. '\29' .. described())
