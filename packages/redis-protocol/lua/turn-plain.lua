--- The turn of a busy worker: completes records of the plainest form and claims such, all of one line. What is not plain is left as it is and
--- said, for `turn` to deal with; so is everything where the line has due scheduled records, where anything is paused, or where the call is a resend.
--- @flags allow-oom
--- @keys meta records bodies awaited claims
--- @line pending scheduled running completed wake
--- @args now prefix worker slot nonce limit maxBytes groupCount
--- @items groups of completions: attempt, ids one behind the other, how many outcomes follow (0: nothing was returned), outcomes
--- @reply now, a letter for outcome and status per completion ('--' if it was left), 1 if `turn` has to claim the rest, more, the next due time, ids of what was claimed, one behind the other; then their texts, and the bodies that lie aside
--- @use clock plain read awaited memory plain-commit

local refusal = clock(meta, now)
if refusal then return refusal end
local instant = instantText()
local isUsual = #instant == INSTANT

--- To be settled: ids, what completes them, outcomes. Behind the ids come those to be claimed, so that all records are read at once.
local ids, completions, shown = {}, {}, {}
local at = ITEM
for _ = 1, tonumber(groupCount) do
  local completion, own, outcomes = plainCompletion(ARGV[at], worker, LINE_NAME, instant), idsIn(ARGV[at + 1]), tonumber(ARGV[at + 2])
  at = at + 3
  for _, id in ipairs(own) do
    local place = #ids + 1
    ids[place] = id
    completions[place] = completion
    if outcomes > 0 then
      shown[place] = ARGV[at]
      at = at + 1
    end
  end
end
local settleCount = #ids

local rest, more, due, field = '', '0', '', nil
local limitCount = tonumber(limit) or 0
if limit ~= '' then
  field = slotField(worker, slot)
  local isResend = isOfNonce(redis.call('HGET', claims, field), nonce)
  due = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES')[2] or ''
  if isResend or HAS_PAUSES or not isUsual or (due ~= '' and tonumber(due) <= NOW) then
    rest = '1'
  else
    for _, id in ipairs(redis.call('ZRANGE', pending, 0, limitCount)) do ids[#ids + 1] = id end
  end
end
local stored = readFields(records, ids)

local texts, letters, endedIds, ends = {}, {}, {}, {}
if settleCount > 0 then
  local isPlain = not hasAbove(running, NOW) and isUsual
  redis.call('ZCARD', completed)
  local count = 0
  for place = 1, settleCount do
    local text = isPlain and completedText(stored[place], completions[place], shown[place] or '')
    if text then
      local id = ids[place]
      count = count + 1
      endedIds[count] = id
      ends[count * 2 - 1] = instant
      ends[count * 2] = id
      texts[count * 2 - 1] = id
      texts[count * 2] = text
    end
    letters[place] = text and 'o' .. STATUS.completed or '--'
  end
end

local taken, starts, aside = {}, {}, {}
--- Texts are answered as they are, behind all else: joined to one they would be made a second time.
local reply = { '' }
if #ids > settleCount then
  if settleCount == 0 then redis.call('ZCARD', running) end
  local claim, afterQueued = plainClaim(worker, instant), plainAfterQueued(LINE_NAME)
  local count, bytes, mostBytes, settled = 0, 0, tonumber(maxBytes), #texts
  for place = settleCount + 1, #ids do
    local id, text = ids[place], stored[place]
    local isPlain = #id == ID and isPlainNew(text, afterQueued)
    if count == limitCount then
      if isPlain then more = '1' else rest = '1' end
      break
    end
    local isAside = isPlain and liesAside(text)
    bytes = bytes + #(text or '') + (isAside and redis.call('HSTRLEN', bodies, id) or 0)
    local own, started
    if isPlain and (count == 0 or bytes <= mostBytes) then own, started = claimedText(text, claim) end
    if not own then
      rest = '1'
      break
    end
    count = count + 1
    taken[count] = id
    starts[count * 2 - 1] = started
    starts[count * 2] = id
    texts[settled + count * 2 - 1] = id
    texts[settled + count * 2] = own
    reply[count + 1] = own
    if isAside then aside[#aside + 1] = id end
  end
end

local large = readFields(bodies, aside)
local messages = {}
for producer, some in pairs(awaitedBy(awaited, endedIds)) do messages[prefix .. 'done:' .. producer] = some end
local needsMarker = more == '1' and redis.call('ZCARD', wake) == 0
local memory = #taken > 0 and memoryOf(nonce, table.concat(taken, ' 1 ') .. ' 1')
reply[1] = NOW .. '\29' .. table.concat(letters) .. '\29' .. rest .. '\29' .. more .. '\29' .. due .. '\29' .. table.concat(taken)
for place = 1, #aside do reply[#taken + place + 1] = large[place] or '' end
commitTurn({
  meta = meta, records = records, claims = claims, pending = pending, running = running, completed = completed, wake = wake,
  texts = texts, ended = endedIds, ends = ends, starts = starts, field = field, memory = memory, needsMarker = needsMarker, messages = messages,
})
return #taken == 0 and reply[1] or reply
