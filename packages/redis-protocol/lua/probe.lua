--- Tries every command that scripts use, on a key of its own, so that a missing permission shows before the first real write. Tells of keys that
--- hold something else than they should. The one script in which an error of a command is an answer.
--- @flags allow-oom
--- @keys probe meta records bodies results keys keyexpiry progress logs awaited claims workers queues leases controls history @lines
--- @args doneChannel controlChannel
--- @reply what was refused, one per line; then keys of a wrong type with what they hold
--- @use line

local TRIALS = {
  { 'TIME' }, { 'DEL', probe }, { 'EXISTS', probe }, { 'TYPE', probe }, { 'UNLINK', probe },
  { 'HSET', probe, 'a', '1' }, { 'HGET', probe, 'a' }, { 'HMGET', probe, 'a' }, { 'HGETALL', probe }, { 'HKEYS', probe },
  { 'HLEN', probe }, { 'HEXISTS', probe, 'a' }, { 'HSTRLEN', probe, 'a' }, { 'HDEL', probe, 'a' },
  { 'ZADD', probe, '1', 'a' }, { 'ZCARD', probe }, { 'ZCOUNT', probe, '-inf', '+inf' }, { 'ZRANGE', probe, '0', '0' },
  { 'ZSCORE', probe, 'a' }, { 'ZMSCORE', probe, 'a' }, { 'ZREM', probe, 'a' }, { 'ZREMRANGEBYRANK', probe, '0', '0' },
  { 'SADD', probe, 'a' }, { 'SCARD', probe }, { 'SISMEMBER', probe, 'a' }, { 'SREM', probe, 'a' },
  { 'PUBLISH', doneChannel, '' }, { 'PUBLISH', controlChannel, '' },
}

local refused = {}
for _, trial in ipairs(TRIALS) do
  local answer = redis.pcall(unpack(trial))
  if type(answer) == 'table' and answer.err then refused[#refused + 1] = trial[1] .. ' ' .. answer.err end
end

local foreign = {}
local function expect(key, wanted)
  local held = redis.pcall('TYPE', key)
  local kind = type(held) == 'table' and held.ok
  if kind and kind ~= 'none' and kind ~= wanted then foreign[#foreign + 1] = key .. ' ' .. kind end
end
for _, key in ipairs({ meta, records, bodies, results, keys, progress, logs, awaited, claims, workers, leases, controls, history }) do expect(key, 'hash') end
expect(queues, 'set')
expect(keyexpiry, 'zset')
for _, name in ipairs(LINE_NAMES) do
  for _, index in ipairs(LINE_KEYS) do expect(LINES[name][index], 'zset') end
end
return table.concat(refused, '\n') .. '\29' .. table.concat(foreign, '\n')
