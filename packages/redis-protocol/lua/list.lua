--- A part of a page: the records of some indexes of these lines in one order, from behind a cursor on. It examines a bounded number, so it
--- may find none while there is more.
--- @flags no-writes
--- @keys meta records bodies results progress @lines
--- @args now indexes isDescending cursorScore cursorId floor limit examine task external skipsOverdue
--- @reply now, score and id of the last one examined (empty if none), 1 if there is more, how many were examined, records
--- @use clock line describe merge seek before

local refusal = clock(meta, now)
if refusal then return refusal end

if floor == 'now' then floor = NOW + 1 end
local descends = isDescending == '1'
local budget = tonumber(examine)
local most = tonumber(limit)

local function isListedBefore(a, b)
  if descends then return precedes(b, a) end
  return precedes(a, b)
end

--- The entries of an index from the cursor on.
local function entriesOf(key)
  local first = floor == '' and 0 or redis.call('ZCOUNT', key, '-inf', '(' .. floor)
  local behind = 0
  if descends then
    behind = cursorId == '' and redis.call('ZCARD', key) or rankOf(key, cursorScore, cursorId, false)
  elseif cursorId ~= '' then
    first = math.max(first, rankOf(key, cursorScore, cursorId, true))
  end
  local function read(at, count)
    local from, to = first + at, first + at + count - 1
    if descends then from, to = math.max(first, behind - at - count), behind - at - 1 end
    if from > to then return {} end
    local found = redis.call('ZRANGE', key, from, to, 'WITHSCORES')
    local entries = {}
    for i = 1, #found, 2 do
      local place = descends and (#found - i + 1) / 2 or (i + 1) / 2
      entries[place] = { id = found[i], score = tonumber(found[i + 1]), text = found[i + 1] }
    end
    return entries
  end
  return { read = read }
end

local function comesFirst(a, b)
  if descends then return isBefore(b, a) end
  return isBefore(a, b)
end

--- The ids that come next behind the cursor, one more than are wanted.
local function nextIds(ids)
  local near, furthest = {}, nil
  local function trim()
    table.sort(near, comesFirst)
    for at = #near, budget + 2, -1 do near[at] = nil end
    furthest = near[budget + 1]
  end
  for _, id in ipairs(ids) do
    if (cursorId == '' or comesFirst(cursorId, id)) and not (furthest and comesFirst(furthest, id)) then
      near[#near + 1] = id
      if #near > 4 * budget then trim() end
    end
  end
  trim()
  return near
end

--- Running records by id, because a heartbeat must not move a record under a cursor. They are few: as many as all workers hold.
local function runningOf(key)
  local ids = nextIds(redis.call('ZRANGE', key, 0, -1))
  local function read(at, count)
    local entries = {}
    for i = at + 1, math.min(#ids, at + count) do entries[#entries + 1] = { id = ids[i], score = 0, text = '0' } end
    return entries
  end
  return { read = read }
end

local sources = {}
for _, lineName in ipairs(LINE_NAMES) do
  for name in string.gmatch(indexes, '%S+') do
    local key = LINES[lineName][name]
    sources[#sources + 1] = NAME[STATUS.running] == name and runningOf(key) or entriesOf(key)
  end
end
local examined, isCut = firstOf(sources, budget, isListedBefore)
local ids = {}
for at, entry in ipairs(examined) do ids[at] = entry.id end
load(records, ids)

local function matches(id)
  local record = opened(id)
  if not record then return loaded(id) == false and task == '' and external ~= '1' end
  if task ~= '' and record.task ~= task then return false end
  if external ~= '' and (external == '1') ~= (record.ref ~= '') then return false end
  return not (skipsOverdue == '1' and isOverdue(record, NOW))
end

local shown, last, count = {}, nil, 0
for _, entry in ipairs(examined) do
  if #shown == most then break end
  if matches(entry.id) then
    if isFull(entry.id, bodies, results) then break end
    shown[#shown + 1] = entry.id
  end
  last = entry
  count = count + 1
end
loadBeats(shown)
local reports = readFields(progress, shown)
for at, id in ipairs(shown) do describe(id, loaded(id), bodies, results, reports[at]) end
local more = count < #examined or isCut
return reply(table.concat({ NOW, last and last.text .. ' ' .. framed(last.id) or '', more and '1' or '0', count, described() }, '\29'))
