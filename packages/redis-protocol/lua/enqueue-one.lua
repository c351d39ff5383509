--- Persists one request of the plainest kind: due now, of priority 0, without key or deadline. What `enqueue-plain` does for many; the tables that
--- many need would cost one of them more than its commands. Where a record with its id is there already, or anything is paused, nothing is
--- written, and `enqueue` has to answer.
--- @keys meta records queues
--- @line pending wake
--- @args now aging id rest
--- @reply now; empty if nothing was written
--- @use clock plain plain-commit

local refusal = clock(meta, now) or otherAging(aging)
if refusal then return refusal end
if HAS_PAUSES or not HAS_SCHEMA or redis.call('HEXISTS', records, id) == 1 or redis.call('SISMEMBER', queues, LINE_NAME) == 0 then return '' end
redis.call('ZCARD', pending)
local needsMarker = redis.call('ZCARD', wake) == 0
commitNew(records, { id, plainBeginning(NOW_TEXT, LINE_NAME) .. rest }, pending, { NOW_TEXT, id }, false, wake, needsMarker, meta)
return NOW_TEXT
