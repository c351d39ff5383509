--- The turn of a busy worker: completes records of the plainest form and claims such, all of one line. What is not plain is left as it is and
--- said, for `turn` to deal with; so is everything where the line has due scheduled records, or where the call is a resend.
--- @flags allow-oom
--- @keys meta records awaited claims @lines
--- @args now prefix worker slot nonce limit maxBytes groupCount
--- @items groups of completions: attempt, count, then id and what the record shows of each
--- @reply now, a letter for outcome and status per completion ('--' if it was left), 1 if `turn` has to claim the rest, more, the next due time, records
--- @use clock line slot direct describe ending

local refusal = clock(meta, now)
if refusal then return refusal end
startDirect()
local line = LINES[LINE_NAMES[1]]

local settled = {}
local at = ITEM
for _ = 1, tonumber(groupCount) do
  local ids, shown, first = {}, {}, #settled
  local attempt, count = ARGV[at], tonumber(ARGV[at + 1])
  at = at + 2
  for place = 1, count do
    ids[place] = ARGV[at]
    shown[place] = ARGV[at + 1]
    settled[first + place] = 'o' .. STATUS.completed
    at = at + 2
  end
  load(records, ids)
  completeDirectly(ids, shown, attempt, line, worker, function(place) settled[first + place] = '--' end)
end

local taken = {}
local rest, more, due, field, memory = '', '0', nil, nil, nil

local function claimPlain(ids, most)
  startClaims(line)
  load(records, ids)
  local bytes = 0
  for place, id in ipairs(ids) do
    if place > most then
      if TEXTS[id] and isPlainNew(TEXTS[id], line) then more = '1' else rest = '1' end
      return
    end
    bytes = bytes + #(TEXTS[id] or '')
    if place > 1 and bytes > tonumber(maxBytes) then
      rest = '1'
      return
    end
    local text, started = claimDirectly(id, line, worker)
    if not text then
      rest = '1'
      return
    end
    taken[place] = id .. ' 1'
    describeText(id, text, started)
  end
end

if limit ~= '' then
  local isResend
  field, isResend = slotOf(claims, worker, slot, nonce)
  CHECKED[line.scheduled] = true
  due = tonumber(redis.call('ZRANGE', line.scheduled, 0, 0, 'WITHSCORES')[2])
  if isResend or NOW_TEXT == '' or (due and due <= NOW) then
    rest = '1'
  else
    CHECKED[line.pending] = true
    claimPlain(redis.call('ZRANGE', line.pending, 0, limit), tonumber(limit))
    if #taken > 0 then memory = memoryOf(nonce, taken) end
  end
end
tellEnds(awaited, prefix)
commitPlain(records, meta, line, more == '1', claims, field, memory)
return NOW .. '\29' .. table.concat(settled) .. '\29' .. rest .. '\29' .. more .. '\29' .. (due or '') .. '\29' .. described()
