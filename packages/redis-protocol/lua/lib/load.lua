--- The records of this call, each read once and written once.
--- @use record plan read

--- Per id the record, once somebody asked for it; false if its text cannot be read.
local LOADED = {}
local TEXTS = {}
local ASKED = {}

--- Reads the texts of these records.
local function load(records, ids)
  local unknown = {}
  for _, id in ipairs(ids) do
    if not ASKED[id] then
      ASKED[id] = true
      unknown[#unknown + 1] = id
    end
  end
  if #unknown == 0 then return end
  CHECKED[records] = true
  for at, text in ipairs(readFields(records, unknown)) do
    if text then TEXTS[unknown[at]] = text end
  end
end

--- The record; false if its text cannot be read; nil if there is none.
local function loaded(id)
  local record = LOADED[id]
  if record ~= nil then return record end
  local text = TEXTS[id]
  if not text then return nil end
  record = parse(id, text) or false
  LOADED[id] = record
  return record
end

--- The record, with its whole header taken apart; nil if there is none or it cannot be read.
local function opened(id)
  local record = loaded(id)
  if not record then return nil end
  if open(record) then return record end
  LOADED[id] = false
  return nil
end

--- A holder that was declared dead has no heartbeat.
local DEAD = '-inf'

local function beatIn(score)
  if not score then return nil end
  local beat = tonumber(score)
  return beat == -math.huge and DEAD or beat
end

--- The heartbeats of those that run or are held. One that its index has lost counts from its start, or from when it was due.
local function loadBeats(ids)
  local asked = {}
  for _, id in ipairs(ids) do
    local record = loaded(id)
    if record and not record.beat and (record.status == STATUS.running or isHeld(record)) then
      local line = lineOf(record)
      if line then
        local key = record.status == STATUS.running and line.running or line.held
        asked[key] = asked[key] or {}
        asked[key][#asked[key] + 1] = id
      end
    end
  end
  for key, some in pairs(asked) do
    CHECKED[key] = true
    for at, score in ipairs(readScores(key, some)) do
      local record = loaded(some[at])
      record.beat = beatIn(score) or tonumber(record.started) or record.queued
    end
  end
end

--- The instant of an act: the clock's, but never before what the record already shows.
local function instantOf(record)
  local at = NOW
  if record.started ~= '' then at = math.max(at, tonumber(record.started)) end
  if record.completed ~= '' then at = math.max(at, tonumber(record.completed)) end
  if record.beat and record.beat ~= DEAD then at = math.max(at, record.beat) end
  if record.started == '' and open(record) then at = math.max(at, record.created) end
  return at
end

--- The text of a record as it is going to be.
local function textOf(record) return record.changed and build(record) or record.text end

local function storeChanges(records)
  for id, record in pairs(LOADED) do
    if record and record.changed then put(records, id, build(record)) end
  end
end
