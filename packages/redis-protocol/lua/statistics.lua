--- Counts of every line at one instant, and since when its longest waiting due record has been due. Counts are sizes, never kept by hand. Where
--- that is too much for one script, only the first lines are counted.
--- @flags no-writes
--- @keys meta records workers controls @lines
--- @args now queue
--- @reply now, then per line: the counts as in COUNTED, how many scheduled ones are due, the oldest due time or empty, p if it is paused; then workers with what they said; then, if anything is paused, whether everything is and whether the queue asked for is
--- @use clock line move load frame pauses

local refusal = clock(meta, now)
if refusal then return refusal end

local looked = { queue }
for at, name in ipairs(LINE_NAMES) do looked[at + 1] = name end
heedPauses(controls, looked)

local COUNTED = {
  NAME[STATUS.waiting],
  NAME[STATUS.pending],
  'external',
  NAME[STATUS.scheduled],
  NAME[STATUS.running],
  NAME[STATUS.completed],
  NAME[STATUS.failed],
  NAME[STATUS.cancelled],
  NAME[STATUS.expired],
}

--- Records that one script asks for their age, but for those of the line with which it reaches so many.
local MOST_ASKED = 500
local asked = 0

--- The first of each priority is its oldest: behind it the next one of another priority follows the last instant that can be due by now.
local function oldestOfEach(key)
  local oldest = nil
  local from = '-inf'
  while true do
    local first = redis.call('ZRANGE', key, from, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
    if not first[1] then return oldest end
    load(records, { first[1] })
    asked = asked + 1
    local record = loaded(first[1])
    local last = tonumber(first[2])
    if record then
      if not oldest or record.queued < oldest then oldest = record.queued end
      last = math.max(last, NOW - (tonumber(record.priority) or 0) * STRICT_STEP)
    end
    from = '(' .. string.format('%.0f', last)
  end
end

--- So many at the front are asked where priorities age: these lie among each other then, and only a walk past all would find the oldest.
local MOST_AGED = 50

local function oldestAtFront(key)
  local oldest = nil
  local ids = redis.call('ZRANGE', key, 0, MOST_AGED - 1)
  load(records, ids)
  asked = asked + #ids
  for _, id in ipairs(ids) do
    local record = loaded(id)
    if record and (not oldest or record.queued < oldest) then oldest = record.queued end
  end
  return oldest
end

local oldestIn = priorityStep() < STRICT_STEP and oldestAtFront or oldestOfEach

local function oldestOf(line)
  local oldest = nil
  for _, key in ipairs({ line.pending, line.external }) do
    local queued = oldestIn(key)
    if queued and (not oldest or queued < oldest) then oldest = queued end
  end
  local due = tonumber(redis.call('ZRANGE', line.scheduled, '-inf', NOW, 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')[2])
  if due and (not oldest or due < oldest) then oldest = due end
  return oldest or ''
end

local lines = {}
for at, name in ipairs(LINE_NAMES) do
  if asked >= MOST_ASKED then break end
  local line = LINES[name]
  local numbers = {}
  for _, index in ipairs(COUNTED) do numbers[#numbers + 1] = redis.call('ZCARD', line[index]) end
  numbers[#numbers + 1] = redis.call('ZCOUNT', line.scheduled, '-inf', NOW)
  numbers[#numbers + 1] = oldestOf(line)
  if PAUSED_LINES[name] then numbers[#numbers + 1] = 'p' end
  lines[at] = table.concat(numbers, ' ')
end
local registered = redis.call('HGETALL', workers)
for at, word in ipairs(registered) do registered[at] = framed(word) end
local counted = NOW .. '\29' .. table.concat(lines, '\30') .. '\29' .. table.concat(registered, '\30')
if not HAS_PAUSES then return counted end
return counted .. '\29' .. (IS_ALL_PAUSED and 'p' or '') .. '\29' .. (PAUSED_LINES[queue] and 'p' or '')
