--- Takes due records for a worker.
--- @use promote describe

--- Due scheduled records that one claim moves per line, and in all.
local MOST_PROMOTED = 500
local MOST_PROMOTED_IN_ALL = 1000
--- So far a claim looks behind what it took for more, past what is overdue.
local LOOK_AHEAD = 100

local TAKEN = {}
local EXPIRED = {}
--- Entries that were dealt with, taken or put out of the way.
local DONE = 0

local function precedes(a, b) return a.score < b.score or (a.score == b.score and a.id < b.id) end

--- The front of a line in execution order, as it is going to be after what this call has planned so far.
local function frontOf(line, want)
  local planned = INDEX[line.pending] or {}
  local stored = redis.call('ZRANGE', line.pending, 0, want - 1, 'WITHSCORES')
  local front = { isCut = #stored == want * 2, want = want }
  for at = 1, #stored, 2 do
    local id = stored[at]
    if planned[id] == nil then front[#front + 1] = { id = id, score = tonumber(stored[at + 1]), line = line } end
  end
  local before = #front
  for id, score in pairs(planned) do
    if score then front[#front + 1] = { id = id, score = score, line = line } end
  end
  if #front > before then table.sort(front, precedes) end
  return front
end

--- The candidates of all lines in the order in which they are taken, no more of a line than its limit.
local function chosenOf(lines, limit, isListed)
  local all = {}
  for _, line in ipairs(lines) do
    for at = 1, math.min(#line.front, line.left) do all[#all + 1] = line.front[at] end
  end
  if #lines > 1 and not isListed then table.sort(all, precedes) end
  local chosen, ids = {}, {}
  for at = 1, math.min(limit, #all) do
    chosen[at] = all[at]
    ids[at] = all[at].id
  end
  return chosen, ids
end

--- What the call is about: where it reads and writes, for whom, and how much it may take.
--- Whether the record is the worker's now. One that is overdue expires instead.
local function take(record, line, call)
  if isOverdue(record, NOW) then
    expireRecord(record, line, call.results, call.expired)
    EXPIRED[#EXPIRED + 1] = record.id
    return false
  end
  local at = math.max(instantOf(record), record.queued)
  if not isFresh(record) then drop(call.progress, record.id) end
  move(record, line, 'claim', STATUS.running, function()
    record.attempt = record.attempt + 1
    record.started = at
    record.beat = at
    record.worker = call.worker
  end)
  TAKEN[#TAKEN + 1] = record
  return true
end

--- The bytes that a record adds to the reply.
local function sizeOf(record, call)
  local size = #record.text
  if hasBodyAside(record) then size = size + redis.call('HSTRLEN', call.bodies, record.id) end
  return size
end

--- Takes what was chosen until the reply is full; drops entries that name no record or one that is elsewhere, quarantines the unreadable.
local function takeChosen(chosen, call)
  local bytes = 0
  for _, candidate in ipairs(chosen) do
    local id, line = candidate.id, candidate.line
    local record = LOADED[id]
    if record == false then
      quarantine(id, line)
      ended(id)
    elseif not record or record.status ~= STATUS.pending or record.ref ~= '' or record.line ~= line.name then
      dropEntry(line.pending, id)
    else
      bytes = bytes + sizeOf(record, call)
      if #TAKEN > 0 and bytes > call.maxBytes then return end
      if take(record, line, call) then line.left = line.left - 1 end
    end
    candidate.isDone = true
    DONE = DONE + 1
  end
end

local function isClaimable(id)
  local record = LOADED[id]
  return record and statusAt(record, NOW) == STATUS.pending and record.ref == '' and not isOverdue(record, NOW)
end

--- Whether a line has more to claim. Behind many that are overdue the answer is yes: they are work as well.
local function hasMore(line, records)
  local ids = {}
  for _, candidate in ipairs(line.front) do
    if not candidate.isDone and #ids < LOOK_AHEAD then ids[#ids + 1] = candidate.id end
  end
  for _, id in ipairs(line.due or {}) do ids[#ids + 1] = id end
  if ids[1] then load(records, { ids[1] }) end
  if ids[1] and isClaimable(ids[1]) then return true end
  if line.front.isCut and #ids < LOOK_AHEAD then
    local further = redis.call('ZRANGE', line.pending, line.front.want, line.front.want + LOOK_AHEAD - 1)
    for _, id in ipairs(further) do ids[#ids + 1] = id end
  end
  load(records, ids)
  for _, id in ipairs(ids) do
    if isClaimable(id) then return true end
  end
  return #ids >= LOOK_AHEAD or line.hasMoreDue
end

--- When the next record of a line falls due, as it is going to be; nil if none does.
local function nextDueOf(line)
  local first = redis.call('ZRANGE', line.scheduled, '(' .. NOW, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  local due = tonumber(first[2])
  for _, score in pairs(INDEX[line.scheduled] or {}) do
    if score and score > NOW and (not due or score < due) then due = score end
  end
  return due
end

--- Whether the claim could have had more, and when the next record of its lines falls due. Lines that have more are hinted again.
local function outlook(lines, records)
  local withMore, more, nextDue = {}, false, nil
  for _, line in ipairs(lines) do
    if hasMore(line, records) then
      withMore[#withMore + 1] = line
      more = more or line.left > 0
    end
    local due = nextDueOf(line)
    if due and (not nextDue or due < nextDue) then nextDue = due end
  end
  if more then
    for _, line in ipairs(withMore) do mark(line) end
  end
  return more, nextDue
end

--- Due records that this call does not move are more to claim all the same.
local function lookAtDue(lines)
  for _, line in ipairs(lines) do line.due = redis.call('ZRANGE', line.scheduled, '-inf', NOW, 'BYSCORE', 'LIMIT', 0, LOOK_AHEAD) end
end

--- A claim over lines. Each line has `left`, how much may be taken from it. Due records are moved once per turn, by its first part.
local function claimLines(lines, limit, call, isListed)
  local most = math.min(MOST_PROMOTED, math.ceil(MOST_PROMOTED_IN_ALL / math.max(1, #lines)))
  for _, line in ipairs(lines) do
    if limit > 0 and call.promotes then line.hasMoreDue = promote(call.records, line, most) end
    line.front = frontOf(line, math.min(line.left, limit) + 1)
  end
  if limit == 0 or not call.promotes then lookAtDue(lines) end
  if limit == 0 then return end
  local chosen, ids = chosenOf(lines, limit, isListed)
  load(call.records, ids)
  takeChosen(chosen, call)
end

--- A claim of named records: those that are due, also handed-over ones; the others are passed over.
local function claimIds(ids, call)
  load(call.records, ids)
  for _, id in ipairs(ids) do
    local record = opened(id)
    if record and statusAt(record, NOW) == STATUS.pending then
      local line = lineOf(record)
      if line then
        if record.status == STATUS.scheduled then move(record, line, 'promote', STATUS.pending) end
        take(record, line, call)
      end
    end
  end
end
