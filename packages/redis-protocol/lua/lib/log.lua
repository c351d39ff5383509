--- What handlers write down about a record: a head, then one line an entry, with attempt, number, instant and JSON text. The head says of them
--- what it takes to add one, so that nobody has to take all of them apart for it: how many there are, the bytes of their JSON texts, and attempt,
--- number and instant of the last one.
--- @use load

--- The newest entries are kept: so many, with so many bytes of JSON text.
local MOST_ENTRIES = 100
local MOST_LOG_BYTES = 16384

--- Per id what is stored, or is going to be.
local LOGS = {}

--- Of any length these are no longer numbers that can be trusted.
local LOG_HEAD = '^#(%d%d?%d?) (%d%d?%d?%d?%d?) (%d+) (%d+) (%d+)\n()'
--- What comes before an entry's JSON text.
local BEFORE_JSON = '^(%d+) (%d+) (%d+) ()'
--- The same as the worker sends it: number, how many ms ago.
local BEFORE_NOTE = '^(%d+) (%d+) ()'

--- Reads what is there of those for which something comes.
local function loadLogs(logs, acts)
  local ids = {}
  for _, act in ipairs(acts) do
    if act.log ~= '' then ids[#ids + 1] = act.id end
  end
  if #ids > 0 then CHECKED[logs] = true end
  for at, text in ipairs(readFields(logs, ids)) do LOGS[ids[at]] = text or '' end
end

local function addTo(log, writer, number, at, json)
  log.count = log.count + 1
  log.bytes = log.bytes + #json
  log.writer, log.number, log.at = writer, number, at
  log.lines[#log.lines + 1] = writer .. ' ' .. number .. ' ' .. at .. ' ' .. json
end

--- With `lines` to be put together. Without a head it is taken apart: what is no entry is not kept.
local function logIn(text)
  local count, bytes, writer, number, at, first = string.match(text, LOG_HEAD)
  if count then
    return { count = tonumber(count), bytes = tonumber(bytes), writer = tonumber(writer), number = number, at = tonumber(at), lines = { string.sub(text, first) } }
  end
  local log = { count = 0, bytes = 0, at = 0, lines = {} }
  for line in string.gmatch(text, '[^\n]+') do
    local attempt, own, instant, json = string.match(line, BEFORE_JSON)
    if attempt then addTo(log, tonumber(attempt), own, tonumber(instant), string.sub(line, json)) end
  end
  return log
end

--- The text of the newest ones, as many as there is room for. Those in front of them are all that is looked at.
local function newest(log)
  local text, from = table.concat(log.lines, '\n'), 1
  while (log.count > MOST_ENTRIES or log.bytes > MOST_LOG_BYTES) and from <= #text do
    local _, _, _, json = string.match(text, BEFORE_JSON, from)
    local behind = string.find(text, '\n', from, true) or #text + 1
    log.count = log.count - 1
    log.bytes = log.bytes - (behind - (json or from))
    from = behind + 1
  end
  return '#' .. table.concat({ log.count, log.bytes, log.writer, log.number, log.at }, ' ') .. '\n' .. string.sub(text, from)
end

--- Of an entry that is there already, because its call was repeated, there is no second one.
local function noteDown(record, logs, notes)
  if notes == '' then return end
  local writer, log = record.attempt, logIn(LOGS[record.id])
  for note in string.gmatch(notes, '[^\n]+') do
    local number, ago, json = string.match(note, BEFORE_NOTE)
    if number and not (log.writer == writer and tonumber(log.number) >= tonumber(number)) then
      local at = math.max(NOW - tonumber(ago), tonumber(record.started) or 0, log.at)
      addTo(log, writer, number, at, string.sub(note, json))
    end
  end
  if log.count == 0 then return end
  LOGS[record.id] = newest(log)
  put(logs, record.id, LOGS[record.id])
end
