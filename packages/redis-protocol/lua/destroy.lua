--- Removes lines with all that is in them; the last time, if no line is left, everything that lines share, too. Those who wait for a record
--- learn that it is gone. What it removes it need not know, so it does not gather its writes.
--- @flags allow-oom
--- @keys meta records bodies results keys keyexpiry progress logs awaited claims workers queues leases controls history @lines
--- @args prefix isLast
--- @reply 1 when nothing is left, else 0
--- @use line clock

local refusal = version(meta)
if refusal then return refusal end

local left = redis.call('SCARD', queues)
local waiting = redis.call('HLEN', awaited) > 0 and isLast == '1' and redis.call('HGETALL', awaited) or {}

for _, name in ipairs(LINE_NAMES) do
  for _, index in ipairs(LINE_KEYS) do redis.call('UNLINK', LINES[name][index]) end
  left = left - redis.call('SREM', queues, name)
end
if left > 0 or isLast ~= '1' then return 0 end
for _, key in ipairs({ meta, records, bodies, results, keys, keyexpiry, progress, logs, awaited, claims, workers, queues, leases, controls, history }) do
  redis.call('UNLINK', key)
end
for at = 1, #waiting, 2 do
  for producer in string.gmatch(waiting[at + 1], '%S+') do redis.call('PUBLISH', prefix .. 'done:' .. producer, waiting[at]) end
end
return 1
