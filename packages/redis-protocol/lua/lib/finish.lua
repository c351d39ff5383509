--- Ends without an attempt: cancelled or expired.
--- @use move load answer ending

--- Back in line: nobody holds it, here or elsewhere.
local function unhold(record)
  record.started = ''
  record.worker = ''
  record.ref = ''
  record.beat = nil
end

--- A holder that lives keeps the record, and with it the key, until it lets go; it is told by `prefix`'s control channel.
local function cancelRecord(record, line, results, failure, prefix)
  local at = instantOf(record)
  local isDead = record.status == STATUS.running and record.beat == DEAD
  move(record, line, 'cancel', STATUS.cancelled, function()
    record.completed = at
    if isDead then record.worker = '' end
    answer(record, results, failure, '')
  end)
  ended(record.id)
  if record.worker ~= '' then publish(prefix .. 'ctl:' .. record.worker, '') end
end

local function expireRecord(record, line, results, failure)
  local at = instantOf(record)
  move(record, line, 'expire', STATUS.expired, function()
    record.completed = at
    answer(record, results, failure, '')
  end)
  ended(record.id)
end
