--- Places in an index, also where ten thousand entries have one score.
--- @use before

--- How many entries lie in front of (score, id), with `orAt` the entry itself included: found by halving among those of equal score.
local function rankOf(key, score, id, orAt)
  local low = redis.call('ZCOUNT', key, '-inf', '(' .. score)
  local high = redis.call('ZCOUNT', key, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local member = redis.call('ZRANGE', key, middle, middle)[1]
    if member and (isBefore(member, id) or (orAt and member == id)) then low = middle + 1 else high = middle end
  end
  return low
end
