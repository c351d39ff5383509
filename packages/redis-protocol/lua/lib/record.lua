--- A packed record: a header of tab-separated fields, a line with the outcome, and the body, which no script looks into.
--- No value contains a control character, because all of them are JSON text or escaped like it. Fields that a later version has put at the
--- end of the header are kept as they are.
--- @use status fence

--- Fields that nearly every script needs come first; `rest` stays as it is until `open` takes it apart.
local HEAD = '^(%a)(%a)\t(%d+)\t(%d*)\t(%d*)\t([^%z\1-\31]*)\t(%d+)\t(%d*)\t([^%z\1-\31]*)\t([^%z\1-\31]*)\t(%-?%d*)\t()'
local TAIL = '^(%d*)\t(%d*)\t(%d*)\t(%d*)\t(%d*)\t(0?)\t(%d*)\t(%d*)\t(r?)\t([^%z\1-\31]+)\t([^%z\1-\31]*)\t([^%z\1-\31]*)\t([^%z\1-\31]*)\t([^%z\1-\31]*)([^%z\1-\8\10-\31]*)\n([^\n]*)\n()'
local DEFAULT_LINE = 'default|local'
local DEFAULT_RECOVERIES = 3
--- Of a priority, with its sign.
local MOST_DIGITS = 5

local NEWLINE = 10

--- Whether the body of a record is not in its text.
local function liesAside(text) return string.byte(text, -1) == NEWLINE end

--- nil for text that cannot be read.
local function parse(id, text)
  local status, event, attempt, started, completed, worker, queued, expires, ref, line, priority, at = string.match(text, HEAD)
  if not status or not NAME[status] or #priority > MOST_DIGITS then return nil end
  if line ~= '' and not string.find(line, '|', 1, true) then return nil end
  return {
    id = id,
    text = text,
    at = at,
    status = status,
    event = event,
    attempt = tonumber(attempt),
    started = started,
    completed = completed,
    worker = worker,
    queued = tonumber(queued),
    expires = expires,
    priority = priority,
    ref = ref,
    line = line == '' and DEFAULT_LINE or line,
  }
end

--- Takes the rest of the header apart, once. False if it cannot be read.
local function open(record)
  if record.task then return true end
  local created, maxRetries, retryCount, maxRecoveries, recoveries, requeue, replays, scheduled, outcome, task, key, profile, group, parent, further, answer, at =
    string.match(string.sub(record.text, record.at), TAIL)
  if not created or (record.status == STATUS.scheduled and scheduled == '') then return false end
  record.created = created == '' and record.queued or tonumber(created)
  record.maxRetries = tonumber(maxRetries) or 0
  record.retryCount = tonumber(retryCount) or 0
  record.maxRecoveries = tonumber(maxRecoveries) or DEFAULT_RECOVERIES
  record.recoveries = tonumber(recoveries) or 0
  record.requeue = requeue ~= '0'
  record.replays = tonumber(replays) or 0
  record.scheduled = scheduled
  record.replaced = outcome
  record.task = task
  record.key = key
  record.profile = profile
  record.group = group
  record.parent = parent
  record.further = further
  if not record.answer then record.answer = answer end
  record.body = string.sub(record.text, record.at + at - 1)
  return true
end

local function orEmpty(number, default)
  if number == default then return '' end
  return number
end

local function headOf(record)
  return record.status .. record.event .. '\t' .. record.attempt .. '\t' .. record.started .. '\t' .. record.completed .. '\t'
    .. record.worker .. '\t' .. record.queued .. '\t' .. record.expires .. '\t' .. record.ref .. '\t'
    .. orEmpty(record.line, DEFAULT_LINE) .. '\t' .. record.priority .. '\t'
end

local function tailOf(record)
  return orEmpty(record.created, record.queued) .. '\t' .. orEmpty(record.maxRetries, 0) .. '\t' .. orEmpty(record.retryCount, 0) .. '\t'
    .. orEmpty(record.maxRecoveries, DEFAULT_RECOVERIES) .. '\t' .. orEmpty(record.recoveries, 0) .. '\t' .. (record.requeue and '' or '0')
    .. '\t' .. orEmpty(record.replays, 0) .. '\t' .. record.scheduled .. '\t' .. record.replaced .. '\t' .. record.task .. '\t'
    .. record.key .. '\t' .. record.profile .. '\t' .. record.group .. '\t' .. record.parent .. record.further .. '\n' .. record.answer .. '\n' .. record.body
end

--- The text to store. `record.answer` is the outcome: '' none, 'r...' a result, 'e...' an error, 'R' or 'E' where it lies in `results`.
local function build(record)
  if record.task then return headOf(record) .. tailOf(record) end
  if not record.answer then return headOf(record) .. string.sub(record.text, record.at) end
  local first = string.find(record.text, '\n', record.at, true)
  local second = string.find(record.text, '\n', first + 1, true)
  return headOf(record) .. string.sub(record.text, record.at, first) .. record.answer .. string.sub(record.text, second)
end

--- The outcome as it is stored; nil if the text ends before it.
local function answerOf(record)
  if record.answer then return record.answer end
  local first = string.find(record.text, '\n', record.at, true)
  local second = first and string.find(record.text, '\n', first + 1, true)
  return second and string.sub(record.text, first + 1, second - 1)
end

--- As a reader sees it: a scheduled record that is due is pending.
local function statusAt(record, now)
  if record.status ~= STATUS.scheduled then return record.status end
  if not open(record) then return record.status end
  local due = tonumber(record.scheduled)
  return due and due <= now and STATUS.pending or record.status
end

--- Cancelled while it ran, and its holder has not let go of it yet.
local function isHeld(record) return record.status == STATUS.cancelled and record.worker ~= '' end

local function isActive(record) return not TERMINAL[record.status] or isHeld(record) end

local function isQueued(record) return not TERMINAL[record.status] and record.status ~= STATUS.running end

--- Too late to start for the first time.
local function isOverdue(record, now)
  return record.expires ~= '' and isFresh(record) and isQueued(record) and now > tonumber(record.expires)
end
