--- Brings due scheduled records of these lines into execution order.
--- @flags allow-oom
--- @keys meta records awaited queues @lines
--- @args now prefix most
--- @reply 1 if more of them are due, else 0
--- @use clock line promote

local refusal = clock(meta, now)
if refusal then return refusal end

local more = false
for _, name in ipairs(LINE_NAMES) do
  if promote(records, LINES[name], tonumber(most)) then more = true end
end
storeChanges(records)
tellEnds(awaited, prefix)
commit(records, queues, meta)
return more and 1 or 0
