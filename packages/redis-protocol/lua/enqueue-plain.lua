--- Persists requests of the plainest kind, due now and without key or deadline, in one line. Where a record with one of the ids is there
--- already, nothing is written, and `enqueue` has to answer. Nor before what comes first: `after` is one of its ids, if it names one.
--- @keys meta records queues controls
--- @line pending wake
--- @args now after aging
--- @items the ids, one behind the other; then per request everything of the record that stands behind its line
--- @reply now; empty if nothing was written
--- @use clock plain order read plain-commit pauses

local refusal = clock(meta, now) or otherAging(aging)
if refusal then return refusal end
if after ~= '' and redis.call('HEXISTS', records, after) == 0 then return '' end

local ids, seen, texts, entries = idsIn(ARGV[ITEM]), {}, {}, {}
local instant, afterQueued = instantText(), plainAfterQueued(LINE_NAME)
for place, id in ipairs(ids) do
  local rest = ARGV[ITEM + place]
  -- The second of two with one id answers as the first, which is not for here.
  if seen[id] then return '' end
  seen[id] = true
  texts[place * 2 - 1] = id
  texts[place * 2] = plainText(instant, afterQueued, rest)
  local priority = priorityIn(rest)
  -- The same as text: a number would have to be written out for each record.
  entries[place * 2 - 1] = priority == '' and instant or orderScore(NOW, priority)
  entries[place * 2] = id
end
for _, text in ipairs(readFields(records, ids)) do
  if text then return '' end
end
if not HAS_SCHEMA or redis.call('SISMEMBER', queues, LINE_NAME) == 0 then return '' end
redis.call('ZCARD', pending)
heedPauses(controls, { LINE_NAME })
local needsMarker = redis.call('ZCARD', wake) == 0 and not PAUSED_LINES[LINE_NAME]
commitNew(records, texts, pending, entries, wake, needsMarker, meta)
return NOW
