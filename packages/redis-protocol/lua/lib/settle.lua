--- The end of an attempt.
--- @use finish log

--- What a record's last event is after each outcome: by this a resend is known.
local ENDS_WITH = {
  complete = { [EVENT.complete] = true },
  fail = { [EVENT.retry] = true, [EVENT.fail] = true },
  snooze = { [EVENT.snooze] = true },
  release = { [EVENT.release] = true },
}

local ENDS = {}

--- `shown` is the outcome as the record shows it, `large` its text if it lies aside.
function ENDS.complete(record, line, results, end_)
  local at = instantOf(record)
  move(record, line, 'complete', STATUS.completed, function()
    record.completed = at
    record.worker = ''
    answer(record, results, end_.shown, end_.large)
  end)
  ended(record.id)
end

--- Runs again while a retry is left and wanted.
function ENDS.fail(record, line, results, end_)
  local at = instantOf(record)
  local delay = tonumber(end_.ms)
  open(record)
  if not delay or record.retryCount >= record.maxRetries then
    move(record, line, 'fail', STATUS.failed, function()
      record.completed = at
      record.worker = ''
      answer(record, results, end_.shown, end_.large)
    end)
    ended(record.id)
    return
  end
  move(record, line, 'retry', delay > 0 and STATUS.scheduled or STATUS.pending, function()
    unhold(record)
    record.retryCount = record.retryCount + 1
    record.scheduled = delay > 0 and NOW + delay or ''
    record.queued = math.max(at, NOW + delay)
    answer(record, results, end_.shown, end_.large)
  end)
end

function ENDS.snooze(record, line, _, end_)
  local at = instantOf(record)
  local delay = tonumber(end_.ms)
  open(record)
  move(record, line, 'snooze', STATUS.scheduled, function()
    unhold(record)
    record.scheduled = NOW + delay
    record.queued = math.max(at, NOW + delay)
  end)
  if delay == 0 then mark(line) end
end

function ENDS.release(record, line)
  move(record, line, 'release', STATUS.pending, function() unhold(record) end)
end

--- The holder met a body or an outcome that it cannot read: it fails, as it is.
function ENDS.spoil(record, line)
  local at = instantOf(record)
  move(record, line, 'fail', STATUS.failed, function()
    record.completed = at
    record.worker = ''
  end)
  ended(record.id)
end

--- The same of one whose header scripts cannot read any further than to its holder: it is put aside where it is.
local function setAside(record, outcome)
  local line = outcome == 'spoil' and record.status == STATUS.running and lineOf(record)
  if not line then return 'l' end
  quarantine(record.id, line)
  ended(record.id)
  return 'o'
end

--- What the handler said on the way, and no sign of life has brought.
local function keepSaid(record, stores, end_)
  if end_.report and end_.report ~= '' then put(stores.progress, record.id, end_.report) end
  noteDown(record, stores.logs, end_.log or '')
end

--- Any other attempt's holder is `lost` and changes nothing; the same settlement again is `ok` again. A holder whose record was
--- cancelled is `refused`, and with that lets go of it.
local function settle(id, attempt, outcome, stores, end_)
  local record = loaded(id)
  if record == nil then return 'm' end
  if not record or not holds(record, attempt) then return 'l' end
  if not opened(id) then return setAside(record, outcome) end
  if record.status == STATUS.running then
    local line = lineOf(record)
    if line then
      keepSaid(record, stores, end_)
      ENDS[outcome](record, line, stores.results, end_)
    end
    return 'o'
  end
  if isUnfenced(attempt) then return 'r' end
  if ENDS_WITH[outcome] and ENDS_WITH[outcome][record.event] then return 'o' end
  if record.status ~= STATUS.cancelled then return 'l' end
  local line = lineOf(record)
  if line then
    if isHeld(record) then keepSaid(record, stores, end_) end
    letGo(record, line)
  end
  return 'r'
end

--- The letter of its status after the call, as a reader sees it; '-' if there is no record.
local function statusLetter(id)
  local record = loaded(id)
  if record == nil then return '-' end
  return record and statusAt(record, NOW) or STATUS.failed
end
