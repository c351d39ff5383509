--- Which entries of one index, from a rank on, name no record or one that is elsewhere.
--- @flags allow-oom
--- @keys meta records queues @lines
--- @args now index from count repairs
--- @reply how many were examined, then per finding: code, id, the record's status or empty, 1 if it was mended
--- @use clock line move load frame

local refusal = clock(meta, now)
if refusal then return refusal end

local line = LINES[LINE_NAMES[1]]
local key = line[index]
local first = tonumber(from)
local entries = redis.call('ZRANGE', key, first, first + tonumber(count) - 1, 'WITHSCORES')
local ids = {}
for at = 1, #entries, 2 do ids[#ids + 1] = entries[at] end
load(records, ids)

local function isFiledHere(record, score)
  if record.line ~= line.name then return false end
  if index == 'held' then return isHeld(record) end
  if index == 'expiring' then return hasDeadline(record) and tonumber(record.expires) == score end
  if homeOf(record, line) ~= key then return false end
  return record.status == STATUS.running or scoreOf(record) == score
end

local found = {}
for at = 1, #entries, 2 do
  local id = entries[at]
  local record = opened(id)
  if loaded(id) ~= false and not (record and isFiledHere(record, tonumber(entries[at + 1]))) then
    if repairs == '1' then
      dropEntry(key, id)
      EMPTIED_LINES[line.name] = line
    end
    local shown = record and NAME[record.status] or ''
    found[#found + 1] = table.concat({ 'dangling_index', framed(id), shown, repairs }, '\31')
  end
end
commit(records, queues, meta)
return #entries / 2 .. '\29' .. table.concat(found, '\30')
