--- What a worker's slot claimed last: answers a resend, and finds what the worker does not know of.
--- @use load memory clock

local NO_CLAIM = { nonce = '', at = 0, text = '' }

--- A stored claim: its nonce and instant, and per part of the call the ids and attempts that it took.
local function claimIn(stored)
  if not stored then return NO_CLAIM end
  local nonce, at, parts = string.match(stored, '^(%S+) (%d+)\n(.*)$')
  if not nonce then return NO_CLAIM end
  return { nonce = nonce, at = tonumber(at), text = parts }
end

--- What the parts of a claim took, a text each.
local function partsOf(claim)
  local parts = {}
  for text in string.gmatch(claim.text, '[^\n]+') do parts[#parts + 1] = text end
  return parts
end

local function lastClaim(claims, worker, slot)
  CHECKED[claims] = true
  return claimIn(redis.call('HGET', claims, slotField(worker, slot)))
end

local function rememberClaim(claims, worker, slot, last, nonce, taken)
  local text = table.concat(taken, ' ')
  local before = last.nonce == nonce and last.text .. '\n' or ''
  put(claims, slotField(worker, slot), memoryOf(nonce, NOW_TEXT, before .. text))
end

--- Those of a part that still run at that attempt under this worker.
local function stillHeld(records, part, worker)
  local ids, attempts = {}, {}
  for id, attempt in string.gmatch(part, '(%S+) (%d+)') do
    ids[#ids + 1] = id
    attempts[id] = attempt
  end
  load(records, ids)
  local held = {}
  for _, id in ipairs(ids) do
    local record = opened(id)
    if record and record.status == STATUS.running and holds(record, attempts[id]) and record.worker == worker then
      held[#held + 1] = record
    end
  end
  return held
end

--- Held under the slot's last claim, and not mentioned by the worker, although it lists what it holds: the reply that carried them was lost.
local function unknownTo(records, last, worker, known)
  local unknown = {}
  for _, part in ipairs(partsOf(last)) do
    local candidates = {}
    for id, attempt in string.gmatch(part, '(%S+) (%d+)') do
      if not known[id] then candidates[#candidates + 1] = id .. ' ' .. attempt end
    end
    for _, record in ipairs(stillHeld(records, table.concat(candidates, ' '), worker)) do
      unknown[#unknown + 1] = record.id .. ' ' .. record.attempt
    end
  end
  return unknown
end
