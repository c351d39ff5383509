--- Reads many fields of a hash, or scores of a sorted set, at once.

--- As many as `unpack` takes with ease.
local MOST_READ = 1000

--- Their values in order, false where there is none.
local function readFields(key, fields)
  local count = #fields
  if count == 0 then return {} end
  if count <= MOST_READ then return redis.call('HMGET', key, unpack(fields, 1, math.min(MOST_READ, count))) end
  local values = {}
  for from = 1, count, MOST_READ do
    for _, value in ipairs(redis.call('HMGET', key, unpack(fields, from, math.min(from + MOST_READ - 1, count)))) do
      values[#values + 1] = value
    end
  end
  return values
end

--- The scores of these members in order, false where there is none. At least one.
local function readScores(key, members)
  local count = #members
  if count <= MOST_READ then return redis.call('ZMSCORE', key, unpack(members, 1, math.min(MOST_READ, count))) end
  local scores = {}
  for from = 1, count, MOST_READ do
    for _, score in ipairs(redis.call('ZMSCORE', key, unpack(members, from, math.min(from + MOST_READ - 1, count)))) do
      scores[#scores + 1] = score
    end
  end
  return scores
end

--- Whether any score of a sorted set is above this one, which is a text.
local function hasAbove(key, score) return redis.call('ZCOUNT', key, '(' .. score, '+inf') > 0 end
