--- What a claim leaves behind: whether there is more, and when the next record falls due.
--- @use front

--- So far a claim looks behind what it took for more, past what is overdue.
local LOOK_AHEAD = 100

local function isClaimable(id)
  local record = loaded(id)
  return record and statusAt(record, NOW) == STATUS.pending and record.ref == '' and not isOverdue(record, NOW)
end

--- What a line's front still holds, up to where this call looks, and what is due but was not moved.
local function restOf(line)
  local ids, front = {}, line.front
  for at = front.done + 1, math.min(#front.ids, front.done + LOOK_AHEAD) do ids[#ids + 1] = front.ids[at] end
  for _, id in ipairs(line.due or {}) do ids[#ids + 1] = id end
  return ids
end

--- Whether a line has more to claim. Behind many that are overdue the answer is yes: they are work as well.
local function hasMore(line, records)
  local ids = restOf(line)
  if ids[1] then
    load(records, { ids[1] })
    if isClaimable(ids[1]) then return true end
  end
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

--- Whether something lies behind what was dealt with on lines from which more may be taken, if only overdue ones.
local function hasRest(lines)
  for _, line in ipairs(lines) do
    if line.left > 0 and (line.front.isCut or line.front.done < #line.front.ids) then return true end
  end
  return false
end

--- When the next record of a line falls due, as it is going to be; nil if none does.
local function nextDueOf(line)
  CHECKED[line.scheduled] = true
  local first = redis.call('ZRANGE', line.scheduled, '(' .. NOW, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  local due = tonumber(first[2])
  for _, score in pairs(INDEX[line.scheduled] or {}) do
    if score and score > NOW and (not due or score < due) then due = score end
  end
  return due
end

--- Whether the claim could have had more, and when the next record of its lines falls due. Lines that have more are hinted again, also where
--- this worker may have no more of them: others may.
local function outlook(lines, records)
  local more, nextDue = false, nil
  for _, line in ipairs(lines) do
    if hasMore(line, records) then
      mark(line)
      more = more or line.left > 0
    end
    local due = nextDueOf(line)
    if due and (not nextDue or due < nextDue) then nextDue = due end
  end
  return more, nextDue
end

--- Due records that this call does not move are more to claim all the same.
local function lookAtDue(lines)
  for _, line in ipairs(lines) do
    line.due = redis.call('ZRANGE', line.scheduled, '-inf', NOW, 'BYSCORE', 'LIMIT', 0, LOOK_AHEAD)
    for id, score in pairs(INDEX[line.scheduled] or {}) do
      if score and score <= NOW then line.due[#line.due + 1] = id end
    end
  end
end
