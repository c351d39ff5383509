--- Persists requests of the plainest kind, due now and without key or deadline, in one line. Where a record with one of the ids is there
--- already, nothing is written, and `enqueue` has to answer. Nor before what comes first: `after` is one of its ids, if it names one.
--- @keys meta records queues controls
--- @line pending wake
--- @args now after aging beginning
--- @items the ids, each greater than the one before, one behind the other; then per request everything of the record that stands behind its line,
--- without `beginning`, if that is what all of them begin with
--- @reply now; empty if nothing was written
--- @use clock plain order read plain-commit pauses

local refusal = clock(meta, now) or otherAging(aging)
if refusal then return refusal end
if after ~= '' and redis.call('HEXISTS', records, after) == 0 then return '' end

--- As text: a number would have to be written out for each record.
local function scoreOf(rest) return string.byte(rest) == TAB and NOW_TEXT or orderScore(NOW, priorityIn(rest)) end

local ids, texts, entries = addIds({}, ARGV[ITEM]), {}, {}
local common = beginning ~= '' and scoreOf(beginning)
local before = plainBeginning(NOW_TEXT, LINE_NAME) .. beginning
for place = 1, #ids do
  local id, rest = ids[place], ARGV[ITEM + place]
  texts[place * 2 - 1] = id
  texts[place * 2] = before .. rest
  entries[place * 2 - 1] = common or scoreOf(rest)
  entries[place * 2] = id
end
local stored = readFields(records, ids)
for place = 1, #ids do
  if stored[place] then return '' end
end
if not HAS_SCHEMA or redis.call('SISMEMBER', queues, LINE_NAME) == 0 then return '' end
local isFirst = redis.call('ZCARD', pending) == 0
heedPauses(controls, { LINE_NAME })
local needsMarker = redis.call('ZCARD', wake) == 0 and not PAUSED_LINES[LINE_NAME]
commitNew(records, texts, pending, entries, isFirst, wake, needsMarker, meta)
return NOW_TEXT
