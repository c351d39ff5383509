--- Records of the plainest form, as texts that are changed without taking them apart: new ones that are due now, without key or deadline, then
--- claimed for the first time, then completed. What comes of it is the same as in the general way, which everything else takes.
--- @use record clock

local PLAIN_NEW = STATUS.pending .. EVENT.enqueue .. '\t0\t\t\t\t'
local PLAIN_RUNNING = STATUS.running .. EVENT.claim .. '\t'
local PLAIN_ENDED = STATUS.completed .. EVENT.complete .. '\t'
--- Characters of a stored id.
local ID = 22
--- Digits of an instant, as all are from 2001 to 2286.
local INSTANT = 13
local QUEUED_FROM = #PLAIN_NEW + 1
local QUEUED_TO = #PLAIN_NEW + INSTANT

--- Stored ids that stand one behind the other.
local function idsIn(joined)
  local ids = {}
  for place = 1, #joined / ID do ids[place] = string.sub(joined, (place - 1) * ID + 1, place * ID) end
  return ids
end

--- The instant of this call, as a record shows it.
local function instantText() return string.format('%.0f', NOW) end

--- What follows the due time of a plain new record of a line: no deadline, not handed over, the line.
local function plainAfterQueued(name) return '\t\t\t' .. (name == DEFAULT_LINE and '' or name) .. '\t' end

--- A plain new record. `rest` is everything behind its line.
local function plainText(instant, afterQueued, rest) return PLAIN_NEW .. instant .. afterQueued .. rest end

--- The priority with which the rest of a plain record begins.
local function priorityIn(rest) return string.match(rest, '^%-?%d*') end

--- Whether a stored text is that of a plain record of a line which waits to be claimed for the first time.
local function isPlainNew(text, afterQueued)
  return text and string.sub(text, 1, #PLAIN_NEW) == PLAIN_NEW and string.sub(text, QUEUED_TO + 1, QUEUED_TO + #afterQueued) == afterQueued
end

--- The text of a plain new record once it is claimed, and since when; nil if its due time has another form. `instant` has the usual digits.
local function claimedText(text, instant, worker)
  local queued = string.sub(text, QUEUED_FROM, QUEUED_TO)
  if queued > instant then
    if not string.find(queued, '^%d+$') then return nil end
    instant = queued
  end
  return PLAIN_RUNNING .. '1\t' .. instant .. '\t\t' .. worker .. '\t' .. string.sub(text, QUEUED_FROM), instant
end

--- What a plain running record begins with, and what follows its start.
local function plainRunning(attempt) return PLAIN_RUNNING .. attempt .. '\t' end
local function plainHolder(worker) return '\t\t' .. worker .. '\t' end

--- The text of a record once it is completed, and when; nil if it is not a plain one that this worker runs at this attempt.
local function completedText(text, beat, before, holder, instant, outcome)
  local started = #before + INSTANT
  local rest = started + #holder + 1
  if not text or not beat or #beat ~= INSTANT or string.sub(text, 1, #before) ~= before or string.sub(text, started + 1, rest - 1) ~= holder then
    return nil
  end
  local newline = string.find(text, '\n', rest - 1, true)
  if not newline or string.byte(text, newline + 1) ~= NEWLINE then return nil end
  if beat > instant then instant = beat end
  local head = PLAIN_ENDED .. string.sub(text, #PLAIN_RUNNING + 1, started) .. '\t' .. instant .. '\t\t'
  if outcome == '' then return head .. string.sub(text, rest), instant end
  return head .. string.sub(text, rest, newline) .. outcome .. string.sub(text, newline + 1), instant
end
