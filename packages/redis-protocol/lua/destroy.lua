--- Removes lines with all that is in them, and once no line is left everything that lines share. Those who wait for a record learn that it
--- is gone. Nothing is read that a later write depends on, so it need not gather its writes.
--- @flags allow-oom
--- @keys meta records bodies results keys progress awaited claims workers queues leases controls history @lines
--- @args prefix
--- @reply 1 when nothing is left, else 0
--- @use line

local function tellAll()
  local waiting = redis.call('HGETALL', awaited)
  for at = 1, #waiting, 2 do
    for producer in string.gmatch(waiting[at + 1], '%S+') do redis.call('PUBLISH', prefix .. 'done:' .. producer, waiting[at]) end
  end
end

for _, name in ipairs(LINE_NAMES) do
  for _, index in ipairs(LINE_KEYS) do redis.call('UNLINK', LINES[name][index]) end
  redis.call('SREM', queues, name)
end
if redis.call('SCARD', queues) > 0 then return 0 end
tellAll()
for _, key in ipairs({ meta, records, bodies, results, keys, progress, awaited, claims, workers, queues, leases, controls, history }) do
  redis.call('UNLINK', key)
end
return 1
