--- The turn of a busy worker: completes records of the plainest form and claims such, all of one line. What is not plain is left as it is and
--- said, for `turn` to deal with; so is everything where the line has due scheduled records, where anything is paused, or where the call is a resend.
--- @flags allow-oom
--- @keys meta records bodies awaited claims
--- @line pending scheduled running completed wake
--- @args now prefix worker slot nonce limit maxBytes groupCount
--- @items groups of completions: attempt, ids one behind the other, how many outcomes follow (0: nothing was returned), outcomes
--- @reply now, the places of completions that were left with a space behind each, 1 if `turn` has to claim the rest, more, the next due time, ids of what was claimed, one behind the other, and 1 if bodies that lie aside are left there; then their texts, and the bodies that are not left there
--- @use clock plain read awaited memory plain-turn plain-commit

local refusal = clock(meta, now)
if refusal then return refusal end

--- To be settled. Behind these come those to be claimed, so that all records are read at once.
local groups = tonumber(groupCount)
local ids, at = {}, ITEM
for _ = 1, groups do
  addIds(ids, ARGV[at + 1])
  at = at + 3 + ARGV[at + 2]
end
local settleCount = #ids

local rest, more, due, field, waiting = '', '0', '', nil, 0
if limit ~= '' then
  field = slotField(worker, slot)
  rest, due = lookAhead(claims, field, nonce, scheduled)
  if rest == '' then
    for _, id in ipairs(redis.call('ZRANGE', pending, '0', limit)) do
      waiting = waiting + 1
      ids[settleCount + waiting] = id
    end
  end
end
local stored = readFields(records, ids)

local texts, ended, ends, endedCount, left = {}, {}, {}, 0, ''
if settleCount > 0 then
  local isPlain = not hasAbove(running, NOW_TEXT) and isUsual()
  redis.call('ZCARD', completed)
  local place = 0
  at = ITEM
  for _ = 1, groups do
    local complete, outcomes = plainCompletion(ARGV[at], worker, LINE_NAME, NOW_TEXT), tonumber(ARGV[at + 2])
    for nth = 1, #ARGV[at + 1] / ID do
      place = place + 1
      local text = isPlain and stored[place] and complete(stored[place], outcomes > 0 and ARGV[at + 2 + nth] or '')
      if text then
        local id = ids[place]
        endedCount = endedCount + 1
        ended[endedCount] = id
        ends[endedCount * 2 - 1] = NOW_TEXT
        ends[endedCount * 2] = id
        texts[endedCount * 2 - 1] = id
        texts[endedCount * 2] = text
      else
        left = left .. place .. ' '
      end
    end
    at = at + 3 + outcomes
  end
end

local taken, starts, takenCount, isFirst, aside, asideBytes = {}, {}, 0, false, {}, 0
--- Texts are answered as they are, behind all else: joined to one they would be made a second time.
local reply = { '' }
if waiting > 0 then
  isFirst = settleCount == 0 and redis.call('ZCARD', running) == 0
  local claim, afterQueued = plainClaim(worker, NOW_TEXT), plainAfterQueued(LINE_NAME)
  local most, bytes, mostBytes = tonumber(limit), 0, tonumber(maxBytes)
  for place = settleCount + 1, settleCount + waiting do
    local id, text = ids[place], stored[place]
    local isPlain = #id == ID and isPlainNew(text, afterQueued)
    if takenCount == most then
      if isPlain then more = '1' else rest = '1' end
      break
    end
    local isAside = isPlain and liesAside(text)
    local beside = isAside and redis.call('HSTRLEN', bodies, id) or 0
    bytes = bytes + #(text or '') + beside
    local own, started
    if isPlain and (takenCount == 0 or bytes <= mostBytes) then own, started = claim(text) end
    if not own then
      rest = '1'
      break
    end
    takenCount = takenCount + 1
    taken[takenCount] = id
    starts[takenCount * 2 - 1] = started
    starts[takenCount * 2] = id
    texts[(endedCount + takenCount) * 2 - 1] = id
    texts[(endedCount + takenCount) * 2] = own
    reply[takenCount + 1] = own
    if isAside then
      aside[#aside + 1] = id
      asideBytes = asideBytes + beside
    end
  end
end

local leaves = asideBytes > MOST_ASIDE
local large = leaves and {} or readFields(bodies, aside)
local messages = {}
for producer, some in pairs(awaitedBy(awaited, ended)) do messages[prefix .. 'done:' .. producer] = some end
local needsMarker = more == '1' and redis.call('ZCARD', wake) == 0
local memory = takenCount > 0 and memoryOf(nonce, NOW_TEXT, table.concat(taken, ' 1 ') .. ' 1')
reply[1] = NOW_TEXT .. '\29' .. left .. '\29' .. rest .. '\29' .. more .. '\29' .. due .. '\29' .. table.concat(taken) .. (leaves and '\0291' or '')
if not leaves then
  for place = 1, #aside do reply[takenCount + place + 1] = large[place] or '' end
end
commitTurn({
  meta = meta, records = records, claims = claims, pending = pending, running = running, completed = completed, wake = wake,
  texts = texts, ended = ended, ends = ends, starts = starts, lastTaken = takenCount - 1, isFirst = isFirst, field = field, memory = memory, needsMarker = needsMarker, messages = messages,
})
return takenCount == 0 and reply[1] or reply
