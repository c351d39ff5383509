--- One bounded step of a duty over some lines, the oldest first: takes silent runs back, expires what was not started in time, or removes
--- what finished, and keys whose window has ended since their record went. What it deals with leaves the indexes that it reads.
--- @flags allow-oom
--- @keys meta records bodies results keys keyexpiry progress logs awaited claims workers queues controls @lines
--- @args now prefix what age limit forgets stale poison expired statuses windows
--- @reply requeued, failed, handlerNeeded, expired, removed, 1 if the limit was reached, and how many were dealt with
--- @use clock line presence retire settle merge before pauses

local refusal = clock(meta, now)
if refusal then return refusal end
heedPauses(controls, LINE_NAMES)

local INDEXES = { stale = { NAME[STATUS.running], 'held' }, expired = { 'expiring' }, finished = {} }
for name in string.gmatch(statuses, '%S+') do table.insert(INDEXES.finished, name) end

--- What is not older than this is none of the duty's business.
local before = NOW - tonumber(age)
local reach = '(' .. before
local most = tonumber(limit)

--- Held ones that one step passes over per line: those behind them wait until their holders have let go.
local MOST_HELD = 1000

local function placesOf(line, index)
  local isMixed = index == NAME[STATUS.cancelled] and redis.call('ZCARD', line.held) > 0
  local function read(at, count)
    if at > most + MOST_HELD then return {} end
    local found = redis.call('ZRANGE', line[index], '-inf', reach, 'BYSCORE', 'LIMIT', at, count, 'WITHSCORES')
    local places, ids = {}, {}
    for i = 1, #found, 2 do
      places[#places + 1] = { id = found[i], score = tonumber(found[i + 1]), line = line, index = index }
      ids[#ids + 1] = found[i]
    end
    if not isMixed then return places end
    load(records, ids)
    for _, place in ipairs(places) do
      local record = loaded(place.id)
      place.passedOver = record and isHeld(record)
    end
    return places
  end
  return { read = read }
end

local sources = {}
for _, name in ipairs(LINE_NAMES) do
  for _, index in ipairs(INDEXES[what]) do sources[#sources + 1] = placesOf(LINES[name], index) end
end
local places, more = firstOf(sources, most, precedes)
local ids = {}
for at, place in ipairs(places) do ids[at] = place.id end
load(records, ids)
loadBeats(ids)

local requeued, failed, needed, overdue, removed = {}, {}, {}, {}, {}

local function recover(record, line)
  local at = instantOf(record)
  if record.requeue and record.recoveries < record.maxRecoveries then
    move(record, line, 'recover', STATUS.pending, function()
      unhold(record)
      record.recoveries = record.recoveries + 1
      record.queued = at
      record.scheduled = ''
    end)
    requeued[#requeued + 1] = record.id
    return
  end
  move(record, line, 'recover', STATUS.failed, function()
    record.completed = at
    record.worker = ''
    answer(record, results, record.requeue and record.maxRecoveries > 0 and poison or stale, '')
  end)
  ended(record.id)
  failed[#failed + 1] = record.id
  if not record.requeue then needed[#needed + 1] = record.id end
end

local DUTIES = {}

function DUTIES.stale(record, line)
  if isHeld(record) then letGo(record, line) else recover(record, line) end
end

function DUTIES.expired(record, line)
  expireRecord(record, line, results, expired)
  overdue[#overdue + 1] = record.id
end

--- Whether the index is one in which the record must be.
local function isFiledAt(record, place)
  if record.line ~= place.line.name then return false end
  if place.index == 'held' then return isHeld(record) end
  if place.index == 'expiring' then return hasDeadline(record) end
  return place.index == NAME[record.status]
end

local identities, taken = {}, {}
if what == 'finished' then
  for _, id in ipairs(ids) do
    local record = opened(id)
    local identity = record and identityOf(record)
    if identity then identities[#identities + 1] = identity end
  end
  for at, text in ipairs(readFields(keys, identities)) do taken[identities[at]] = text and reservationIn(text) or nil end
end
local stores = { records = records, bodies = bodies, results = results, keys = keys, keyexpiry = keyexpiry, progress = progress, logs = logs }

-- What this step takes back is still its holder's here.
if forgets == '1' then forgetUnseen(workers, claims, records, before) end
for _, place in ipairs(places) do
  local id, line = place.id, place.line
  local record = opened(id)
  local isUnreadable = loaded(id) == false
  if isUnreadable and what ~= 'finished' then
    quarantine(id, line)
    ended(id)
  elseif not isUnreadable and not (record and isFiledAt(record, place)) then
    dropEntry(line[place.index], id)
  elseif what == 'finished' then
    retire(id, line, stores, taken)
    removed[#removed + 1] = id
  else
    DUTIES[what](record, line)
  end
end

--- Keys that nothing else leads to, the longest ended first, as far as the limit goes. Answers how many.
local function forgetWindows()
  local left = most - #places
  CHECKED[keyexpiry] = true
  local ended = redis.call('ZRANGE', keyexpiry, '-inf', NOW, 'BYSCORE', 'LIMIT', 0, left + 1)
  if #ended > left then
    more = true
    ended[#ended] = nil
  end
  for at, text in ipairs(readFields(keys, ended)) do
    local found = text and reservationIn(text)
    if found and isOver(found) then drop(keys, ended[at]) end
    unlist(keyexpiry, ended[at])
  end
  return #ended
end
local forgotten = windows == '1' and not more and forgetWindows() or 0

storeChanges(records)
tellEnds(awaited, prefix)
for _, id in ipairs(removed) do drop(awaited, id) end
commit(records, queues, meta)
return table.concat({
  table.concat(requeued, ' '),
  table.concat(failed, ' '),
  table.concat(needed, ' '),
  table.concat(overdue, ' '),
  table.concat(removed, ' '),
  more and '1' or '0',
  #ids + forgotten,
}, '\29')
