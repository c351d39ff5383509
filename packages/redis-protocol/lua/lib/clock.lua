--- The backend's time, taken once per call and before any write.

local SCHEMA_MAJOR = '1.'
--- A mark that is further ahead than this comes from a server whose clock was wrong: it is given up.
local FURTHEST_MARK = 10000

--- It is moved at most once in so many ms.
local MARK_STEP = 1000

--- In ms: a longer one would not be exact.
local LONGEST_AGING = 1000000000000

local MARK = 0
local NOW = 0
--- The same as text: a number that is written out costs a busy server as much as a command.
local NOW_TEXT = ''
local HAS_SCHEMA = false
--- Whether anything may be paused: only then scripts look into `controls`.
local HAS_PAUSES = false
--- How much waiting outweighs one priority, as it is stored; nil if the namespace has none: then no waiting does.
local AGING = nil
--- Whether a script that writes anyway has to move the mark, as its last write.
local IS_MARK_DUE = false

--- What a namespace says of itself, the instant of its mark last. An error if it was written by another major version. Of one function, because
--- scripts that a busy fleet lives on make each of theirs anew at every call.
local function readMeta(meta)
  local stored = redis.call('HMGET', meta, 'schema', 'aging', 'paused', 'mark')
  local schema, aging = stored[1], stored[2]
  if schema and string.sub(schema, 1, #SCHEMA_MAJOR) ~= SCHEMA_MAJOR then
    return redis.error_reply('MILLRACE_VERSION the namespace has schema ' .. schema .. ', this program knows ' .. SCHEMA_MAJOR .. 'x')
  end
  -- What is filed by another step than the rest is never found where it should be.
  if aging and not (string.find(aging, '^[1-9]%d*$') and tonumber(aging) <= LONGEST_AGING) then
    return redis.error_reply('MILLRACE_VERSION the namespace has an aging that is no number of ms')
  end
  HAS_SCHEMA = schema and true or false
  AGING = aging or nil
  HAS_PAUSES = stored[3] and true or false
  MARK = math.floor(tonumber(stored[4] or '0') or 0)
  return nil
end

--- For scripts that need no time.
local function version(meta) return readMeta(meta) end

--- Small steps back of the server's clock are hidden by the mark. An error if the namespace was written by another major version.
local function clock(meta, given)
  local refusal = readMeta(meta)
  if refusal then return refusal end
  NOW_TEXT = given
  if given == '' then
    local time = redis.call('TIME')
    NOW_TEXT = time[1] .. string.sub('00000' .. time[2], -6, -4)
  end
  NOW = tonumber(NOW_TEXT)
  if given ~= '' then return nil end
  -- What is no number is not less than anything.
  if not (MARK - NOW <= FURTHEST_MARK) then MARK = 0 end
  if NOW < MARK then
    NOW = MARK
    NOW_TEXT = string.format('%.0f', MARK)
  end
  IS_MARK_DUE = NOW - MARK >= MARK_STEP
  return nil
end

--- An error if the namespace has another aging than the caller was told of. As long as it has no schema, it has none yet.
local function otherAging(told)
  if told == '' or not HAS_SCHEMA or told == AGING then return nil end
  return redis.error_reply('MILLRACE_AGING ' .. (AGING or '-') .. ' ' .. told)
end
