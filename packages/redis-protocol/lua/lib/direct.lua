--- The acts that busy producers and workers consist of, for records of the plainest form, without taking them apart. Everything else takes
--- the general way, and comes to the same.
--- @use load ending

local PLAIN_NEW = STATUS.pending .. EVENT.enqueue .. '\t0\t\t\t\t'
local PLAIN_RUNNING = STATUS.running .. EVENT.claim .. '\t'
local PLAIN_ENDED = STATUS.completed .. EVENT.complete .. '\t'
local NEWLINE = 10
--- Digits of an instant, as all are from 2001 to 2286.
local INSTANT = 13
local QUEUED_FROM = #PLAIN_NEW + 1
local QUEUED_TO = #PLAIN_NEW + INSTANT

--- The instant of this call as text; empty if it has another number of digits, and then nothing goes directly.
local NOW_TEXT = ''
local NOW_DIGITS = ''

local function startDirect()
  NOW_DIGITS = string.format('%.0f', NOW)
  if #NOW_DIGITS == INSTANT then NOW_TEXT = NOW_DIGITS end
end

local function listOf(lists, key)
  local list = lists[key]
  if not list then
    list = {}
    lists[key] = list
  end
  return list
end

--- What follows the due time of a plain new record of a line: no deadline, not handed over, the line.
local function plainAfterQueued(line)
  return '\t\t\t' .. (line.name == DEFAULT_LINE and '' or line.name) .. '\t'
end

--- Before the first claim of a line.
local function startClaims(line)
  line.plain = plainAfterQueued(line)
  line.pendingOut = listOf(DIRECT.leaving, line.pending)
  line.runningIn = listOf(DIRECT.entering, line.running)
end

--- Stores a plain new record: due now, without key or deadline. `rest` is everything behind its line.
local function createDirectly(id, rest, line)
  local text = PLAIN_NEW .. NOW_DIGITS .. line.plain .. rest
  local set = DIRECT.records
  set[#set + 1] = id
  set[#set + 1] = text
  TEXTS[id] = text
end

--- Whether a stored text is that of a plain record of this line which waits to be claimed for the first time.
local function isPlainNew(text, line)
  return string.sub(text, 1, #PLAIN_NEW) == PLAIN_NEW and string.sub(text, QUEUED_TO + 1, QUEUED_TO + #line.plain) == line.plain
    and string.byte(text, -1) ~= NEWLINE
end

--- Makes a plain record running; answers its text, or nil if it is not plain.
local function claimDirectly(id, line, worker)
  local text = TEXTS[id]
  if NOW_TEXT == '' or not text or LOADED[id] ~= nil or not isPlainNew(text, line) then return nil end
  local queued = string.sub(text, QUEUED_FROM, QUEUED_TO)
  if queued > NOW_TEXT and not string.find(queued, '^%d+$') then return nil end
  local at = queued > NOW_TEXT and queued or NOW_TEXT
  local running = PLAIN_RUNNING .. '1\t' .. at .. '\t\t' .. worker .. '\t' .. string.sub(text, QUEUED_FROM)
  TEXTS[id] = running
  local set, leaving, entering = DIRECT.records, line.pendingOut, line.runningIn
  set[#set + 1] = id
  set[#set + 1] = running
  leaving[#leaving + 1] = id
  entering[#entering + 1] = at
  entering[#entering + 1] = id
  return running, at
end

--- Completes plain running records of one line and one attempt. Calls `other` with the place of each that is not plain.
local function completeDirectly(ids, shown, attempt, line, worker, other)
  local before = PLAIN_RUNNING .. attempt .. '\t'
  local holder = '\t\t' .. worker .. '\t'
  local startedTo = #before + INSTANT
  local after = PLAIN_ENDED .. attempt .. '\t'
  local set = DIRECT.records
  local leaving, entering = listOf(DIRECT.leaving, line.running), listOf(DIRECT.entering, line.completed)
  local beats = readScores(line.running, ids)
  for place, id in ipairs(ids) do
    local text, beat = TEXTS[id], beats[place]
    local newline = nil
    if NOW_TEXT ~= '' and text and beat and #beat == INSTANT and LOADED[id] == nil and string.sub(text, 1, #before) == before
      and string.sub(text, startedTo + 1, startedTo + #holder) == holder then
      newline = string.find(text, '\n', startedTo + #holder, true)
    end
    if newline and string.byte(text, newline + 1) == NEWLINE then
      local at = beat > NOW_TEXT and beat or NOW_TEXT
      local rest = startedTo + #holder + 1
      local outcome = shown[place]
      local shownEnd = after .. string.sub(text, #before + 1, startedTo) .. '\t' .. at .. '\t\t'
      if outcome == '' then
        text = shownEnd .. string.sub(text, rest)
      else
        text = shownEnd .. string.sub(text, rest, newline) .. outcome .. string.sub(text, newline + 1)
      end
      TEXTS[id] = text
      set[#set + 1] = id
      set[#set + 1] = text
      leaving[#leaving + 1] = id
      entering[#entering + 1] = at
      entering[#entering + 1] = id
      ended(id)
    else
      other(place)
    end
  end
end
