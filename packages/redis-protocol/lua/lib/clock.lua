--- The backend's time, taken once per call and before any write.

local SCHEMA_MAJOR = '1.'
--- A mark that is further ahead than this comes from a server whose clock was wrong: it is given up.
local FURTHEST_MARK = 10000

--- It is moved at most once in so many ms.
local MARK_STEP = 1000

local MARK = 0
local NOW = 0
local HAS_SCHEMA = false
local READS_SERVER_CLOCK = false

local function refusalOf(schema)
  if not schema or string.sub(schema, 1, #SCHEMA_MAJOR) == SCHEMA_MAJOR then return nil end
  return redis.error_reply('MILLRACE_VERSION the namespace has schema ' .. schema .. ', this program knows ' .. SCHEMA_MAJOR .. 'x')
end

--- For scripts that need no time: an error if the namespace was written by another major version.
local function version(meta) return refusalOf(redis.call('HGET', meta, 'schema')) end

--- Small steps back of the server's clock are hidden by the mark. An error if the namespace was written by another major version.
local function clock(meta, given)
  local stored = redis.call('HMGET', meta, 'schema', 'mark')
  local schema = stored[1]
  HAS_SCHEMA = schema and true or false
  local refusal = refusalOf(schema)
  if refusal then return refusal end
  MARK = math.floor(tonumber(stored[2] or '0') or 0)
  READS_SERVER_CLOCK = given == ''
  if READS_SERVER_CLOCK then
    local time = redis.call('TIME')
    NOW = time[1] * 1000 + math.floor(time[2] / 1000)
    -- What is no number is not less than anything.
    if not (MARK - NOW <= FURTHEST_MARK) then MARK = 0 end
    if NOW < MARK then NOW = MARK end
  else
    NOW = tonumber(given)
  end
  return nil
end

--- Whether a script that writes anyway has to move the mark, as its last write.
local function isMarkDue() return READS_SERVER_CLOCK and NOW - MARK >= MARK_STEP end
