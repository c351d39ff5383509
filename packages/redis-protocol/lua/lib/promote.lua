--- Brings due scheduled records into execution order.
--- @use finish

local function promoteOne(id, line)
  local record = opened(id)
  if record and record.status == STATUS.scheduled and record.line == line.name then
    move(record, line, 'promote', STATUS.pending)
  elseif loaded(id) == false then
    quarantine(id, line)
    ended(id)
  else
    dropEntry(line.scheduled, id)
  end
end

--- The longest due first, at most `most` of them. Answers whether there may be more.
local function promote(records, line, most)
  local due = redis.call('ZRANGE', line.scheduled, '-inf', NOW, 'BYSCORE', 'LIMIT', 0, most + 1)
  local hasMore = #due > most
  if hasMore then due[#due] = nil end
  for id, score in pairs(INDEX[line.scheduled] or {}) do
    if score and score <= NOW then due[#due + 1] = id end
  end
  load(records, due)
  for _, id in ipairs(due) do promoteOne(id, line) end
  return hasMore
end
