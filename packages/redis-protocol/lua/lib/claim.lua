--- Takes due records for a worker.
--- @use promote direct describe outlook

--- Due scheduled records that one claim moves per line, and that one script moves in all.
local MOST_PROMOTED = 500
local MOST_PROMOTED_IN_ALL = 1000

--- What was taken: id and attempt of each.
local TAKEN = {}
local EXPIRED = {}
--- Entries that were dealt with, taken or put out of the way; of a claim by ids those that were looked at.
local DONE = 0
--- More due records have to be moved before anything can be taken in order.
local IS_HELD_UP = false

--- The candidates of all lines in the order in which they are taken, no more of a line than its limit, and whose they are.
local function chosenOf(lines, limit, isListed)
  local entries = {}
  for _, line in ipairs(lines) do
    local front = line.front
    front.offered = math.min(#front.ids, line.left)
    for at = 1, front.offered do
      entries[#entries + 1] = { id = front.ids[at], score = front.scores and front.scores[at], line = line }
    end
  end
  if #lines > 1 and not isListed then table.sort(entries, precedes) end
  local ids, owners = {}, {}
  for at = 1, math.min(limit, #entries) do
    ids[at] = entries[at].id
    owners[at] = entries[at].line
  end
  return ids, owners
end

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
  TAKEN[#TAKEN + 1] = record.id .. ' ' .. record.attempt
  describe(record.id, record, call.bodies, call.results, '')
  return true
end

--- Takes a candidate. One that cannot be taken is put out of the way: an entry of no record or of one that is elsewhere is dropped, an unreadable
--- one quarantined.
local function takeCandidate(id, line, call)
  local text, at = claimDirectly(id, line, call.worker)
  if text then
    TAKEN[#TAKEN + 1] = id .. ' 1'
    describeText(id, text, at)
    return true
  end
  local record = loaded(id)
  -- To let it expire, all of it has to be read.
  if record and isOverdue(record, NOW) then record = opened(id) or false end
  if record == false then
    quarantine(id, line)
    ended(id)
    return false
  end
  if not record or record.status ~= STATUS.pending or record.ref ~= '' or record.line ~= line.name then
    dropEntry(line.pending, id)
    return false
  end
  return take(record, line, call)
end

--- Whether a line would have more to offer where one of its own could not be taken: who follows in the order is not known then.
local function isShort(line)
  local front = line.front
  return front.done == front.offered and line.left > 0 and (front.isCut or front.done < #front.ids)
end

--- Takes what was chosen until the reply is full.
local function takeChosen(ids, owners, call)
  local bytes = 0
  for at, id in ipairs(ids) do
    local line = owners[at]
    bytes = bytes + sizeOf(id, call.bodies, call.results)
    if #TAKEN > 0 and bytes > call.maxBytes then return end
    if takeCandidate(id, line, call) then line.left = line.left - 1 end
    line.front.done = line.front.done + 1
    DONE = DONE + 1
    if isShort(line) then return end
  end
end

--- A claim over lines. Each line has `left`, how much may be taken from it. Due records are moved once per turn, by its first part; where there
--- are more of them than one script moves, that part takes nothing.
local function claimLines(lines, limit, call, isListed)
  local most = math.min(MOST_PROMOTED, math.ceil(MOST_PROMOTED_IN_ALL / math.max(1, #lines)))
  local promotes = limit > 0 and call.promotes
  for _, line in ipairs(lines) do
    startClaims(line)
    if promotes then line.hasMoreDue = promote(call.records, line, most) end
    if line.hasMoreDue and most < MOST_PROMOTED then IS_HELD_UP = true end
    line.front = frontOf(line, math.min(line.left, limit) + 1, #lines > 1 and not isListed)
  end
  if not promotes then lookAtDue(lines) end
  if limit == 0 or IS_HELD_UP then return end
  local ids, owners = chosenOf(lines, limit, isListed)
  load(call.records, ids)
  takeChosen(ids, owners, call)
end

--- A claim of named records until the reply is full: those that are due and not paused, also handed-over ones; the others are passed over.
local function claimIds(ids, call)
  load(call.records, ids)
  local bytes = 0
  for _, id in ipairs(ids) do
    local record = opened(id)
    local isPaused = record and PAUSED_LINES[record.line]
    if record and not isPaused and statusAt(record, NOW) == STATUS.pending then
      bytes = bytes + sizeOf(id, call.bodies, call.results)
      if #TAKEN > 0 and bytes > call.maxBytes then return end
      local line = lineOf(record)
      if line then
        if record.status == STATUS.scheduled then move(record, line, 'promote', STATUS.pending) end
        take(record, line, call)
      end
    end
    DONE = DONE + 1
  end
end
