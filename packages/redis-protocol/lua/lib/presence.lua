--- Workers that present themselves.
--- @use slot

local SLOTS = 16

--- The registration and what the worker's slots remember.
local function forget(workers, claims, worker)
  drop(workers, worker)
  for slot = 0, SLOTS - 1 do drop(claims, slotField(worker, slot)) end
end

local GOODBYE = '-'

--- Registers a worker, or takes its goodbye. Stored: since when, last seen, and what it said of itself, first of it how often it shows itself.
local function present(workers, claims, worker, presence)
  if presence == GOODBYE then return forget(workers, claims, worker) end
  local stored = redis.call('HGET', workers, worker)
  local startedAt, seenAt = string.match(stored or '', '^(%d+) (%d+) ')
  put(workers, worker, (startedAt or NOW) .. ' ' .. math.max(NOW, tonumber(seenAt) or 0) .. ' ' .. presence)
end

--- What was claimed before an instant by workers that never registered, once nothing of it is theirs any more.
local function forgetSpent(registered, claims, records, before)
  for _, field in ipairs(redis.call('HKEYS', claims)) do
    local worker = string.match(field, '^(.*)#%d+$') or ''
    if not registered[worker] then
      local claim = claimIn(redis.call('HGET', claims, field))
      local isSpent = claim.at < before
      for _, part in ipairs(partsOf(claim)) do
        if isSpent and #stillHeld(records, part, worker) > 0 then isSpent = false end
      end
      if isSpent then drop(claims, field) end
    end
  end
end

--- Whoever was not seen since this instant, nor for twice as long as it said, is taken for gone; programs that claim without registering are
--- never seen.
local function forgetUnseen(workers, claims, records, before)
  local stored = redis.call('HGETALL', workers)
  local registered = {}
  for at = 1, #stored, 2 do registered[stored[at]] = true end
  forgetSpent(registered, claims, records, before)
  for at = 1, #stored, 2 do
    local seenAt, every = string.match(stored[at + 1], '^%d+ (%d+) (%d*)')
    if not seenAt or tonumber(seenAt) < math.min(before, NOW - 2 * (tonumber(every) or 0)) then forget(workers, claims, stored[at]) end
  end
end
