--- A part of a page: the records of some indexes of these lines in one order, from behind a cursor on. It examines a bounded number, so it
--- may find none while there is more.
--- @flags no-writes
--- @keys meta records bodies results progress @lines
--- @args now indexes isDescending cursorScore cursorId floor limit examine task external skipsOverdue
--- @reply now, score and id of the last one examined (empty if none), 1 if there is more, how many were examined, records
--- @use clock line describe seek

local refusal = clock(meta, now)
if refusal then return refusal end

if floor == 'now' then floor = NOW + 1 end
local descends = isDescending == '1'
local budget = tonumber(examine)
local most = tonumber(limit)

local function precedes(a, b)
  if descends then a, b = b, a end
  return a.score < b.score or (a.score == b.score and a.id < b.id)
end

--- The entries of an index from the cursor on; `isCut` if there may be more.
local function entriesOf(key, want)
  local found
  if descends then
    local behind = cursorId == '' and redis.call('ZCARD', key) or rankOf(key, cursorScore, cursorId, false)
    local first = floor == '' and 0 or redis.call('ZCOUNT', key, '-inf', '(' .. floor)
    if behind <= first then return { isCut = false } end
    found = redis.call('ZRANGE', key, math.max(first, behind - want), behind - 1, 'WITHSCORES')
  else
    local first = floor == '' and 0 or redis.call('ZCOUNT', key, '-inf', '(' .. floor)
    if cursorId ~= '' then first = math.max(first, rankOf(key, cursorScore, cursorId, true)) end
    found = redis.call('ZRANGE', key, first, first + want - 1, 'WITHSCORES')
  end
  local entries = { isCut = #found == want * 2 }
  for at = 1, #found, 2 do
    entries[#entries + 1] = { id = found[at], score = tonumber(found[at + 1]), text = found[at + 1] }
  end
  return entries
end

--- Running records by id, because a heartbeat must not move a record under a cursor. They are few: as many as all workers hold.
local function runningOf(key)
  local entries = { isCut = false }
  for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    local isBehind = cursorId == '' or (descends and id < cursorId) or (not descends and id > cursorId)
    if isBehind then entries[#entries + 1] = { id = id, score = 0, text = '0' } end
  end
  return entries
end

local names = {}
for name in string.gmatch(indexes, '%S+') do names[#names + 1] = name end
local want = math.max(2, math.ceil(2 * budget / math.max(1, #names * #LINE_NAMES)))
local all, sealedAt = {}, nil
for _, lineName in ipairs(LINE_NAMES) do
  for _, name in ipairs(names) do
    local key = LINES[lineName][name]
    local entries = NAME[STATUS.running] == name and runningOf(key) or entriesOf(key, want)
    for _, entry in ipairs(entries) do all[#all + 1] = entry end
    local last = nil
    for _, entry in ipairs(entries) do
      if not last or precedes(last, entry) then last = entry end
    end
    if entries.isCut and (not sealedAt or precedes(last, sealedAt)) then sealedAt = last end
  end
end
table.sort(all, precedes)

--- Nothing is known of what comes behind the end of a source that was cut.
local examined, ids = {}, {}
for _, entry in ipairs(all) do
  if #examined == budget or (sealedAt and precedes(sealedAt, entry)) then break end
  examined[#examined + 1] = entry
  ids[#ids + 1] = entry.id
end
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
  if matches(entry.id) then shown[#shown + 1] = entry.id end
  last = entry
  count = count + 1
end
loadBeats(shown)
local reports = readFields(progress, shown)
for at, id in ipairs(shown) do describe(id, loaded(id), bodies, results, reports[at]) end
local more = count < #all or (sealedAt and true or false)
return reply(table.concat({ NOW, last and last.text .. ' ' .. framed(last.id) or '', more and '1' or '0', count, described() }, '\29'))
