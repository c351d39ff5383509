--- What handlers write down about a record: one line an entry, with attempt, number, instant and JSON text.
--- @use load

--- The newest entries are kept: so many, with so many bytes of JSON text.
local MOST_ENTRIES = 100
local MOST_LOG_BYTES = 16384

--- Per id what is stored, or is going to be.
local LOGS = {}

local ENTRY = '^(%d+) (%d+) (%d+) ([^%z\1-\31]*)$'
--- As the worker sends it: number, how many ms ago, JSON text.
local NOTE = '^(%d+) (%d+) ([^%z\1-\31]*)$'

--- Reads what is there of those for which something comes.
local function loadLogs(logs, acts)
  local ids = {}
  for _, act in ipairs(acts) do
    if act.log ~= '' then ids[#ids + 1] = act.id end
  end
  if #ids > 0 then CHECKED[logs] = true end
  for at, text in ipairs(readFields(logs, ids)) do LOGS[ids[at]] = text or '' end
end

--- What is no entry is not kept.
local function entriesIn(text)
  local entries = {}
  for line in string.gmatch(text, '[^\n]+') do
    local attempt, number, at, json = string.match(line, ENTRY)
    if attempt then
      entries[#entries + 1] = { writer = tonumber(attempt), number = tonumber(number), at = tonumber(at), size = #json, line = line }
    end
  end
  return entries
end

--- The newest ones, as many as there is room for.
local function newest(entries)
  local bytes, first = 0, #entries + 1
  while first > 1 and #entries - first + 1 < MOST_ENTRIES do
    bytes = bytes + entries[first - 1].size
    if bytes > MOST_LOG_BYTES then break end
    first = first - 1
  end
  local lines = {}
  for at = first, #entries do lines[#lines + 1] = entries[at].line end
  return table.concat(lines, '\n')
end

--- Of an entry that is there already, because its call was repeated, there is no second one.
local function noteDown(record, logs, notes)
  if notes == '' then return end
  local writer = record.attempt
  local entries = entriesIn(LOGS[record.id])
  for note in string.gmatch(notes, '[^\n]+') do
    local number, ago, json = string.match(note, NOTE)
    local last = entries[#entries]
    if number and not (last and last.writer == writer and last.number >= tonumber(number)) then
      local at = math.max(NOW - tonumber(ago), tonumber(record.started) or 0, last and last.at or 0)
      local line = writer .. ' ' .. number .. ' ' .. at .. ' ' .. json
      entries[#entries + 1] = { writer = writer, number = tonumber(number), at = at, size = #json, line = line }
    end
  end
  LOGS[record.id] = newest(entries)
  put(logs, record.id, LOGS[record.id])
end
