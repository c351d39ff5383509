--- Where a record is filed, and the only place that writes a status. The one definition of the indexes; audit follows it.
--- @use record plan order before

--- The index named for its status.
local function homeOf(record, line)
  if record.status == STATUS.pending and record.ref ~= '' then return line.external end
  return line[NAME[record.status]]
end

local function hasDeadline(record) return record.expires ~= '' and isFresh(record) and isQueued(record) end

--- Where a record is in its home. A running one by its heartbeat, which lies nowhere else. One whose end nobody wrote down has one all the same.
local function scoreOf(record)
  if record.status == STATUS.pending then return orderScore(record.queued, record.priority) end
  if record.status == STATUS.scheduled then return tonumber(record.scheduled) end
  if record.status == STATUS.running then return record.beat end
  if TERMINAL[record.status] then return tonumber(record.completed) or record.queued end
  return 0
end

--- Enters a record into every index in which it must be.
local function file(record, line)
  enter(homeOf(record, line), record.id, scoreOf(record))
  if hasDeadline(record) then enter(line.expiring, record.id, tonumber(record.expires)) end
  if isHeld(record) then enter(line.held, record.id, record.beat) end
end

local function unfile(record, line)
  leave(homeOf(record, line), record.id)
  if hasDeadline(record) then leave(line.expiring, record.id) end
  if isHeld(record) then leave(line.held, record.id) end
end

--- The first scheduled one of a line as it is going to be.
local function isNext(record, line)
  local first = redis.call('ZRANGE', line.scheduled, 0, 0, 'WITHSCORES')
  local due = tonumber(record.scheduled)
  if not first[1] or first[1] == record.id then return true end
  local planned = INDEX[line.scheduled]
  if planned and planned[first[1]] == false then return true end
  local score = tonumber(first[2])
  return due < score or (due == score and isBefore(record.id, first[1]))
end

--- Hints the line if the record can be claimed now, or if the line's next due time is now its own.
local function offer(record, line)
  if record.status == STATUS.pending and record.ref == '' then mark(line) end
  if record.status == STATUS.scheduled and isNext(record, line) then mark(line) end
end

--- A transition: takes the record out of its indexes, lets `change` alter it, and files it anew. Falling due is a fact, not an act:
--- a promoted record still tells what brought it here.
local function move(record, line, event, to, change)
  if not (FROM[event][record.status] and TO[event][to]) then error('the status table does not let ' .. event .. ' act so') end
  unfile(record, line)
  if change then change(record) end
  record.status = to
  if event ~= 'promote' then record.event = EVENT[event] end
  file(record, line)
  record.changed = true
  if event ~= 'promote' then offer(record, line) end
end

--- Anything but the status.
local function alter(record, from, to, change)
  unfile(record, from)
  change(record)
  file(record, to)
  record.changed = true
  offer(record, to)
end

--- The holder of a cancelled record let go of it: its key is free.
local function letGo(record, line)
  if not isHeld(record) then return end
  leave(line.held, record.id)
  record.worker = ''
  record.changed = true
end

--- A sign of life, which lies in the index alone: no record is rewritten for it.
local function beat(record, line, at)
  record.beat = at
  local key = isHeld(record) and line.held or line.running
  enter(key, record.id, at)
end

--- An entry that names no record, or one that is elsewhere.
local function dropEntry(key, id) leave(key, id) end

--- Where it was filed cannot be known from its text: it leaves all indexes of the line in which it was met.
local function unfileUnreadable(id, line)
  for _, name in ipairs(LINE_KEYS) do
    if name ~= 'wake' then leave(line[name], id) end
  end
end

--- A record that cannot be read is moved among the failed ones of the line in which it was met, its bytes as they are.
local function quarantine(id, line)
  unfileUnreadable(id, line)
  enter(line.failed, id, NOW)
end
