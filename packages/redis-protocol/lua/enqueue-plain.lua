--- Persists requests of the plainest kind, due now and without key or deadline, in one line. Where a record with one of the ids is there
--- already, nothing is written, and `enqueue` has to answer.
--- @keys meta records queues @lines
--- @args now
--- @items per request: id, and everything of the record that stands behind its line
--- @reply now; empty if nothing was written
--- @use clock line direct move

local refusal = clock(meta, now)
if refusal then return refusal end
startDirect()
local line = LINES[LINE_NAMES[1]]
line.plain = plainAfterQueued(line)

local ids = {}
for at = ITEM, #ARGV, 2 do ids[#ids + 1] = ARGV[at] end
load(records, ids)
local entering = listOf(DIRECT.entering, line.pending)
local isKnown = HAS_SCHEMA and redis.call('SISMEMBER', queues, line.name) == 1
for place, id in ipairs(ids) do
  if TEXTS[id] then isKnown = false end
  local rest = ARGV[ITEM + 2 * place - 1]
  createDirectly(id, rest, line)
  entering[#entering + 1] = NOW - (tonumber(string.match(rest, '^%-?%d*')) or 0) * PRIORITY_STEP
  entering[#entering + 1] = id
end
if not isKnown then return '' end
commitPlain(records, meta, line, true, '', '', nil)
return NOW
