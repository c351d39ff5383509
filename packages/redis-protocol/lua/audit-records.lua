--- What is wrong with these records; with `repairs` what has one right answer is mended.
--- @flags allow-oom
--- @keys meta records keys keyexpiry queues controls @lines
--- @args now repairs
--- @items ids
--- @reply per finding: code, id, what it is about, 1 if it was mended
--- @use clock line finish reserve frame pauses

local refusal = clock(meta, now)
if refusal then return refusal end
heedPauses(controls, LINE_NAMES)

local ids = {}
for at = ITEM, #ARGV do ids[#ids + 1] = ARGV[at] end
load(records, ids)
loadBeats(ids)
local repair = repairs == '1'
local found = {}
-- Something else there would stop the look at the keys, which comes next, with half of what there is to mend done.
if repair then redis.call('ZCARD', keyexpiry) end

local function report(code, id, about, isMended) found[#found + 1] = table.concat({ code, framed(id), framed(about), isMended and '1' or '0' }, '\31') end

--- The indexes that do not list a record as they must.
local function missingFrom(record, line)
  local missing = {}
  local home = redis.call('ZSCORE', homeOf(record, line), record.id)
  local isRunning = record.status == STATUS.running
  if not home or (not isRunning and tonumber(home) ~= scoreOf(record)) then missing[1] = NAME[record.status] end
  if hasDeadline(record) and redis.call('ZSCORE', line.expiring, record.id) ~= record.expires then missing[#missing + 1] = 'expiring' end
  if isHeld(record) and not redis.call('ZSCORE', line.held, record.id) then missing[#missing + 1] = 'held' end
  return missing
end

local function inspectIndexes(record)
  local line = lineOf(record)
  if not line then return end
  local missing = missingFrom(record, line)
  if #missing == 0 then return end
  if repair then
    file(record, line)
    offer(record, line)
    SEEN_LINES[line.name] = true
  end
  report('unindexed_record', record.id, line.name .. ' ' .. table.concat(missing, ', '), repair)
end

local function inspectKey(record)
  local identity = identityOf(record)
  local hold = holdOf(record)
  if not identity or not holdsKey(record, hold) then return end
  local text = redis.call('HGET', keys, identity)
  local found = text and reservationIn(text)
  if found and found.id == record.id then return end
  if found then load(records, { found.id }) end
  local isFree = not (found and blocks(found))
  if repair and isFree then
    take({ keys = keys, keyexpiry = keyexpiry }, identity, { id = record.id, hold = hold, task = record.task }, found)
  end
  report('unheld_key', record.id, identity .. '\9' .. (found and found.id or text or ''), repair and isFree)
end

for _, id in ipairs(ids) do
  local record = opened(id)
  if record then
    inspectIndexes(record)
    inspectKey(record)
  elseif loaded(id) == false then
    report('corrupt_record', id, '', false)
  end
end
local away = moved()
if away then return away end
commit(records, queues, meta)
return table.concat(found, '\30')
