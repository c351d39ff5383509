--- The turn of a worker with one handler: completes one record of the plainest form, claims one such, or both, of one line. It does and leaves what
--- `turn-plain` does and leaves for many; what these need to be told apart would cost one of them more than its commands.
--- @flags allow-oom
--- @keys meta records bodies awaited claims
--- @line pending scheduled running completed wake
--- @args now prefix worker slot nonce limit attempt id outcome
--- @reply as that of `turn-plain`
--- @use clock plain read memory plain-turn plain-commit

local refusal = clock(meta, now)
if refusal then return refusal end

local rest, more, due, field, first, second = '', '0', '', nil, nil, nil
if limit ~= '' then
  field = slotField(worker, slot)
  rest, due = lookAhead(claims, field, nonce, scheduled)
  if rest == '' then
    local waiting = redis.call('ZRANGE', pending, '0', '1')
    first, second = waiting[1], waiting[2]
  end
end
--- All at once; what is not there is asked for by the name of what is.
local stored = redis.call('HMGET', records, id, first or id, second or id)

local completedText, left = nil, ''
if id ~= '' then
  local isPlain = not hasAbove(running, NOW_TEXT) and isUsual()
  redis.call('ZCARD', completed)
  completedText = isPlain and stored[1] and plainCompletion(attempt, worker, LINE_NAME, NOW_TEXT)(stored[1], outcome) or nil
  if not completedText then left = '1 ' end
end

local runningText, started = nil, nil
if first then
  if id == '' then redis.call('ZCARD', running) end
  local afterQueued = plainAfterQueued(LINE_NAME)
  if #first == ID and isPlainNew(stored[2], afterQueued) then runningText, started = plainClaim(worker, NOW_TEXT)(stored[2]) end
  if not runningText then
    rest = '1'
  elseif second and #second == ID and isPlainNew(stored[3], afterQueued) then
    more = '1'
  elseif second then
    rest = '1'
  end
end

local producers = completedText and redis.call('HGET', awaited, id)
local isAside = runningText and liesAside(runningText)
local leaves = isAside and redis.call('HSTRLEN', bodies, first) > MOST_ASIDE
local body = isAside and not leaves and redis.call('HGET', bodies, first)
local needsMarker = more == '1' and redis.call('ZCARD', wake) == 0
local messages = {}
for producer in string.gmatch(producers or '', '%S+') do messages[prefix .. 'done:' .. producer] = id end
local head = NOW_TEXT .. '\29' .. left .. '\29' .. rest .. '\29' .. more .. '\29' .. due .. '\29' .. (runningText and first or '') .. (leaves and '\0291' or '')
local reply = { head, runningText or '' }
if body then reply[3] = body end
local texts = {}
if completedText and runningText then
  texts = { id, completedText, first, runningText }
elseif completedText then
  texts = { id, completedText }
elseif runningText then
  texts = { first, runningText }
end
commitTurn({
  meta = meta, records = records, claims = claims, pending = pending, running = running, completed = completed, wake = wake,
  texts = texts, ended = completedText and { id } or {}, ends = completedText and { NOW_TEXT, id },
  starts = runningText and { started, first } or {}, lastTaken = '0', field = field, memory = runningText and memoryOf(nonce, NOW_TEXT, first .. ' 1'),
  needsMarker = needsMarker, messages = messages,
})
return runningText and reply or head
