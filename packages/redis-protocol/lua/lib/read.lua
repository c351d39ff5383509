--- Reads many fields of a hash, or scores of a sorted set, at once.
--- @use plan

--- Their values in order, false where there is none. At most as many as one script gets ids.
local function readFields(key, fields)
  if #fields == 0 then return {} end
  local values = {}
  for from = 1, #fields, 1000 do
    for _, value in ipairs(redis.call('HMGET', key, unpack(fields, from, math.min(from + 999, #fields)))) do
      values[#values + 1] = value
    end
  end
  return values
end

--- The scores of these members in order, false where there is none.
local function readScores(key, members)
  local scores = {}
  CHECKED[key] = true
  for from = 1, #members, 1000 do
    for _, score in ipairs(redis.call('ZMSCORE', key, unpack(members, from, math.min(from + 999, #members)))) do
      scores[#scores + 1] = score
    end
  end
  return scores
end
