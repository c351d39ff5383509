--- What a call is going to write. Everything is read first and written at the end, in one go in which nothing can fail: a script does
--- not roll back, so a wrong type or a missing permission that shows in the middle would leave halves.
--- @use line clock pauses skip-list

--- Per index key: id -> score, or false for an id that leaves.
local INDEX = {}
--- Per hash key: field -> value, or false for a field that goes.
local HASH = {}
local WAKES = {}
--- Keys whose type a read of this call has already shown.
local CHECKED = {}
--- Writes of the plainest acts, in the form in which they are sent: texts of records, members that leave, and that enter with their scores.
local DIRECT = { records = {}, leaving = {}, entering = {} }
local SEEN_LINES = {}
local EMPTIED_LINES = {}
local MESSAGES = {}
local STEP = 1000

local function enter(key, id, score)
  local ids = INDEX[key]
  if not ids then
    ids = {}
    INDEX[key] = ids
  end
  ids[id] = score
end

local function leave(key, id) enter(key, id, false) end

local function put(key, field, value)
  local fields = HASH[key]
  if not fields then
    fields = {}
    HASH[key] = fields
  end
  fields[field] = value
end

local function drop(key, field) put(key, field, false) end

--- A field as it is going to be; '' where there is none.
local function peek(key, field)
  local planned = HASH[key] and HASH[key][field]
  if planned ~= nil then return planned or '' end
  return redis.call('HGET', key, field) or ''
end

--- The line may have work, or an earlier due time. While it is paused, whoever resumes it marks it.
local function mark(line)
  if not PAUSED_LINES[line.name] then WAKES[line.wake] = true end
end

local function publish(channel, message) MESSAGES[#MESSAGES + 1] = { channel, message } end

--- Sends a command with any number of arguments, in pieces that `unpack` can take.
local function send(command, key, values)
  for from = 1, #values, STEP do
    redis.call(command, key, unpack(values, from, math.min(from + STEP - 1, #values)))
  end
end

--- Sorted sets that are going to be written are such.
local function checkSets(byKey)
  for key in pairs(byKey) do
    if not CHECKED[key] then redis.call('ZCARD', key) end
    CHECKED[key] = true
  end
end

--- The records first, because a full server refuses a script that begins with them.
local function writeDirect(records)
  send('HSET', records, DIRECT.records)
  -- Before others leave: a set that is empty for a moment is made anew.
  for key, ids in pairs(DIRECT.entering) do
    local isLong = becomesSkipList(ids, false)
    if isLong then redis.call('ZADD', key, '0', LONG_MEMBER) end
    send('ZADD', key, ids)
    if isLong then redis.call('ZREM', key, LONG_MEMBER) end
  end
  for key, ids in pairs(DIRECT.leaving) do send('ZREM', key, ids) end
end

local function tell()
  for _, message in ipairs(MESSAGES) do redis.call('PUBLISH', message[1], message[2]) end
end

--- Every key that is going to be written holds what it should.
local function checkTypes(queues)
  for key in pairs(HASH) do
    if not CHECKED[key] then redis.call('HLEN', key) end
  end
  for _, keys in ipairs({ INDEX, DIRECT.leaving, DIRECT.entering, WAKES }) do checkSets(keys) end
  if next(SEEN_LINES) or next(EMPTIED_LINES) then redis.call('SCARD', queues) end
end

local function writeHash(key, fields)
  local set, gone = {}, {}
  for field, value in pairs(fields) do
    if value then
      set[#set + 1] = field
      set[#set + 1] = value
    else
      gone[#gone + 1] = field
    end
  end
  send('HSET', key, set)
  send('HDEL', key, gone)
end

local function writeIndex(key, ids)
  local set, gone = {}, {}
  for id, score in pairs(ids) do
    if score then
      set[#set + 1] = score
      set[#set + 1] = id
    else
      gone[#gone + 1] = id
    end
  end
  send('ZREM', key, gone)
  send('ZADD', key, set)
end

local function keysOf(line)
  local keys = {}
  for at, name in ipairs(LINE_KEYS) do
    if name ~= 'wake' then keys[at] = line[name] end
  end
  return keys
end

--- Names of queues come and go: a line that holds nothing leaves nothing behind.
local function prune(queues, line)
  if redis.call('EXISTS', unpack(keysOf(line))) > 0 then return end
  redis.call('SREM', queues, line.name)
  redis.call('DEL', line.wake)
end

local function namesIn(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  return names
end

--- Writes the plan: records first, because a full server refuses a script that begins with them, then the rest.
local function commit(records, queues, meta)
  checkTypes(queues)
  writeDirect(records)
  local first = HASH[records]
  if first then writeHash(records, first) end
  for key, fields in pairs(HASH) do
    if key ~= records then writeHash(key, fields) end
  end
  for key, ids in pairs(INDEX) do writeIndex(key, ids) end
  if next(SEEN_LINES) then send('SADD', queues, namesIn(SEEN_LINES)) end
  for key in pairs(WAKES) do redis.call('ZADD', key, '0', 'w') end
  for _, line in pairs(EMPTIED_LINES) do prune(queues, line) end
  tell()
  if IS_MARK_DUE and (next(HASH) or #DIRECT.records > 0) then redis.call('HSET', meta, 'mark', NOW_TEXT) end
end
