--- Ends what waits; what runs only when asked. Cancelling again is `ok`; what has ended otherwise refuses.
--- @flags allow-oom
--- @keys meta records results awaited queues @lines
--- @args now prefix includesRunning failure
--- @items ids
--- @reply a letter for outcome and status per id
--- @use clock line finish settle

local refusal = clock(meta, now)
if refusal then return refusal end

local ids = {}
for at = ITEM, #ARGV do ids[#ids + 1] = ARGV[at] end
load(records, ids)
loadBeats(ids)

local function cancel(id)
  local stored = loaded(id)
  if stored == nil then return 'm' end
  local record = opened(id)
  if not record then return 'r' end
  if record.status == STATUS.cancelled then return 'o' end
  if not FROM.cancel[record.status] then return 'r' end
  if record.status == STATUS.running and includesRunning ~= '1' then return 'r' end
  local line = lineOf(record)
  if line then cancelRecord(record, line, results, failure, prefix) end
  return 'o'
end

local letters = {}
for at, id in ipairs(ids) do letters[at] = cancel(id) .. statusLetter(id) end

local away = moved()
if away then return away end
storeChanges(records)
tellEnds(awaited, prefix)
commit(records, queues, meta)
return table.concat(letters)
